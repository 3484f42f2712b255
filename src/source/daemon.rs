//! Images that docker and podman have: their daemons give them as `docker save` writes them, over a socket.
//!
//! Only sockets of this machine are asked. Nothing is changed there: one GET, whose answer is read as it comes.
//!
//! Spec: <https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Image/operation/ImageGet>

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Names, Request, Scheme, Snapshot, SourceError, stream};

pub(super) const DOCKER: Scheme = Scheme {
    name: "docker",
    about: "an image that docker has here, asked of its daemon",
    names: Names::Other(|_| stores(&Daemon::DOCKER)),
    read_all: None,
    recognises: |_| Ok(false),
    read: |request| read(&Daemon::DOCKER, request),
};

pub(super) const PODMAN: Scheme = Scheme {
    name: "podman",
    about: "an image that podman has here, asked of its service",
    names: Names::Other(|_| stores(&Daemon::PODMAN)),
    read_all: None,
    recognises: |_| Ok(false),
    read: |request| read(&Daemon::PODMAN, request),
};

/// How long the daemon may be silent. It packs an image before its first byte.
const SILENCE: Duration = Duration::from_secs(300);

/// No line of an answer's head is longer, and no head has more.
const LINE: u64 = 16 << 10;
const LINES: usize = 256;

/// Of an error's words.
const WORDS: u64 = 4 << 10;

struct Daemon {
    name: &'static str,
    /// The variable that says where it listens.
    variable: &'static str,
    /// How it is started, for who finds it absent.
    start: &'static str,
    /// Where it listens, below the folder that a variable names; outermost last.
    places: &'static [(Option<&'static str>, &'static str)],
}

impl Daemon {
    const DOCKER: Self = Self {
        name: "docker",
        variable: "DOCKER_HOST",
        start: "start the daemon, or set DOCKER_HOST to its socket; with `docker save` elsewhere, pipe it into `packlist scan -`",
        places: &[
            (None, "/var/run/docker.sock"),
            (Some("XDG_RUNTIME_DIR"), "docker.sock"),
            (Some("HOME"), ".docker/run/docker.sock"),
            (Some("HOME"), ".docker/desktop/docker.sock"),
        ],
    };
    const PODMAN: Self = Self {
        name: "podman",
        variable: "CONTAINER_HOST",
        start: "start its service (`podman system service`), or pipe `podman save` into `packlist scan -`",
        places: &[
            (Some("XDG_RUNTIME_DIR"), "podman/podman.sock"),
            (None, "/run/podman/podman.sock"),
            (Some("HOME"), ".local/share/containers/podman/machine/podman.sock"),
        ],
    };
}

/// Where a daemon listens.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Address {
    Socket(PathBuf),
    /// Of this machine.
    Port(String),
}

fn read(daemon: &Daemon, request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let image = request.path.to_str().unwrap_or_default();
    let failed = |reason: String, source: Option<io::Error>| SourceError::Daemon {
        daemon: daemon.name,
        reason,
        help: daemon.start,
        source,
    };
    if !is_name(image) {
        return Err(failed(format!("`{image}` is no name of an image"), None));
    }
    let (address, connection) = connect(daemon).map_err(|(reason, source)| failed(reason, source))?;
    let broken = |source| failed(format!("{} broke off", address.shown()), Some(source));
    let path = format!("/images/{}/get", escaped(image));
    let mut answer = ask(connection, &path).map_err(broken)?;
    if answer.status == 404 {
        return Err(failed(format!("{} has no image `{image}`", address.shown()), None));
    }
    if answer.status != 200 {
        let mut words = String::new();
        // What it says more is worth something only if it can be read.
        let _ = answer.body.by_ref().take(WORDS).read_to_string(&mut words);
        let reason = format!("{} answers {}: {}", address.shown(), answer.status, words.trim());
        return Err(failed(reason, None));
    }
    let named = Request { path: Path::new(image), ..*request };
    let snapshot = stream::read(answer.body.by_ref(), &named)?;
    // A cut that the tar does not show still is one.
    io::copy(&mut answer.body, &mut io::sink()).map_err(broken)?;
    Ok(snapshot)
}

/// What may stand in a path without leading elsewhere.
fn is_name(image: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@+".contains(&byte);
    !image.is_empty()
        && image.bytes().all(is_plain)
        && !image.split('/').any(|part| matches!(part, "" | "." | ".."))
}

fn escaped(image: &str) -> String {
    image.replace('+', "%2B").replace('@', "%40")
}

impl Address {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix://") {
            return Ok(Self::Socket(path.into()));
        }
        let port = text.strip_prefix("tcp://").or_else(|| text.strip_prefix("http://"));
        let port = port.map(|port| port.trim_end_matches('/')).filter(|port| {
            let host = port.rsplit_once(':').map_or("", |(host, _)| host);
            matches!(host, "localhost" | "127.0.0.1" | "[::1]")
        });
        port.map(|port| Self::Port(port.to_owned())).ok_or_else(|| {
            format!(
                "`{text}` is neither a socket (unix://) nor a port of this machine (tcp://127.0.0.1:2375)"
            )
        })
    }

    fn shown(&self) -> String {
        match self {
            Self::Socket(path) => format!("`{}`", path.display()),
            Self::Port(port) => format!("`{port}`"),
        }
    }

    fn open(&self) -> io::Result<Connection> {
        match self {
            Self::Socket(path) => socket(path),
            Self::Port(port) => {
                let mut last = io::Error::from(io::ErrorKind::NotFound);
                // The name of this machine is whatever its resolver says, and that is looked at once more.
                for address in port.to_socket_addrs()?.filter(|address| address.ip().is_loopback()) {
                    match TcpStream::connect_timeout(&address, Duration::from_secs(10)) {
                        Ok(stream) => {
                            stream.set_read_timeout(Some(SILENCE))?;
                            return Ok(Box::new(stream));
                        }
                        Err(error) => last = error,
                    }
                }
                Err(last)
            }
        }
    }
}

trait Duplex: Read + Write + Send {}
impl<T: Read + Write + Send> Duplex for T {}
type Connection = Box<dyn Duplex>;

#[cfg(unix)]
fn socket(path: &Path) -> io::Result<Connection> {
    let stream = std::os::unix::net::UnixStream::connect(path)?;
    stream.set_read_timeout(Some(SILENCE))?;
    Ok(Box::new(stream))
}

#[cfg(not(unix))]
fn socket(_: &Path) -> io::Result<Connection> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "sockets are not there on this system: set a port of it"))
}

/// Nothing is read here where a socket hands over the image; a port is asked over the network.
fn stores(daemon: &Daemon) -> Option<Vec<PathBuf>> {
    let said = env::var(daemon.variable).ok().filter(|text| !text.is_empty());
    match said.map(|text| Address::parse(&text)) {
        Some(Ok(Address::Port(_))) => None,
        _ => Some(Vec::new()),
    }
}

fn connect(daemon: &Daemon) -> Result<(Address, Connection), (String, Option<io::Error>)> {
    let said = env::var(daemon.variable).ok().filter(|text| !text.is_empty());
    if let Some(text) = said {
        let address =
            Address::parse(&text).map_err(|reason| (format!("{}: {reason}", daemon.variable), None))?;
        let opened = address.open();
        return match opened {
            Ok(connection) => Ok((address, connection)),
            Err(error) => Err((format!("{} does not answer", address.shown()), Some(error))),
        };
    }
    let mut looked = Vec::new();
    for (variable, path) in daemon.places {
        let folder = match variable {
            None => PathBuf::new(),
            Some(variable) => {
                match env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute()) {
                    Some(folder) => folder,
                    None => continue,
                }
            }
        };
        let address = Address::Socket(folder.join(path));
        match address.open() {
            Ok(connection) => return Ok((address, connection)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => looked.push(address.shown()),
            Err(error) => return Err((format!("{} cannot be asked", address.shown()), Some(error))),
        }
    }
    Err((format!("there is no socket of it: looked at {}", looked.join(", ")), None))
}

struct Answer {
    status: u16,
    body: Body,
}

/// Asks for one thing, on a connection that is closed behind it.
fn ask(mut connection: Connection, path: &str) -> io::Result<Answer> {
    write!(
        connection,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: packlist\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )?;
    connection.flush()?;
    let mut data = BufReader::with_capacity(64 << 10, connection);
    let first = line(&mut data)?;
    let status = first.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
    let status = status.ok_or_else(|| bad("it does not answer in HTTP"))?;
    let mut length = Length::ToTheEnd;
    for _ in 0..LINES {
        let line = line(&mut data)?;
        if line.is_empty() {
            return Ok(Answer { status, body: Body { data, length } });
        }
        let (name, value) = line.split_once(':').ok_or_else(|| bad("its answer's head is broken"))?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("transfer-encoding") {
            if !value.eq_ignore_ascii_case("chunked") {
                return Err(bad("its answer is in a coding that was not asked for"));
            }
            length = Length::Chunks { left: 0, is_first: true };
        } else if name.eq_ignore_ascii_case("content-length") && matches!(length, Length::ToTheEnd) {
            length = Length::Known(value.parse().map_err(|_| bad("its answer's length is no number"))?);
        }
    }
    Err(bad("its answer's head is endless"))
}

fn bad(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

fn line(data: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    data.take(LINE).read_until(b'\n', &mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Err(bad("its answer's head breaks off"));
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|_| bad("its answer's head is no text"))
}

/// How the end of a body is known.
enum Length {
    Known(u64),
    Chunks {
        left: u64,
        is_first: bool,
    },
    /// The last chunk was seen.
    Done,
    /// By the end of the connection.
    ToTheEnd,
}

struct Body {
    data: BufReader<Connection>,
    length: Length,
}

impl Body {
    /// Bytes up to the next boundary. None at the end.
    fn ready(&mut self) -> io::Result<u64> {
        if let Length::Chunks { left: 0, is_first } = self.length {
            if !is_first && !line(&mut self.data)?.is_empty() {
                return Err(bad("a chunk of its answer is not as long as it says"));
            }
            let size = line(&mut self.data)?;
            let size = size.split(';').next().unwrap_or_default().trim();
            let left =
                u64::from_str_radix(size, 16).map_err(|_| bad("a chunk of its answer has no length"))?;
            self.length = if left == 0 { Length::Done } else { Length::Chunks { left, is_first: false } };
        }
        Ok(match self.length {
            Length::Known(left) | Length::Chunks { left, .. } => left,
            Length::Done => 0,
            Length::ToTheEnd => u64::MAX,
        })
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.ready()?;
        let most = usize::try_from(ready).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.data.read(&mut buffer[..most])?;
        match &mut self.length {
            Length::Known(_) | Length::Chunks { .. } if count == 0 => {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "its answer breaks off"));
            }
            Length::Known(left) | Length::Chunks { left, .. } => *left -= count as u64,
            Length::Done | Length::ToTheEnd => {}
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A connection on which the answer is there already.
    struct Said(Cursor<Vec<u8>>);

    impl Read for Said {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn answer(said: &str) -> io::Result<(u16, String)> {
        let mut answer = ask(Box::new(Said(Cursor::new(said.as_bytes().to_vec()))), "/")?;
        let mut body = String::new();
        answer.body.read_to_string(&mut body)?;
        Ok((answer.status, body))
    }

    #[test]
    fn an_answer_ends_where_it_says() {
        let whole = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\nhello",
        ];
        for said in whole {
            assert_eq!(answer(said).expect(said), (200, "hello".to_owned()), "{said}");
        }
        let broken = [
            "",
            "HTTP/1.1 200 OK\r\n",
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
        ];
        for said in broken {
            assert!(answer(said).is_err(), "{said}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(1000));
        assert!(answer(&endless).is_err());
        let long = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "b".repeat(1 << 20));
        assert!(answer(&long).is_err());
    }

    #[test]
    fn only_this_machine_is_asked() {
        for text in ["unix:///run/x.sock", "tcp://127.0.0.1:2375", "tcp://localhost:1/", "http://[::1]:2375"]
        {
            assert!(Address::parse(text).is_ok(), "{text}");
        }
        for text in [
            "tcp://10.0.0.1:2375",
            "ssh://me@host",
            "tcp://localhost.example.org:1",
            "",
            "npipe:////./pipe/x",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        for name in ["alpine:3.20", "ghcr.io/a/b@sha256:00", "localhost:5000/x"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a b", "../containers", "a/../b", "x?y=z", "a\r\nHost: b", "a//b"] {
            assert!(!is_name(name), "{name}");
        }
    }
}

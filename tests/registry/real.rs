//! A real registry, Debian's `docker-registry`, on this machine: with TLS and a password.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

pub(crate) const USER: &str = "tester";
pub(crate) const PASSWORD: &str = "se:cret";

pub(crate) struct Real {
    pub(crate) address: String,
    folder: TempDir,
    child: Child,
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Real {
    /// `None`, and a word, where a program is missing. Where `REGISTRY_TESTS` says so, that is an error.
    pub(crate) fn start() -> Option<Self> {
        for program in ["docker-registry", "skopeo", "htpasswd", "openssl"] {
            if !is_there(program) {
                let words = format!("SKIPPED: `{program}` is not installed, so no real registry was asked");
                assert!(std::env::var_os("REGISTRY_TESTS").is_none(), "{words}");
                eprintln!("{words}");
                return None;
            }
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port")
            .port();
        let address = format!("127.0.0.1:{port}");
        fs::create_dir(folder.path().join("trust")).expect("writable");
        certificate(folder.path());
        let passwords = run(Command::new("htpasswd").args(["-nbB", USER, PASSWORD]));
        fs::write(folder.path().join("htpasswd"), passwords.trim()).expect("writable");
        let at = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: {address}, secret: x, tls: {{certificate: {}, key: {}}}}}\n\
             auth: {{htpasswd: {{realm: test, path: {}}}}}\n",
            at("storage"),
            at("trust/ca.crt"),
            at("ca.key"),
            at("htpasswd")
        );
        fs::write(folder.path().join("config.yml"), config).expect("writable");
        let child = Command::new("docker-registry")
            .args(["serve", &at("config.yml")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let real = Self { address, folder, child };
        for _ in 0..200 {
            if TcpStream::connect(&real.address).is_ok() {
                return Some(real);
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("the registry does not listen");
    }

    /// The certificate to trust.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("trust/ca.crt")
    }

    /// Copies an image in an OCI layout there, as the options of `skopeo copy` say, and gives its name.
    pub(crate) fn push(&self, layout: &Path, image: &str, how: &[&str]) -> String {
        let name = format!("{}/{image}", self.address);
        let mut command = Command::new("skopeo");
        command.args(["--insecure-policy", "copy", "--quiet", "--dest-creds", &format!("{USER}:{PASSWORD}")]);
        command.args(["--dest-cert-dir", &self.folder.path().join("trust").display().to_string()]);
        run(command.args(how).args([&format!("oci:{}", layout.display()), &format!("docker://{name}")]));
        name
    }
}

fn is_there(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

fn certificate(folder: &Path) {
    let at = |name: &str| folder.join(name).display().to_string();
    run(Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args([
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1,DNS:localhost",
            "-addext",
            "basicConstraints=CA:FALSE",
            "-keyout",
            &at("ca.key"),
            "-out",
            &at("trust/ca.crt"),
        ]));
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

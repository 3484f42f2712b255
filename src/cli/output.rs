//! `-o FORMAT[=FILE]`: what is written, and where to.

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use packlist::report::clean;

use super::failure::Failure;
use super::{console, paint, world};

/// One wish of the user: a format, and the file it goes to (standard output when there is none).
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) format: String,
    pub(super) file: Option<PathBuf>,
}

impl std::str::FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name is missing after `=`".to_owned()),
            Some((format, "-")) => (format, None),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        Ok(Self { format: format.to_owned(), file })
    }
}

/// What is written, and where to: a format found by its name, and its file.
pub(super) type Place<F> = (Option<PathBuf>, F);

/// The wishes with the formats they name; without any wish the usual format, on standard output. Told before
/// anything is read: a name that no format has, and two formats for one place.
pub(super) fn wished<F>(
    mut wishes: Vec<Wish>,
    usual: &str,
    named: impl Fn(&str) -> Result<F, Failure>,
) -> Result<Vec<Place<F>>, Failure> {
    if wishes.is_empty() {
        wishes.push(Wish { format: usual.to_owned(), file: None });
    }
    in_different_places(&wishes)?;
    wishes.into_iter().map(|wish| Ok((wish.file, named(&wish.format)?))).collect()
}

/// The format of that name.
pub(super) fn chosen<'a, F>(
    all: &'a [F],
    name_of: impl Fn(&F) -> &'static str,
    wish: &str,
) -> Result<&'a F, Failure> {
    let named = all.iter().find(|format| name_of(format) == wish);
    named.ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(&name_of).collect();
        let near = names.iter().find(|name| name.contains(wish) || wish.contains(*name));
        let hint = near.map(|name| format!("did you mean `{name}`? ")).unwrap_or_default();
        Failure::usage(
            format!("there is no format `{wish}`"),
            format!("{hint}it may be one of: {}", names.join(", ")),
        )
    })
}

/// No two formats may go to one place: the second would overwrite or follow the first.
fn in_different_places(wishes: &[Wish]) -> Result<(), Failure> {
    for (index, wish) in wishes.iter().enumerate() {
        if wishes[..index].iter().any(|other| other.file == wish.file) {
            let place = match &wish.file {
                Some(file) => format!("`{}`", file.display()),
                None => "standard output".to_owned(),
            };
            return Err(Failure::usage(
                format!("two formats are to go to {place}"),
                "give each a file of its own: -o cyclonedx-json=app.cdx.json",
            ));
        }
    }
    Ok(())
}

/// Writes a text for people: on standard output without what would steer a terminal, and with colours where they
/// are wanted.
pub(super) fn show(file: Option<&Path>, text: &str) -> Result<(), Failure> {
    if file.is_some() {
        return write(file, text);
    }
    console::wipe();
    let text = paint::painted(&clean(text), paint::follows_links(&io::stdout()));
    print(anstream::stdout().lock(), &text)
}

/// The format that is for people and short, beside those that each command has of its own.
pub(super) const SUMMARY: &str = "summary";

/// A document of a format: one for people is shown, one for programs written.
pub(super) fn put(file: Option<&Path>, format: &str, document: &str) -> Result<(), Failure> {
    if is_for_people(format) { show(file, document) } else { write(file, document) }
}

/// Formats that people read.
pub(super) fn is_for_people(format: &str) -> bool {
    matches!(format, "human" | SUMMARY | "table" | "text")
}

/// The summary beside the data: where every document went to a file, or where a person reads along.
pub(super) fn summarise(files: &[(bool, &str)], summary: impl FnOnce(usize) -> String) {
    let on_stdout = files.iter().find(|(in_file, _)| !in_file);
    let is_seen = match on_stdout {
        None => true,
        Some((_, format)) if *format == SUMMARY => false,
        Some((_, format)) => {
            is_for_people(format) && io::stdout().is_terminal() && io::stderr().is_terminal()
        }
    };
    if is_seen && !console::is_quiet() {
        let text =
            paint::painted(&clean(&summary(world::error_width())), paint::follows_links(&io::stderr()));
        let gap = if on_stdout.is_some() { "\n" } else { "" };
        console::say(&format!("{gap}{}", text.trim_end()));
    }
}

fn print(mut out: impl Write, text: &str) -> Result<(), Failure> {
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|source| Failure::Output { path: PathBuf::from("standard output"), source })
}

/// Writes a document: the whole of it, or nothing. On a terminal nothing in it steers.
pub(super) fn write(file: Option<&Path>, document: &str) -> Result<(), Failure> {
    match file {
        None => {
            console::wipe();
            let cleaned = io::stdout().is_terminal().then(|| clean(document));
            print(io::stdout().lock(), cleaned.as_deref().unwrap_or(document))
        }
        Some(path) => write_file(path, document.as_bytes())
            .map_err(|source| Failure::Output { path: path.to_owned(), source }),
    }
}

/// A regular file is replaced by renaming a whole new one over it, so that a full disk or an interrupted run
/// leaves the old one as it was. Pipes and devices are written to as they are.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = match fs::canonicalize(path) {
        Ok(real) if real.is_file() => real,
        Ok(special) => return fs::write(special, bytes),
        Err(_) => path.to_owned(),
    };
    let beside = beside(&path);
    let written = fs::File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&beside, &path));
    if placed.is_err() {
        // What is left of the new file helps nobody; the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    placed
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

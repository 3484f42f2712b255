//! What comes on standard input: an image, an archive or an SBOM, read once as it passes.

use std::io::{Cursor, Read, Stdin, stdin};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use packlist::bom::Bom;
use packlist::layers::Wanted;
use packlist::reader;
use packlist::source::{self, Options, Snapshot};

use super::failure::Failure;
use super::input::MAX_DOCUMENT;

/// What it is called in messages.
const NAME: &str = "standard input";

/// Before the name of one of several images.
const SCHEME: &str = "stdin:";

/// As much as tells an SBOM.
const HEAD: u64 = 64 << 10;

pub(super) struct Passing<'a> {
    head: Vec<u8>,
    rest: Stdin,
    /// Which of several images is meant.
    image: Option<&'a str>,
}

/// Standard input, where `reference` is `-` or begins with `stdin:`.
pub(super) fn opened(reference: &str) -> Result<Option<Passing<'_>>, Failure> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    if !is_named(reference) {
        return Ok(None);
    }
    let image = reference.strip_prefix(SCHEME).filter(|image| !image.is_empty());
    if TAKEN.swap(true, Ordering::Relaxed) {
        return Err(Failure::usage(
            "standard input is named twice, and can be read once",
            "write one of the two to a file, and name that",
        ));
    }
    let mut head = Vec::new();
    let read = stdin().take(HEAD).read_to_end(&mut head);
    read.map_err(|source| Failure::File { path: PathBuf::from(NAME), source })?;
    Ok(Some(Passing { head, rest: stdin(), image }))
}

/// Whether standard input is meant. It is open already, and needs no right to be read.
pub(super) fn is_named(reference: &str) -> bool {
    reference == "-" || reference.starts_with(SCHEME)
}

impl Passing<'_> {
    /// No image is JSON, whatever else it may be.
    pub(super) fn is_document(&self) -> bool {
        let is_json = self.head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        is_json || reader::recognises(&self.head)
    }

    pub(super) fn document(self) -> Result<Bom, Failure> {
        let data = Cursor::new(self.head).chain(self.rest);
        let bom = reader::read_from(data.take(MAX_DOCUMENT));
        bom.map_err(|source| Failure::Read { path: PathBuf::from(NAME), source })
    }

    pub(super) fn subject(self, wanted: &Wanted, options: &Options) -> Result<Snapshot, Failure> {
        let data = Cursor::new(self.head).chain(self.rest);
        Ok(source::read_stream(data, NAME, self.image, wanted, options)?)
    }
}

//! What a source tells of its way while it reads: for a person who waits. Nothing that is read depends on it.

use std::fmt;
use std::io::{self, Read};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A part will be read: a layer, or a folder with all in it. Told of every part before the first is read.
    Planned {
        /// Which, from 0.
        part: usize,
        /// A digest, or a path: the word of whoever made it.
        name: &'a str,
        /// How many bytes it has as it lies there, packed. Absent where nobody knows before the end.
        bytes: Option<u64>,
    },
    /// So many more bytes of it were read. Of a part that has to be read twice there are more than planned.
    Advanced { part: usize, bytes: u64 },
    /// So many more files and folders were found in it.
    Found { part: usize, entries: usize },
    /// It is done.
    Ended { part: usize, how: Ended },
}

/// How a part came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was read.
    Read,
    /// It was met in an earlier run, and what was kept of it served.
    Kept,
}

/// Somebody who listens.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use packlist::inventory::{self, ecosystems};
/// use packlist::source::{self, Event, Options, Progress};
///
/// #[derive(Debug, Default)]
/// struct Files(AtomicUsize);
///
/// impl Progress for Files {
///     fn tell(&self, event: Event<'_>) {
///         if let Event::Found { entries, .. } = event {
///             self.0.fetch_add(entries, Ordering::Relaxed);
///         }
///     }
/// }
///
/// let files = Arc::new(Files::default());
/// let options = Options { progress: Some(files.clone()), ..Options::default() };
/// source::read("tests/fixtures/node-app", &inventory::wanted(ecosystems::ALL), &options)?;
/// assert!(files.0.load(Ordering::Relaxed) > 50);
/// # Ok::<(), source::SourceError>(())
/// ```
/// Called from several threads at once, some thousand times a second at most.
pub trait Progress: fmt::Debug + Send + Sync {
    fn tell(&self, event: Event<'_>);
}

/// Tells how much was read through it.
pub(super) struct Told<'a, R> {
    pub(super) data: R,
    pub(super) part: usize,
    pub(super) progress: Option<&'a dyn Progress>,
}

/// Tells that so many more bytes of a part were read.
pub(super) fn advanced(progress: Option<&dyn Progress>, part: usize, bytes: u64) {
    if let Some(progress) = progress {
        progress.tell(Event::Advanced { part, bytes });
    }
}

impl<R: Read> Read for Told<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.data.read(buffer)?;
        advanced(self.progress, self.part, length as u64);
        Ok(length)
    }
}

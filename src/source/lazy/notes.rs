//! How layers were read of which only parts were to be fetched, for a person who asked for that.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Parts, Whole};

/// What is to be told, from several threads.
#[derive(Default)]
pub(in crate::source) struct Notes(Mutex<BTreeMap<usize, Note>>);

enum Note {
    Parts { fetched: u64, size: u64 },
    Whole(String),
}

impl Notes {
    /// Notes how a layer was read, and gives what belongs into the bill.
    pub(in crate::source) fn of(
        &self,
        index: usize,
        size: u64,
        read: &Result<Parts, Whole>,
    ) -> Option<String> {
        let (note, gap) = match read {
            Ok(parts) => {
                let gap = "was read in parts by its table of contents: its own digests are not verified";
                (Note::Parts { fetched: parts.fetched, size }, Some(gap.to_owned()))
            }
            Err(Whole::Plain(reason)) => (Note::Whole(reason.to_string()), None),
            Err(Whole::Lies(reason)) => {
                let gap = "was read whole, and who reads it in parts may get something else";
                (Note::Whole(reason.clone()), Some(format!("{gap}: {reason}")))
            }
        };
        // Nothing is done under the lock that could leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(index, note);
        gap
    }

    /// One line of what was saved, and one for each reason not to.
    pub(in crate::source) fn lines(self) -> Vec<String> {
        let notes = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (mut parts, mut fetched, mut bytes) = (0, 0_u64, 0_u64);
        let mut whole: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (index, note) in &notes {
            match note {
                Note::Parts { fetched: some, size } => {
                    parts += 1;
                    fetched = fetched.saturating_add(*some);
                    bytes = bytes.saturating_add(*size);
                }
                Note::Whole(reason) => whole.entry(reason).or_default().push(index.to_string()),
            }
        }
        let saved = (parts > 0).then(|| {
            let count = notes.len();
            format!("of {parts} of {count} layers only parts were fetched, {fetched} of {bytes} bytes")
        });
        let reasons = whole.iter().map(|(reason, layers)| {
            let word = if layers.len() == 1 { "layer" } else { "layers" };
            format!("{word} {} fetched whole: {reason}", layers.join(", "))
        });
        saved.into_iter().chain(reasons).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Extract;

    #[test]
    fn layers_are_told_by_what_became_of_them() {
        let notes = Notes::default();
        let whole = |reason: &'static str| Err(Whole::Plain(reason.into()));
        assert_eq!(notes.of(3, 9, &whole("it is small")), None);
        assert_eq!(notes.of(0, 9, &whole("it is small")), None);
        let parts = Ok(Parts { extract: Extract::default(), fetched: 10 });
        assert!(notes.of(1, 100, &parts).is_some_and(|gap| gap.contains("not verified")));
        let lies = Err(Whole::Lies("no".to_owned()));
        assert!(notes.of(2, 100, &lies).is_some_and(|gap| gap.ends_with("something else: no")));
        let expected = [
            "of 1 of 4 layers only parts were fetched, 10 of 100 bytes",
            "layers 0, 3 fetched whole: it is small",
            "layer 2 fetched whole: no",
        ];
        assert_eq!(notes.lines(), expected);
        assert_eq!(Notes::default().lines(), [""; 0]);
    }
}

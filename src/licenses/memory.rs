//! What was worked out for a text already: an image holds one licence file hundreds of times.
//!
//! Nothing that is asked twice is answered differently, so this can be seen by its speed only.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

/// Answers kept; further ones are worked out anew each time.
const MOST: usize = 32_768;

/// Answers by the digest of what was asked.
pub(super) struct Memory<T>(Mutex<Option<Answers<T>>>);

struct Answers<T> {
    /// Each with whether it was asked for.
    known: HashMap<[u8; 32], (T, bool)>,
    /// How many of them were given, and not worked out.
    given: usize,
}

impl<T> Default for Answers<T> {
    fn default() -> Self {
        Self { known: HashMap::new(), given: 0 }
    }
}

impl<T: Clone> Memory<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The answer for a text, worked out where it is not known.
    pub(super) fn recall(&self, text: &str, work: impl FnOnce() -> T) -> T {
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        if let Some((answer, is_asked)) =
            self.lock().as_mut().and_then(|answers| answers.known.get_mut(&digest))
        {
            *is_asked = true;
            return answer.clone();
        }
        // Not under the lock: others may ask meanwhile.
        let answer = work();
        let mut known = self.lock();
        let answers = &mut known.get_or_insert_default().known;
        if answers.len() < MOST {
            answers.insert(digest, (answer.clone(), true));
        }
        answer
    }

    /// Whether anything was worked out.
    pub(super) fn has_new(&self) -> bool {
        self.lock().as_ref().is_some_and(|answers| answers.known.len() > answers.given)
    }

    /// All answers, in order of what was asked. Where they become many, those that nobody asked for are left out.
    pub(super) fn all(&self) -> Vec<([u8; 32], T)> {
        let known = self.lock();
        let all = known.iter().flat_map(|answers| {
            let are_many = answers.known.len() > MOST / 2;
            answers.known.iter().filter(move |(_, (_, is_asked))| *is_asked || !are_many)
        });
        let mut all: Vec<_> = all.map(|(asked, (answer, _))| (*asked, answer.clone())).collect();
        all.sort_unstable_by_key(|(asked, _)| *asked);
        all
    }

    /// Takes over answers that were worked out before.
    pub(super) fn take_over(&self, given: Vec<([u8; 32], T)>) {
        let mut known = self.lock();
        let answers = known.get_or_insert_default();
        let room = MOST.saturating_sub(answers.known.len());
        let before = answers.known.len();
        for (asked, answer) in given.into_iter().take(room) {
            answers.known.entry(asked).or_insert((answer, false));
        }
        answers.given += answers.known.len() - before;
    }

    /// Whoever panics with it has put nothing into disorder.
    fn lock(&self) -> MutexGuard<'_, Option<Answers<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_worked_out_once() {
        let memory = Memory::new();
        let mut worked = 0;
        for text in ["a", "b", "a", "a"] {
            let length = memory.recall(text, || {
                worked += 1;
                text.len()
            });
            assert_eq!(length, 1);
        }
        assert_eq!(worked, 2);
    }

    #[test]
    fn what_is_given_is_not_worked_out_and_not_new() {
        let (one, other) = (Memory::new(), Memory::new());
        assert_eq!(one.recall("a", || 1), 1);
        assert!(one.has_new() && !other.has_new());
        other.take_over(one.all());
        assert_eq!(other.recall("a", || 2), 1);
        assert!(!other.has_new());
        assert_eq!(other.recall("b", || 2), 2);
        assert!(other.has_new());
    }
}

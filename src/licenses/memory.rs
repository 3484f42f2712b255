//! What was worked out for a text already: an image holds one licence file hundreds of times.
//!
//! Nothing that is asked twice is answered differently, so this can be seen by its speed only.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// Answers kept; further ones are worked out anew each time.
const MOST: usize = 8192;

/// Answers by the digest of what was asked.
pub(super) struct Memory<T>(Mutex<Option<HashMap<[u8; 32], T>>>);

impl<T: Clone> Memory<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The answer for a text, worked out where it is not known.
    pub(super) fn recall(&self, text: &str, work: impl FnOnce() -> T) -> T {
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known().as_ref().and_then(|answers| answers.get(&digest)) {
            return answer.clone();
        }
        // Not under the lock: others may ask meanwhile.
        let answer = work();
        let mut known = known();
        let answers = known.get_or_insert_default();
        if answers.len() < MOST {
            answers.insert(digest, answer.clone());
        }
        answer
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
}

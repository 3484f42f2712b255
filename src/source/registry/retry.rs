//! When a question is asked again, and after how long.
//!
//! Spec: <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>

use std::io;
use std::time::Duration;

use crate::source::HttpError;

/// How often one question is asked.
const TRIES: u32 = 4;
const FIRST: Duration = Duration::from_millis(400);
/// Who is told to wait for longer is told so, and may decide.
const LONGEST: u64 = 30;

/// The pauses between tries of one question: each twice as long as the one before.
#[derive(Default)]
pub(super) struct Pauses {
    made: u32,
}

impl Pauses {
    /// How long to wait before the next try, at least as long as the other side asks; `None` when it is enough.
    pub(super) fn next(&mut self, asked: Option<&str>) -> Option<Duration> {
        if self.made + 1 >= TRIES {
            return None;
        }
        let own = FIRST * 2_u32.pow(self.made);
        self.made += 1;
        match asked.map(|text| text.trim().parse::<u64>()) {
            Some(Ok(seconds)) if seconds <= LONGEST => Some(Duration::from_secs(seconds).max(own)),
            Some(Ok(_)) => None,
            // A date, which would have to be compared with a clock of our own.
            Some(Err(_)) | None => Some(own),
        }
    }
}

/// Whether the same question may have an answer a moment later.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// Whether it was the way to the other side that failed, and not the other side.
pub(super) fn is_of_the_way(error: &HttpError) -> bool {
    let HttpError::Unreachable { source, .. } = error else { return false };
    match &**source {
        ureq::Error::Timeout(_) => true,
        ureq::Error::Io(error) => matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof
                | io::ErrorKind::TimedOut
        ),
        // A connection that was kept and is closed by now, or an answer that ended before it began.
        ureq::Error::Protocol(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut pauses = Pauses::default();
        let all: Vec<_> = std::iter::from_fn(|| pauses.next(None)).collect();
        assert_eq!(all, [FIRST, FIRST * 2, FIRST * 4]);
    }

    #[test]
    fn who_asks_for_a_pause_gets_it_unless_it_is_too_long() {
        let next = |asked| Pauses::default().next(Some(asked));
        assert_eq!(next("2"), Some(Duration::from_secs(2)));
        assert_eq!(next("0"), Some(FIRST));
        assert_eq!(next("3600"), None);
        assert_eq!(next("Fri, 31 Dec 1999 23:59:59 GMT"), Some(FIRST));
    }
}

//! Numbers inside versions: of any length, because people put dates, hashes and counters there.

/// A run of decimal digits, ordered by its value. Leading zeros do not count, and no digits at all are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number<'a> {
    // Of two numbers without leading zeros the one with more digits is the greater.
    length: usize,
    digits: &'a str,
}

impl<'a> Number<'a> {
    pub(super) const ZERO: Number<'static> = Number { length: 0, digits: "" };

    pub(super) fn of(digits: &'a str) -> Self {
        let digits = digits.trim_start_matches('0');
        Self { length: digits.len(), digits }
    }

    pub(super) fn is_zero(self) -> bool {
        self.length == 0
    }

    /// The value, as far as 64 bits hold it.
    pub(super) fn value(self) -> u64 {
        if self.is_zero() { 0 } else { self.digits.parse().unwrap_or(u64::MAX) }
    }
}

/// What `accepted` takes from the front, and the rest.
pub(super) fn split(text: &str, accepted: fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !accepted(c)).unwrap_or(text.len());
    text.split_at(end)
}

pub(super) fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

pub(super) fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
}

/// The digits at the front, and the rest.
pub(super) fn take_digits(text: &str) -> (&str, &str) {
    split(text, is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_value_however_long_they_are() {
        assert!(Number::of("9") < Number::of("10"));
        assert_eq!(Number::of("007"), Number::of("7"));
        assert_eq!(Number::of("000"), Number::ZERO);
        assert!(Number::of("99999999999999999999") < Number::of("100000000000000000000"));
        assert_eq!(Number::of("99999999999999999999").value(), u64::MAX);
    }
}

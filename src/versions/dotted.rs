//! Order of versions that are only numbers: R's (CRAN) and Haskell's (Hackage).
//!
//! Every number counts: `1.0.0` comes after `1.0`.
//! Specs: <https://cran.r-project.org/doc/manuals/R-exts.html#The-DESCRIPTION-file>, <https://pvp.haskell.org>

use std::cmp::Ordering;

use super::number::{Number, take_digits};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(numbers(a.trim())?.cmp(&numbers(b.trim())?))
}

fn numbers(version: &str) -> Option<Vec<Number<'_>>> {
    version
        .split(['.', '-'])
        .map(|part| match take_digits(part) {
            (digits, "") if !digits.is_empty() => Some(Number::of(digits)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_unordered};

    #[test]
    fn versions_of_numbers() {
        check("cran", "0.01.0 = 0.1-0\n0.1-1 < 0.1-4 < 0.1.10\n0.3.2 < 0.3.2.0 < 0.3.3.0\n0.9 < 0.75");
        check("hackage", "0.1.26.0 < 1.0 < 1.0.0 < 1.1");
        check_unordered("cran", "1.0-rc", "1.0");
    }
}

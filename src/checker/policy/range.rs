//! Version ranges of policies: `>=5, <6`, `=1.2.3`; a comma means "and".

use std::cmp::Ordering;

use crate::versions;

/// Versions. All conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    written: String,
    conditions: Vec<(Operator, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Longer ones first, so that `>=` is not read as `>`.
const OPERATORS: &[(&str, Operator)] = &[
    (">=", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("!=", Operator::Unequal),
    ("==", Operator::Equal),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
];

impl Range {
    /// # Errors
    /// Says which part is no condition.
    pub(super) fn parse(written: &str) -> Result<Self, String> {
        let conditions = written.split(',').map(str::trim).map(condition).collect::<Result<_, _>>()?;
        Ok(Self { written: written.to_owned(), conditions })
    }

    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether a version is in it, by the order of the purl type's ecosystem. A component without version, or
    /// with one that nobody can order, is in no range.
    pub(crate) fn contains(&self, ty: &str, version: Option<&str>) -> bool {
        let Some(version) = version else { return false };
        self.conditions.iter().all(|(operator, bound)| {
            let Some(order) = compare(ty, version, bound) else { return *operator == Operator::Unequal };
            match operator {
                Operator::Equal => order == Ordering::Equal,
                Operator::Unequal => order != Ordering::Equal,
                Operator::Less => order == Ordering::Less,
                Operator::LessOrEqual => order != Ordering::Greater,
                Operator::Greater => order == Ordering::Greater,
                Operator::GreaterOrEqual => order != Ordering::Less,
            }
        })
    }
}

fn condition(text: &str) -> Result<(Operator, String), String> {
    let found =
        OPERATORS.iter().find_map(|(sign, operator)| Some((*operator, text.strip_prefix(sign)?.trim())));
    let (operator, version) = match found {
        Some(found) => found,
        None if text.starts_with(|first: char| first.is_ascii_alphanumeric()) => (Operator::Equal, text),
        None => return Err(format!("`{text}` is no condition on a version; write as `>=5, <6`")),
    };
    if version.is_empty() || version.contains(char::is_whitespace) || version.contains('*') {
        return Err(format!("`{text}` names no version; write as `>=5, <6`"));
    }
    Ok((operator, version.to_owned()))
}

/// By the ecosystem's rules, and where those know no such version (`5` is none to semver) by the common ones.
fn compare(ty: &str, one: &str, other: &str) -> Option<Ordering> {
    if one == other {
        return Some(Ordering::Equal);
    }
    versions::compare(ty, one, other).or_else(|| versions::compare("generic", one, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(ty: &str, range: &str, version: &str) -> bool {
        Range::parse(range).expect("a range").contains(ty, Some(version))
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert!(holds("pypi", ">=5, <6", "5.10.1"));
        assert!(!holds("pypi", ">=5, <6", "6.0"));
        assert!(holds("npm", ">=5, <6", "5.10.1"));
        assert!(holds("npm", "=1.2.3", "1.2.3"));
        assert!(holds("golang", "1.2.3", "v1.2.3"));
        assert!(holds("generic", "!=2", "3"));
    }

    #[test]
    fn the_ecosystem_says_what_comes_first() {
        assert!(holds("deb", ">2.0", "1:1.0"));
        assert!(holds("deb", "<2.0", "2.0~beta"));
        assert!(holds("npm", "<2.0.0", "2.0.0-rc1"));
        assert!(holds("deb", ">2.0", "2.0-1"));
    }

    #[test]
    fn no_version_is_in_no_range() {
        assert!(!Range::parse(">=0").expect("a range").contains("npm", None));
    }

    #[test]
    fn what_is_no_range_says_why() {
        assert!(Range::parse("").is_err());
        assert!(Range::parse("^1.2").is_err());
        assert!(Range::parse(">=").is_err());
        assert!(Range::parse("1.*").is_err());
        assert!(Range::parse(">=1,").is_err());
    }
}

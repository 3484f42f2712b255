//! What a Debian package says of others: names, architectures, versions, alternatives.
//!
//! Spec: <https://www.debian.org/doc/debian-policy/ch-relationships.html>

use std::cmp::Ordering;

/// One alternative of a relation: `libc6:any (>= 2.36)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relation<'a> {
    pub(super) name: &'a str,
    /// `any`, `native` or an architecture.
    pub(super) architecture: Option<&'a str>,
    /// Operator and version.
    pub(super) version: Option<(&'a str, &'a str)>,
}

impl<'a> Relation<'a> {
    /// Restrictions to architectures `[amd64]` and build profiles `<!nocheck>` are of source packages, and
    /// passed over.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| c.is_whitespace() || "([<".contains(c)).unwrap_or(text.len());
        let (name, architecture) = match text[..end].split_once(':') {
            Some((name, architecture)) => (name, Some(architecture)),
            None => (&text[..end], None),
        };
        let rest = text[end..].trim_start();
        let version = rest.strip_prefix('(').and_then(|rest| constraint(rest.split(')').next()?));
        (!name.is_empty()).then_some(Self { name, architecture, version })
    }

    /// Whether a package or a provided name of this version will do. A provided name without a version does
    /// only where none is asked for.
    pub(super) fn accepts(&self, version: Option<&str>) -> bool {
        let Some((operator, wanted)) = self.version else { return true };
        let Some(version) = version else { return false };
        let order = compare(version, wanted);
        match operator {
            "=" => order == Ordering::Equal,
            "<<" => order == Ordering::Less,
            ">>" => order == Ordering::Greater,
            // A single `<` or `>` is old, and means "or equal".
            "<=" | "<" => order != Ordering::Greater,
            ">=" | ">" => order != Ordering::Less,
            _ => true,
        }
    }
}

fn constraint(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let end = text.find(|c| !matches!(c, '<' | '>' | '='))?;
    let (operator, version) = (&text[..end], text[end..].trim());
    (!operator.is_empty() && !version.is_empty()).then_some((operator, version))
}

/// A field's relations, each a list of alternatives.
pub(super) fn relations(field: &str) -> impl Iterator<Item = Vec<Relation<'_>>> {
    field.split(',').map(|relation| relation.split('|').filter_map(Relation::parse).collect())
}

/// dpkg's order of versions: epoch, upstream version, revision.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (one_epoch, one) = epoch(one);
    let (other_epoch, other) = epoch(other);
    let (one_upstream, one_revision) = one.rsplit_once('-').unwrap_or((one, ""));
    let (other_upstream, other_revision) = other.rsplit_once('-').unwrap_or((other, ""));
    number(one_epoch, other_epoch)
        .then_with(|| part(one_upstream, other_upstream))
        .then_with(|| part(one_revision, other_revision))
}

fn epoch(version: &str) -> (&str, &str) {
    version.split_once(':').unwrap_or(("", version))
}

/// Texts without digits and numbers in turn.
fn part(mut one: &str, mut other: &str) -> Ordering {
    while !one.is_empty() || !other.is_empty() {
        let (one_text, other_text) = (split(one, false), split(other, false));
        let (one_digits, other_digits) = (split(one_text.1, true), split(other_text.1, true));
        let order = text(one_text.0, other_text.0).then_with(|| number(one_digits.0, other_digits.0));
        if order != Ordering::Equal {
            return order;
        }
        (one, other) = (one_digits.1, other_digits.1);
    }
    Ordering::Equal
}

fn split(text: &str, digits: bool) -> (&str, &str) {
    text.split_at(text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len()))
}

/// Numbers of any length.
fn number(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// `~` sorts before the end, letters after it, everything else after letters.
fn text(one: &str, other: &str) -> Ordering {
    let weight = |byte: Option<u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(byte),
        Some(byte) => i32::from(byte) + 256,
    };
    let (one, other) = (one.as_bytes(), other.as_bytes());
    (0..one.len().max(other.len()))
        .map(|index| weight(one.get(index).copied()).cmp(&weight(other.get(index).copied())))
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order is that of `dpkg --compare-versions`.
    #[test]
    fn versions_are_in_dpkgs_order() {
        let ordered = [
            "0~~",
            "0~~a",
            "0~",
            "0",
            "0.1",
            "1.0~rc1-1",
            "1.0-1",
            "1.0-1+b1",
            "1.0-1.1",
            "1.0-10",
            "1.0a-1",
            "1.0+dfsg-1",
            "1.2",
            "1.10",
            "1:0",
            "2:0.1-1",
            "10:0",
        ];
        for pair in ordered.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(compare("1.0", "1.00-0"), Ordering::Equal);
        assert_eq!(compare("0:1", "1"), Ordering::Equal);
    }

    #[test]
    fn a_relation_has_a_name_an_architecture_and_a_version() {
        let relation = Relation::parse(" python3:any\n (>=3.9~) [amd64]").expect("a relation");
        assert_eq!(
            relation,
            Relation { name: "python3", architecture: Some("any"), version: Some((">=", "3.9~")) }
        );
        assert!(relation.accepts(Some("3.9-1")) && !relation.accepts(Some("3.8")) && !relation.accepts(None));
        assert!(Relation::parse("virtual").expect("a relation").accepts(None));
    }

    #[test]
    fn rubbish_is_no_relation_and_no_panic() {
        assert_eq!(Relation::parse("   "), None);
        assert_eq!(Relation::parse("(>= 1)"), None);
        let relation = Relation::parse("x (?? 1").expect("a name");
        assert_eq!((relation.name, relation.version), ("x", None));
        assert_eq!(
            relations("a | | b,, ").map(|alternatives| alternatives.len()).collect::<Vec<_>>(),
            [2, 0, 0]
        );
        assert_eq!(compare("é~", "é"), Ordering::Less);
    }
}

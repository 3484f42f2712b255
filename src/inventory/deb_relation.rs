//! What a Debian package says of others: names, architectures, versions, alternatives.
//!
//! Spec: <https://www.debian.org/doc/debian-policy/ch-relationships.html>

use std::cmp::Ordering;

use crate::versions::compare;

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
        let Some(order) = compare("deb", version, wanted) else { return true };
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

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}

//! Licence claims as files make them: the words kept, the meaning beside them.

use crate::bom::{Basis, LicenseClaim};
use crate::licenses::{Dialect, Expression, read};

/// What a package's own metadata says of its licence. Empty words are no claim.
pub(super) fn declared(text: &str, dialect: Dialect) -> Option<LicenseClaim> {
    let text = text.trim();
    (!text.is_empty()).then(|| LicenseClaim {
        text: text.to_owned(),
        expression: read(text, dialect),
        basis: Basis::Declared,
        path: None,
        line: None,
    })
}

/// Several licences of which one may be chosen, each as written.
pub(super) fn choice(names: &[&str], dialect: Dialect) -> Option<LicenseClaim> {
    let names: Vec<&str> = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
    let [_, _, ..] = names.as_slice() else { return declared(names.first()?, dialect) };
    let text = names.join(" OR ");
    // Each is read for itself: joined, a name of several words might be read as something else.
    let each: Option<Vec<Expression>> = names.iter().map(|name| read(name, dialect)).collect();
    let expression = each.and_then(Expression::any_of).or_else(|| read(&text, dialect));
    Some(LicenseClaim { text, expression, basis: Basis::Declared, path: None, line: None })
}

//! Licence claims as files make them: the words kept, the meaning beside them.

use crate::bom::{Basis, LicenseClaim};
use crate::licenses::{Dialect, Expression, concluded, detect, read};

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

/// What the licence file that lies beside a package holds: one claim for all of it. Empty where no licence is
/// recognised in it.
pub(super) fn detected(path: &str, text: &str) -> Vec<LicenseClaim> {
    let found = detect(text);
    let Some(expression) = concluded(&found, text) else { return Vec::new() };
    let start = found.first().map_or(0, |found| found.bytes.start);
    let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
    vec![LicenseClaim {
        text: expression.to_string(),
        expression: Some(expression),
        basis: Basis::Detected,
        path: Some(path.to_owned()),
        line: u32::try_from(line).ok(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_file_is_one_claim() {
        let claims = detected("node_modules/x/LICENSE", "x\n\nSPDX-License-Identifier: MIT OR ISC\n");
        assert_eq!(claims.len(), 1);
        assert_eq!((claims[0].text.as_str(), claims[0].line), ("MIT OR ISC", Some(3)));
        assert_eq!(detected("LICENSE", "ask us"), []);
    }
}

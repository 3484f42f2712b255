//! Licence claims as files make them: the words kept, the meaning beside them.

use crate::bom::{Basis, LicenseClaim};
use crate::licenses::{Dialect, read};

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

//! The licence of a Debian package: in no database, but in the `copyright` file of its documentation, whose
//! folder is often a link to a sibling's.
//!
//! Spec: <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>

use crate::bom::{Basis, LicenseClaim};
use crate::layers::Tree;
use crate::licenses::read_copyright;

/// What the package's `copyright` file says, in the root file system at `root`.
pub(super) fn claim(tree: &Tree, root: &str, package: &str) -> Option<LicenseClaim> {
    let path = format!("{root}usr/share/doc/{package}/copyright");
    let statement = read_copyright(&String::from_utf8_lossy(tree.read(&path)?)).statement()?;
    Some(LicenseClaim {
        text: statement.text,
        expression: statement.expression,
        basis: if statement.is_detected { Basis::Detected } else { Basis::Declared },
        path: Some(path),
        line: Some(statement.line),
    })
}

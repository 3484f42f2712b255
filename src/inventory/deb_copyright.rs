//! The licence of a Debian package: in no database, but in the `copyright` file of its documentation, whose
//! folder is often a link to a sibling's.
//!
//! Spec: <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>

use super::Package;
use crate::bom::{Basis, LicenseClaim};
use crate::layers::Tree;
use crate::licenses::{copyright_statement, copyright_summary};

/// Adds what the package's `copyright` file says, in the root file system at `root`.
pub(super) fn claim(package: &mut Package, tree: &Tree, root: &str) {
    let name = package.component.name.clone();
    claim_of(package, &name, tree, root);
}

/// Adds what the `copyright` file of another package says, of the same source.
pub(super) fn claim_of(package: &mut Package, name: &str, tree: &Tree, root: &str) {
    let path = format!("{root}usr/share/doc/{name}/copyright");
    let Some(bytes) = tree.read(&path) else { return };
    let text = String::from_utf8_lossy(bytes);
    package.component.copyright = copyright_summary([&*text].into_iter());
    let Some(statement) = copyright_statement(&text) else { return };
    package.license_texts.extend(statement.texts);
    package.component.licenses.push(LicenseClaim {
        text: statement.text,
        expression: statement.expression,
        basis: if statement.is_detected { Basis::Detected } else { Basis::Declared },
        path: Some(path),
        line: Some(statement.line),
    });
}

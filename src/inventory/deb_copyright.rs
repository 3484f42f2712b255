//! The licence of a Debian package: in no database, but in the `copyright` file of its documentation, whose
//! folder is often a link to a sibling's.
//!
//! Spec: <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>

use super::Package;
use super::ecosystem::as_text;
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
    let text = as_text(bytes);
    package.component.copyright = copyright_summary([&*text].into_iter());
    package.component.source = source(&text).map(str::to_owned);
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

/// The first address in the `Source:` field of the file's first paragraph, which says where upstream's source is from.
fn source(text: &str) -> Option<&str> {
    if !text.starts_with("Format") {
        return None;
    }
    let mut lines = text.lines().take_while(|line| !line.trim().is_empty());
    let first = lines.find_map(|line| line.strip_prefix("Source:"))?;
    let more = lines.take_while(|line| line.starts_with([' ', '\t']));
    let mut words = std::iter::once(first).chain(more).flat_map(str::split_whitespace);
    let word = words.find(|word| {
        let schemes = ["https://", "http://", "git://", "ftp://"];
        schemes.iter().any(|scheme| word.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
    })?;
    Some(word.trim_end_matches([',', ';', '.', ')', '>']))
}

#[cfg(test)]
mod tests {
    use super::source;

    #[test]
    fn the_first_paragraph_says_where_the_source_is_from() {
        let format = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";
        let check =
            |rest: &str, expected: Option<&str>| assert_eq!(source(&format!("{format}{rest}")), expected);
        check("Source: https://www.openssl.org\n\nFiles: *\n", Some("https://www.openssl.org"));
        check("Source:\n See <x> or\n ftp://ftp.example.org/x, please\n", Some("ftp://ftp.example.org/x"));
        check("Source: ftp.gnu.org:/pub/gnu/bash\nComment: https://example.org\n", None);
        check("\nFiles: *\nSource: https://example.org\n", None);
        assert_eq!(source("It was downloaded from\nSource: https://example.org\n"), None);
    }
}

//! Homebrew's cellar: a receipt for each installed formula.
//!
//! The folders name formula and version, `Cellar/openssl@3/3.3.1`; the receipt says which tap it is from, what
//! it needs at run time and whether somebody asked for it.
//! Spec: <https://docs.brew.sh/rubydoc/Tab.html>

use serde::Deserialize;

use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problems, nothing_beside};
use crate::bom::{Component, Purl};
use crate::layers::{Tree, parent};

/// The tap of formulae that need not be named.
const CORE: &str = "homebrew/core";

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "homebrew",
    about: "formulae installed by Homebrew",
    reads: &["**/Cellar/*/*/INSTALL_RECEIPT.json"],
    beside: &[],
    spec: "https://docs.brew.sh/rubydoc/Tab.html",
    parse,
    enrich: nothing_beside,
};

#[derive(Deserialize)]
struct Receipt {
    #[serde(default)]
    installed_on_request: bool,
    /// Older receipts have none; then nobody knows.
    runtime_dependencies: Option<Vec<Dependency>>,
    #[serde(default)]
    source: Source,
    arch: Option<String>,
}

#[derive(Deserialize)]
struct Dependency {
    #[serde(default)]
    full_name: String,
}

#[derive(Deserialize, Default)]
struct Source {
    tap: Option<String>,
}

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let receipt: Receipt = serde_json::from_str(&file.text())?;
    let folder = file.folder();
    let formula = parent(folder);
    let cellar = parent(formula);
    let (name, version) = (last(formula), last(folder));
    let tap = receipt.source.tap.filter(|tap| tap != CORE).unwrap_or_default();
    let qualifiers = [("arch", receipt.arch.as_deref().unwrap_or_default()), ("tap", tap.as_str())];
    let purl = Purl::new("brew", None, name, Some(version), &qualifiers)
        .map_err(|error| ParseError::new(None, error.to_string()))?;
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    component.purl = Some(purl);
    component.asked_for = receipt.installed_on_request;
    let mut package = Package::new(component);
    let address = |name: &str| format!("brew:{cellar}:{name}");
    package.addresses = vec![address(name)];
    // `user/tap/name`: in the cellar only the name counts.
    package.needs = receipt.runtime_dependencies.map(|dependencies| {
        dependencies.iter().map(|dependency| Need::of(address(last(&dependency.full_name)))).collect()
    });
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_receipt_tells_of_tap_and_needs() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "home/linuxbrew/.linuxbrew/Cellar/jq/1.7.1/INSTALL_RECEIPT.json",
                    r#"{"homebrew_version": "4.3.0", "installed_on_request": true, "installed_as_dependency": false,
                        "runtime_dependencies": [{"full_name": "oniguruma", "version": "6.9.9"}],
                        "source": {"spec": "stable", "tap": "homebrew/core"}, "arch": "x86_64"}"#,
                ),
                (
                    "home/linuxbrew/.linuxbrew/Cellar/oniguruma/6.9.9_1/INSTALL_RECEIPT.json",
                    r#"{"runtime_dependencies": [], "source": {"tap": "me/mine"}}"#,
                ),
            ],
            expect![[r#"
                pkg:brew/jq@1.7.1?arch=x86_64 needs [oniguruma@6.9.9_1]
                pkg:brew/oniguruma@6.9.9_1?tap=me%2Fmine needs []
            "#]],
        );
    }

    #[test]
    fn an_old_receipt_does_not_say_what_is_needed() {
        check(
            &ECOSYSTEM,
            &[(
                "usr/local/Cellar/openssl@1.1/1.1.1k/INSTALL_RECEIPT.json",
                r#"{"runtime_dependencies": null}"#,
            )],
            expect![[r#"
                pkg:brew/openssl%401.1@1.1.1k
            "#]],
        );
    }

    #[test]
    fn a_cut_receipt_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("usr/local/Cellar/jq/1/INSTALL_RECEIPT.json", r#"{"source": "#)],
            expect![[r#"
            gap usr/local/Cellar/jq/1/INSTALL_RECEIPT.json:1: is not the JSON expected here: EOF while parsing a value at line 1 column 11
        "#]],
        );
    }
}

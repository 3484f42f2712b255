//! `setup.py`: pins in what a Python project asks for before it had a manifest.
//!
//! It is a program and is not run; every quoted text in it that pins a package with `==` is taken for a wish,
//! less surely than a list would be. Ranges stand there by the dozen and are not told of one by one.
//! Spec: <https://setuptools.pypa.io/en/latest/userguide/dependency_management.html>

use super::super::pep508::Requirement;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside, pypi};
use crate::bom::{Component, Presence};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "setup-py",
    about: "Python packages pinned in setup.py",
    reads: &["**/setup.py"],
    beside: &[],
    spec: "https://setuptools.pypa.io/en/latest/userguide/dependency_management.html",
    parse,
    enrich: nothing_beside,
};

/// How sure we are that a quoted pin is a wish.
const QUOTED_PIN: u8 = 70;

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let mut parsed = Parsed::default();
    // What is installed says itself what it needs.
    if ["site-packages/", "dist-packages/", "node_modules/"].iter().any(|folder| file.path.contains(folder)) {
        return Ok(parsed);
    }
    let text = file.text();
    for (literal, start) in literals(&text) {
        for (offset, line) in literal.lines().enumerate() {
            let number = start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
            match pinned(line) {
                Some(Ok(mut package)) => {
                    package.line = Some(number);
                    parsed.packages.push(package);
                }
                Some(Err(reason)) => parsed.problems.push(Problem::new(number, reason)),
                None => {}
            }
        }
    }
    Ok(parsed)
}

fn pinned(text: &str) -> Option<Result<Package, String>> {
    let requirement = Requirement::parse(text)?;
    let version = requirement.pin()?;
    // Templates: `%s`, `{version}`.
    if !version.chars().all(|c| c.is_ascii_alphanumeric() || ".+!-_".contains(c)) {
        return None;
    }
    let mut component = Component::new(requirement.name);
    component.version = Some(version.to_owned());
    component.presence = Presence::Declared;
    Some(pypi::purl(requirement.name, Some(version), &[]).map_err(|error| error.to_string()).map(|purl| {
        component.purl = Some(purl);
        let mut package = Package::new(component);
        package.confidence = QUOTED_PIN;
        package
    }))
}

/// The texts in quotes, with the line each begins in. Comments are passed over.
fn literals(text: &str) -> Vec<(&str, u32)> {
    let mut literals = Vec::new();
    let (mut at, mut line) = (0, 1u32);
    while let Some(found) = text[at..].find(['"', '\'', '#', '\n']) {
        let start = at + found;
        let rest = &text[start..];
        if rest.starts_with('\n') {
            line += 1;
            at = start + 1;
            continue;
        }
        if rest.starts_with('#') {
            at = start + rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let quote = ["\"\"\"", "'''"].into_iter().find(|quote| rest.starts_with(quote)).unwrap_or(&rest[..1]);
        let inner = &rest[quote.len()..];
        let end = end_of(inner, quote);
        let literal = &inner[..end];
        literals.push((literal, line));
        line += u32::try_from(literal.matches('\n').count()).unwrap_or(0);
        at = (start + quote.len() + end + quote.len()).min(text.len());
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    literals
}

/// Where a text ends: at its quote, or at the line's end for one that is never closed.
fn end_of(text: &str, quote: &str) -> usize {
    let mut escaped = false;
    for (at, next) in text.char_indices() {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if quote.len() == 1 => return at,
            _ if text[at..].starts_with(quote) => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn quoted_pins_are_wishes() {
        let setup = "from setuptools import setup\n# \"commented==1.0\"\nREQUIRES = [\n    \"py>=1.5.0\",\n    'pathlib3==2.2.0;python_version<\"3.6\"',\n\
                     \x20   \" mypy2 == v0.770\", ' mypy3== v0.770',\n]\nsetup(name='x', version=\"1.0\", extras_require={\"x==\": [f\"a=={V}\", 'b==%s' % V]})\n";
        check(
            &ECOSYSTEM,
            &[("setup.py", setup)],
            expect![[r#"
            pkg:pypi/mypy2@v0.770 line 6
            pkg:pypi/mypy3@v0.770 line 6
            pkg:pypi/pathlib3@2.2.0 line 5
        "#]],
        );
    }

    #[test]
    fn a_text_of_many_lines_may_be_a_list() {
        let setup = "setup(install_requires=\"\"\"\ndjango==4.2.23\nCairoSVG==2.7.1\n\"\"\".split(), x='''it's\nurllib3==1.26''')\n";
        check(
            &ECOSYSTEM,
            &[("a/setup.py", setup), ("lib/site-packages/b/setup.py", "'a==1'")],
            expect![[r#"
                pkg:pypi/cairosvg@2.7.1 line 3
                pkg:pypi/django@4.2.23 line 2
                pkg:pypi/urllib3@1.26 line 5
            "#]],
        );
    }

    #[test]
    fn a_broken_program_is_read_as_far_as_it_goes() {
        check(
            &ECOSYSTEM,
            &[
                ("setup.py", "'never closed\n\"a==1\"\n'''b==2\n"),
                ("b/setup.py", "'\\"),
                ("c/setup.py", "\"\"\"\\\"é''"),
            ],
            expect![[r#"
                pkg:pypi/a@1 line 1
                pkg:pypi/b@2 line 2
            "#]],
        );
    }
}

//! `stack.yaml` and `stack.yaml.lock`: Haskell packages that Stack takes beyond its snapshot.
//!
//! Most packages come from the snapshot (`lts-18.28`), a list kept elsewhere: that it is not here is a gap.
//! The digests in a reference are of a package's description, not of the package.
//! Spec: <https://docs.haskellstack.org/en/stable/topics/lock_files/>

use super::super::lines::Lines;
use super::super::value::Value;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, git, nothing_beside, yaml};
use crate::bom::{Component, Presence, Purl};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "stack",
    about: "Haskell packages pinned in stack.yaml or stack.yaml.lock",
    reads: &["**/stack.yaml", "**/stack.yaml.lock"],
    beside: &[],
    spec: "https://docs.haskellstack.org/en/stable/topics/lock_files/",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lines = Lines::of(&text);
    let documents = yaml::parse(&text)?;
    let document = documents.first().filter(|document| document.is_map());
    let document = document.ok_or_else(|| ParseError::new(None, "is not a map"))?;
    let mut parsed = Parsed::default();
    let items = ["extra-deps", "packages"].into_iter().filter_map(|key| document.get(key));
    for item in items.flat_map(Value::items) {
        let line = lines.line(item.at);
        match package(item) {
            Ok(Some(mut package)) => {
                package.line = Some(line);
                parsed.packages.push(package);
            }
            Ok(None) => {}
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    for member in document.members() {
        let snapshot = member.value.as_str().filter(|_| matches!(&*member.key, "resolver" | "snapshot"));
        if let Some(snapshot) = snapshot {
            let reason = format!("the packages of the snapshot `{snapshot}` are not named here");
            parsed.problems.push(Problem::new(lines.line(member.at), reason));
        }
    }
    Ok(parsed)
}

/// `None` for folders of the project's own.
fn package(item: &Value<'_>) -> Result<Option<Package>, String> {
    let entry = item.get("completed").unwrap_or(item);
    if let Some(reference) = entry.field("hackage").or_else(|| entry.as_str()) {
        if reference.contains("://") {
            return Err(format!("`{reference}` names no package"));
        }
        let bare = reference.split('@').next().unwrap_or_default();
        let Some((name, version)) = bare.rsplit_once('-').filter(|(_, version)| is_version(version)) else {
            return if reference.contains('@') {
                Err(format!("`{reference}` names no version"))
            } else {
                Ok(None)
            };
        };
        return listed(name, Some(version), None).map(Some);
    }
    let repository = entry.field("git").map(|url| git::url(url, entry.field("commit").unwrap_or_default()));
    match (entry.field("name"), repository) {
        (Some(name), repository) => listed(name, entry.field("version"), repository).map(Some),
        (None, Some(url)) => Err(format!("`{url}` names no package")),
        (None, None) => Ok(None),
    }
}

fn is_version(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

fn listed(name: &str, version: Option<&str>, repository: Option<String>) -> Result<Package, String> {
    let mut component = Component::new(name);
    component.version = version.map(str::to_owned);
    let qualifier = repository.as_deref().map(|url| ("vcs_url", url));
    let purl = Purl::new("hackage", None, name, version, qualifier.as_slice());
    component.purl = Some(purl.map_err(|error| error.to_string())?);
    component.vcs = repository;
    component.presence = Presence::Declared;
    Ok(Package::new(component))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn what_is_beyond_the_snapshot_is_listed() {
        let stack = "flags: {}\npackages:\n  - .\nresolver: lts-18.28\nextra-deps:\n\
                     \x20 - ShellCheck-0.8.0@sha256:353c9322847b661e4c6f7c83c2acf8e5c08b682fbe516c7d46c29605937543df,3297\n\
                     \x20 - language-docker-11.0.0\n  - ./vendored\nghc-options:\n  \"$everything\": -haddock\n";
        check(
            &ECOSYSTEM,
            &[("stack.yaml", stack)],
            expect![[r#"
            pkg:hackage/ShellCheck@0.8.0 line 6
            pkg:hackage/language-docker@11.0.0 line 7
            gap stack.yaml:4: the packages of the snapshot `lts-18.28` are not named here
        "#]],
        );
    }

    #[test]
    fn a_lock_has_the_version_of_repositories_too() {
        let lock = "packages:\n- completed:\n    hackage: HTTP-4000.3.16@sha256:6042643c,5947\n    pantry-tree:\n      size: 1428\n  original:\n    hackage: HTTP-4000.3.16\n\
                    - completed:\n    commit: a5847301404583e16d55cd4d051b8e605d704fbc\n    git: https://github.com/runtimeverification/haskell-backend.git\n    name: kore\n    subdir: kore\n    version: 0.60.0.0\n\
                    snapshots:\n- completed:\n    size: 618951\n";
        check(
            &ECOSYSTEM,
            &[("a/stack.yaml.lock", lock)],
            expect![[r#"
            pkg:hackage/HTTP@4000.3.16 line 2
            pkg:hackage/kore@0.60.0.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fruntimeverification%2Fhaskell-backend.git%40a5847301404583e16d55cd4d051b8e605d704fbc line 8
        "#]],
        );
    }

    #[test]
    fn what_names_no_package_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("stack.yaml", "extra-deps: [\n"),
                (
                    "b/stack.yaml",
                    "extra-deps:\n- https://example.org/x.tar.gz\n- git: https://github.com/o/r\n  commit: abc\n- x@sha256:1\n- -1\n",
                ),
                ("c/stack.yaml.lock", ""),
            ],
            expect![[r#"
                gap b/stack.yaml:2: `https://example.org/x.tar.gz` names no package
                gap b/stack.yaml:3: `git+https://github.com/o/r@abc` names no package
                gap b/stack.yaml:5: `x@sha256:1` names no version
                gap b/stack.yaml:6: `pkg:hackage/` is not a package URL: missing name
                gap c/stack.yaml.lock: is not a map
                gap stack.yaml:2: is not the YAML expected here: a `{` or `[` is never closed
            "#]],
        );
    }
}

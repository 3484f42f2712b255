//! `environment.yml` and `conda-lock.yml`: what a conda environment is to hold.
//!
//! An environment file pins with `=`, and may hold a list for pip, which pins with `==`; what it does not pin
//! has no version and is a gap. conda-lock lists each package once for each platform, with what it needs.
//! Spec: <https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html>

use std::collections::HashSet;

use super::super::lines::Lines;
use super::super::pep508::Requirement;
use super::super::value::Value;
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside, pypi, yaml};
use crate::bom::{Component, Hash, HashAlgorithm, Presence, Purl, PurlError, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "conda-env",
    about: "conda packages pinned in environment.yml or conda-lock.yml",
    reads: &["**/environment.{yml,yaml}", "**/conda-lock.{yml,yaml}", "**/*.conda-lock.{yml,yaml}"],
    beside: &[],
    spec: "https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lines = Lines::of(&text);
    let documents = yaml::parse(&text)?;
    let document = documents.first().filter(|document| document.is_map());
    let document = document.ok_or_else(|| ParseError::new(None, "is not a map"))?;
    if let Some(packages) = document.get("package") {
        return Ok(locked(file, packages, &lines));
    }
    // Other tools have files of this name.
    let Some(dependencies) = document.get("dependencies") else { return Ok(Parsed::default()) };
    if dependencies.items().is_empty() {
        let line = lines.line(dependencies.at);
        return Err(ParseError::new(line, "has `dependencies` that are no list"));
    }
    let mut parsed = Parsed::default();
    for item in dependencies.items() {
        match item.as_str() {
            Some(text) => add(&mut parsed, pinned(text), text, lines.line(item.at)),
            None if item.get("pip").is_some_and(|list| !list.items().is_empty()) => {
                for item in item.get("pip").map_or(&[][..], Value::items) {
                    let text = item.as_str().unwrap_or_default();
                    if !text.starts_with('-') {
                        add(&mut parsed, pinned_for_pip(text), text, lines.line(item.at));
                    }
                }
            }
            None => parsed
                .problems
                .push(Problem::new(lines.line(item.at), "is neither a package nor a list for pip")),
        }
    }
    Ok(parsed)
}

fn add(parsed: &mut Parsed, package: Option<Result<Package, PurlError>>, text: &str, line: u32) {
    match package {
        Some(Ok(mut package)) => {
            package.line = Some(line);
            package.component.asked_for = true;
            parsed.packages.push(package);
        }
        Some(Err(error)) => parsed.problems.push(Problem::new(line, error.to_string())),
        None => {
            parsed.problems.push(Problem::new(line, format!("asks for `{text}`, which names no version")));
        }
    }
}

/// `conda-forge::numpy=1.21.5=py38h_0`, `numpy==1.21`, `numpy =1.21`.
fn pinned(text: &str) -> Option<Result<Package, PurlError>> {
    let (channel, text) = text.split_once("::").unwrap_or(("", text));
    let (name, rest) = text.split_once('=')?;
    let mut parts = rest.trim_start_matches('=').split('=').map(str::trim);
    let (version, build) = (parts.next()?, parts.next().unwrap_or_default());
    let is_one = !version.is_empty() && !version.contains(['*', ',', '|', '<', '>', '!', '~', ' ']);
    let name = name.trim();
    if !is_one || name.contains(['<', '>', '!', '~']) {
        return None;
    }
    let build = if build.contains('*') { "" } else { build };
    Some(conda(name, version, &[("channel", channel), ("build", build)]))
}

fn conda(name: &str, version: &str, qualifiers: &[(&str, &str)]) -> Result<Package, PurlError> {
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    component.purl = Some(Purl::new("conda", None, name, Some(version), qualifiers)?);
    component.presence = Presence::Declared;
    Ok(Package::new(component))
}

fn pinned_for_pip(text: &str) -> Option<Result<Package, PurlError>> {
    let requirement = Requirement::parse(text)?;
    Some(from_pip(requirement.name, requirement.pin()?))
}

fn from_pip(name: &str, version: &str) -> Result<Package, PurlError> {
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    component.purl = Some(pypi::purl(name, Some(version), &[])?);
    component.presence = Presence::Declared;
    Ok(Package::new(component))
}

fn locked(file: &File<'_>, packages: &Value<'_>, lines: &Lines) -> Parsed {
    let mut parsed = Parsed::default();
    let mut seen = HashSet::new();
    for entry in packages.items() {
        let line = lines.line(entry.at);
        let field = |key: &str| entry.field(key).unwrap_or_default();
        let address = |name: &str| format!("conda-env:{}#{}#{name}", file.path, field("platform"));
        let package = match field("manager") {
            "pip" => from_pip(field("name"), field("version")),
            _ => locked_by_conda(entry, field("name"), field("version")),
        };
        match package {
            Ok(mut package) => {
                // The same package for another platform is listed by its own purl, or by this one again.
                if !seen.insert((package.component.reference(), field("platform").to_owned())) {
                    continue;
                }
                package.line = Some(line);
                package.scope = Some(match (field("category"), entry.flag("optional")) {
                    ("main" | "", false) => Scope::Required,
                    ("main" | "", true) => Scope::Optional,
                    _ => Scope::Dev,
                });
                package.component.download = entry.field("url").map(str::to_owned);
                package.component.hashes.extend(hashes(entry));
                package.addresses = vec![address(field("name"))];
                package.needs =
                    Some(entry.keys("dependencies").map(|name| Need::of(address(name))).collect());
                parsed.packages.push(package);
            }
            Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
        }
    }
    parsed
}

/// Channel, platform and build stand in the address of the archive:
/// `https://conda.anaconda.org/conda-forge/linux-64/pip-22.0-pyhd_0.conda`.
fn locked_by_conda(entry: &Value<'_>, name: &str, version: &str) -> Result<Package, PurlError> {
    let mut parts = entry.field("url").unwrap_or_default().rsplit('/');
    let archive = parts.next().unwrap_or_default();
    let (subdir, channel) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let kind = ["conda", "tar.bz2"].into_iter().find(|kind| archive.ends_with(&format!(".{kind}")));
    let kind = kind.unwrap_or_default();
    let stem = archive.strip_suffix(kind).unwrap_or(archive).trim_end_matches('.');
    let build = stem.rsplit_once('-').map_or("", |(_, build)| build);
    let qualifiers = [("build", build), ("channel", channel), ("subdir", subdir), ("type", kind)];
    conda(name, version, &qualifiers)
}

fn hashes(entry: &Value<'_>) -> Vec<Hash> {
    let Some(hash) = entry.get("hash") else { return Vec::new() };
    let of = |algorithm, key| Hash::from_hex(algorithm, hash.field(key)?);
    [of(HashAlgorithm::Md5, "md5"), of(HashAlgorithm::Sha256, "sha256")].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn pins_of_both_managers_are_listed() {
        let environment = "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11.4\n  - conda-forge::numpy=1.21.5=py38h_0\n  - pandas\n  - scipy>=1.0\n  - zlib==1.2.*\n  - pip:\n      - Flask==2.0\n      - -r requirements.txt\n      - requests\n";
        check(
            &ECOSYSTEM,
            &[("environment.yml", environment)],
            expect![[r#"
            pkg:conda/numpy@1.21.5?build=py38h_0&channel=conda-forge line 6
            pkg:conda/python@3.11.4 line 5
            pkg:pypi/flask@2.0 line 11
            gap environment.yml:7: asks for `pandas`, which names no version
            gap environment.yml:8: asks for `scipy>=1.0`, which names no version
            gap environment.yml:9: asks for `zlib==1.2.*`, which names no version
            gap environment.yml:13: asks for `requests`, which names no version
        "#]],
        );
    }

    #[test]
    fn a_lock_has_platforms_and_edges() {
        let lock = "version: 1\nmetadata:\n  platforms:\n  - linux-64\npackage:\n- name: pip\n  version: '22.0'\n  manager: conda\n  platform: linux-64\n  dependencies:\n    zlib: '>=1'\n\
                    \x20 url: https://conda.anaconda.org/conda-forge/noarch/pip-22.0-pyhd_0.conda\n  hash:\n    md5: 00000000000000000000000000000000\n  category: main\n  optional: false\n\
                    - name: zlib\n  version: 1.2.11\n  manager: conda\n  platform: linux-64\n  dependencies: {}\n  url: https://conda.anaconda.org/conda-forge/linux-64/zlib-1.2.11-h_1.tar.bz2\n  category: dev\n  optional: true\n\
                    - name: flask\n  version: 2.0.0\n  manager: pip\n  platform: linux-64\n  dependencies: {}\n  url: https://files.pythonhosted.org/flask.whl\n  category: main\n  optional: false\n";
        check(
            &ECOSYSTEM,
            &[("conda-lock.yml", lock)],
            expect![[r#"
            pkg:conda/pip@22.0?build=pyhd_0&channel=conda-forge&subdir=noarch&type=conda line 6 MD5:00000000 needs [zlib@1.2.11]
            pkg:conda/zlib@1.2.11?build=h_1&channel=conda-forge&subdir=linux-64&type=tar.bz2 line 17 dev needs []
            pkg:pypi/flask@2.0.0 line 25 needs []
        "#]],
        );
    }

    #[test]
    fn what_is_no_environment_is_a_gap_or_nothing() {
        check(
            &ECOSYSTEM,
            &[
                ("environment.yml", "dependencies: x\n"),
                ("b/environment.yml", "dependencies:\n  - [a\n"),
                ("c/environment.yaml", "NODE_ENV: x\n"),
                ("d/environment.yml", "dependencies:\n  - {x: y}\n  - pip: b==1\n  - =1\n  - a=\n"),
                ("e/environment.yml", ""),
            ],
            expect![[r#"
                gap b/environment.yml:3: is not the YAML expected here: a `{` or `[` is never closed
                gap d/environment.yml:2: is neither a package nor a list for pip
                gap d/environment.yml:3: is neither a package nor a list for pip
                gap d/environment.yml:4: `pkg:conda/` is not a package URL: missing name
                gap d/environment.yml:5: asks for `a=`, which names no version
                gap e/environment.yml: is not a map
                gap environment.yml:1: has `dependencies` that are no list
            "#]],
        );
    }
}

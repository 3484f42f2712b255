//! `pubspec.lock` and the pub cache: packages of Dart and Flutter.
//!
//! The lock says which packages the project asks for, and which of them for development, but not who needs
//! the rest. A package of an SDK has the version `0.0.0`; where the lock bounds that SDK, its lower bound is
//! the better answer. A package in the pub cache is there; any other `pubspec.yaml` is a project's own.
//! Spec: <https://dart.dev/tools/pub/glossary#lockfile>

use super::super::lines::Lines;
use super::super::value::Value;
use super::super::{
    Ecosystem, File, Package, ParseError, Parsed, Problem, Problems, git, nothing_beside, yaml,
};
use crate::bom::{Component, Hash, HashAlgorithm, Kind, Presence, Purl, PurlError, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "dart",
    about: "Dart packages locked in pubspec.lock or kept in the pub cache",
    reads: &["**/pubspec.lock", "**/pubspec.yaml"],
    beside: &[],
    spec: "https://dart.dev/tools/pub/glossary#lockfile",
    parse,
    enrich: nothing_beside,
};

/// The public repository, under its names and a mirror.
const PUBLIC: &[&str] = &["https://pub.dev", "https://pub.dartlang.org", "https://pub.flutter-io.cn"];

/// How sure we are of a version that is only a lower bound.
const LOWER_BOUND: u8 = 60;

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lines = Lines::of(&text);
    let documents = yaml::parse(&text)?;
    let document = documents.first().filter(|document| document.is_map());
    let document = document.ok_or_else(|| ParseError::new(None, "is not a map"))?;
    if file.path.ends_with("pubspec.yaml") {
        return manifest(file, document, &lines);
    }
    let packages = document.get("packages").ok_or_else(|| ParseError::new(None, "has no `packages`"))?;
    let sdks = document.get("sdks");
    let mut parsed = Parsed::default();
    for member in packages.members() {
        let line = lines.line(member.at);
        match locked(&member.key, &member.value, sdks) {
            Ok(mut package) => {
                package.line = Some(line);
                parsed.packages.push(package);
            }
            Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
        }
    }
    Ok(parsed)
}

fn locked(key: &str, entry: &Value<'_>, sdks: Option<&Value<'_>>) -> Result<Package, PurlError> {
    let description = |name: &str| entry.get("description").and_then(|description| description.field(name));
    let name = description("name").unwrap_or(key);
    let mut component = Component::new(name);
    component.version = entry.field("version").map(str::to_owned);
    component.presence = Presence::Declared;
    let dependency = entry.field("dependency").unwrap_or_default();
    let scope = (dependency == "direct dev").then_some(Scope::Dev);
    let scope = scope.or_else(|| (dependency == "direct main").then_some(Scope::Required));
    let mut confidence = 100;
    let mut qualifier = None;
    match entry.field("source") {
        Some("path") => {
            component.kind = Kind::Application;
            component.first_party = true;
        }
        Some("git") => {
            let url = git::url(
                description("url").unwrap_or_default(),
                description("resolved-ref").unwrap_or_default(),
            );
            component.vcs = Some(url.clone());
            qualifier = Some(("vcs_url", url));
        }
        Some("sdk") => {
            let sdk = entry.field("description").unwrap_or("flutter");
            let bound = sdks.and_then(|sdks| sdks.field(sdk)).and_then(lower_bound);
            if component.version.as_deref() == Some("0.0.0") && bound.is_some() {
                component.version = bound.map(str::to_owned);
                confidence = LOWER_BOUND;
            }
        }
        _ => {
            let digest = description("sha256").and_then(|hex| Hash::from_hex(HashAlgorithm::Sha256, hex));
            component.hashes.extend(digest);
            let host = description("url").map(|url| url.trim_end_matches('/'));
            let other = host.filter(|host| !PUBLIC.contains(host));
            qualifier = other.map(|host| ("repository_url", host.to_owned()));
        }
    }
    if !component.first_party {
        let qualifier = qualifier.as_ref().map(|(key, value)| (*key, value.as_str()));
        component.purl =
            Some(Purl::new("pub", None, name, component.version.as_deref(), qualifier.as_slice())?);
        component.asked_for = dependency.starts_with("direct");
    }
    let mut package = Package::new(component);
    package.scope = scope;
    package.confidence = confidence;
    Ok(package)
}

/// `3.24.5` of `>=3.24.5 <4.0.0` or `^3.24.5`.
fn lower_bound(constraint: &str) -> Option<&str> {
    let first = constraint.split_whitespace().next()?;
    let version = first.strip_prefix(">=").or_else(|| first.strip_prefix('^'))?;
    (!version.is_empty()).then_some(version)
}

fn manifest(file: &File<'_>, document: &Value<'_>, lines: &Lines) -> Result<Parsed, ParseError> {
    // A template, or a file of another tool.
    let Some(name) = document.field("name") else { return Ok(Parsed::default()) };
    let mut component = Component::new(name);
    component.version = document.field("version").map(str::to_owned);
    component.description =
        document.field("description").and_then(|text| text.lines().next()).map(str::to_owned);
    component.homepage = document.field("homepage").map(str::to_owned);
    component.vcs = document.field("repository").map(|url| git::url(url, ""));
    if file.path.contains("/hosted/") {
        let purl = Purl::new("pub", None, name, component.version.as_deref(), &[]);
        component.purl = Some(purl.map_err(|error| ParseError::new(None, error.to_string()))?);
    } else {
        component.kind = Kind::Application;
        component.first_party = true;
        component.presence = Presence::Declared;
    }
    let mut package = Package::new(component);
    package.line =
        document.members().iter().find(|member| member.key == "name").map(|member| lines.line(member.at));
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn what_is_asked_for_directly_has_a_scope() {
        let lock = r#"# Generated by pub
packages:
  collection:
    dependency: transitive
    description:
      name: collection
      sha256: cfc915e6923fe5ce6e153b0723c753045de46de1b4d63771530504004a45fae0
      url: "https://pub.dev"
    source: hosted
    version: "1.17.0"
  crypto:
    dependency: "direct main"
    description:
      name: crypto
      url: "https://pub.flutter-io.cn"
    source: hosted
    version: "3.0.3"
  meta:
    dependency: "direct dev"
    description:
      name: meta
      url: "https://pub.example.org/"
    source: hosted
    version: "1.11.0"
sdks:
  dart: ">=3.1.0 <4.0.0"
"#;
        let manifest = "name: app\ndescription: >\n  An app.\nversion: 1.0.0+1\n";
        check(
            &ECOSYSTEM,
            &[("pubspec.lock", lock), ("pubspec.yaml", manifest)],
            expect![[r#"
            application:app@1.0.0+1 line 1 application first-party
            pkg:pub/collection@1.17.0 line 3 SHA-256:cfc915e6
            pkg:pub/crypto@3.0.3 line 11
            pkg:pub/meta@1.11.0?repository_url=https:%2F%2Fpub.example.org line 18 dev
        "#]],
        );
    }

    #[test]
    fn sdks_repositories_and_the_cache_are_read() {
        let lock = r#"
packages:
  flutter:
    dependency: "direct main"
    description: flutter
    source: sdk
    version: "0.0.0"
  flutter_goldens:
    dependency: "direct dev"
    description: other
    source: sdk
    version: "0.0.0"
  key_binder:
    dependency: "direct main"
    description:
      path: "."
      ref: HEAD
      resolved-ref: "3f7b3a6350e73c7dcac45301c0e18fbd42af02f7"
      url: "git@github.com:Workiva/key_binder.git"
    source: git
    version: "1.11.20"
  beside:
    dependency: "direct main"
    description:
      path: "../beside"
      relative: true
    source: path
    version: "0.1.0"
sdks:
  dart: ">=2.12.0 <3.0.0"
  flutter: ">=3.24.5"
"#;
        check(
            &ECOSYSTEM,
            &[
                ("a/pubspec.lock", lock),
                (
                    "root/.pub-cache/hosted/pub.dev/args-2.4.0/pubspec.yaml",
                    "name: args\nversion: 2.4.0\nrepository: https://github.com/dart-lang/args\n",
                ),
            ],
            expect![[r#"
                application:beside@0.1.0 line 22 application first-party
                pkg:pub/args@2.4.0 line 1
                pkg:pub/flutter@3.24.5 line 3
                pkg:pub/flutter_goldens@0.0.0 line 8 dev
                pkg:pub/key_binder@1.11.20?vcs_url=git%2Bssh:%2F%2Fgit%40github.com%2FWorkiva%2Fkey_binder.git%403f7b3a6350e73c7dcac45301c0e18fbd42af02f7 line 13
            "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("pubspec.lock", "packages:\n  a:\n    version: \"1"),
                ("b/pubspec.lock", ""),
                ("c/pubspec.lock", "packages:\n  \"\":\n    version: 1\n  d: x\n"),
                ("d/pubspec.yaml", "- a\n"),
                ("e/pubspec.yaml", "flutter: true\n"),
                // A project that needs nothing.
                ("f/pubspec.lock", "packages:\nsdks:\n  dart: \">=2.18.0 <3.0.0\"\n"),
            ],
            expect![[r#"
                pkg:pub/d line 4
                gap b/pubspec.lock: is not a map
                gap c/pubspec.lock:2: `pkg:pub/` is not a package URL: missing name
                gap d/pubspec.yaml: is not a map
                gap pubspec.lock:3: is not the YAML expected here: a text is never closed
            "#]],
        );
    }
}

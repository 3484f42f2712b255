//! What the package managers of Node share: names and purls, where a package came from, what a manifest says
//! of it, and how Node looks for a module.
//!
//! Spec: <https://docs.npmjs.com/cli/configuring-npm/package-json>,
//! <https://nodejs.org/api/modules.html#loading-from-node_modules-folders>

use std::borrow::Cow;

use super::File;
use super::claims::{choice, declared};
use super::origin::{Origin, fragmentless, repository_url, with_git, without_credentials};
use super::value::{Kind, Value};
use crate::bom::{Component, LicenseClaim, Presence, Purl, Scope, Standing, StandingKind};
use crate::layers::Tree;
use crate::licenses::Dialect;

/// The name under which a registry serves an archive: `@a/b` of `https://host/path/@a/b/-/b-1.0.0.tgz`.
pub(super) fn served_as(resolved: &str) -> Option<String> {
    let (_, rest) = resolved.split_once("://")?;
    let mut parts = rest.split_once("/-/")?.0.rsplit('/');
    let name = parts.next()?.replace("%2f", "/").replace("%2F", "/");
    let scope = parts.next().filter(|scope| scope.starts_with('@') && !name.contains('/'));
    let name = scope.map_or_else(|| name.clone(), |scope| format!("{scope}/{name}"));
    is_name(&name).then_some(name)
}

/// A package from elsewhere, as a lockfile names it.
///
/// # Errors
/// When the name is no name of a package.
pub(super) fn locked(name: &str, version: Option<&str>, resolved: &str) -> Result<Component, String> {
    let mut component = named(name, version, &Origin::of(resolved))?;
    component.presence = Presence::Declared;
    if resolved.starts_with("http") {
        component.download = Some(without_credentials(fragmentless(resolved)).into());
    }
    Ok(component)
}

/// A package with its purl. One that came from a repository is not the registry's package of that name, and
/// its purl says so.
///
/// # Errors
/// When the name is no name of a package.
pub(super) fn named(name: &str, version: Option<&str>, origin: &Origin) -> Result<Component, String> {
    if !is_name(name) {
        return Err(format!("`{}` is no name of a package", shown(name)));
    }
    let (scope, short) = match name.split_once('/') {
        Some((scope, short)) => (Some(scope), short),
        None => (None, name),
    };
    let qualifiers = match origin {
        Origin::Vcs(url) => vec![("vcs_url", url.as_str())],
        Origin::Archive(url) => vec![("download_url", url.as_str())],
        Origin::Registry | Origin::Local => Vec::new(),
    };
    let purl = Purl::new("npm", scope, short, version, &qualifiers).map_err(|error| error.to_string())?;
    let mut component = Component::new(name);
    component.version = version.map(str::to_owned);
    component.purl = Some(purl);
    if let Origin::Vcs(url) = origin {
        component.vcs = Some(url.clone());
    }
    Ok(component)
}

fn shown(name: &str) -> String {
    name.chars().take(80).collect()
}

/// npm's limit.
pub(super) const LONGEST_NAME: usize = 214;

/// Linux opens no longer path, so nothing is ever loaded from one.
pub(super) const LONGEST_PATH: usize = 4096;

/// `name` or `@scope/name`, in the letters npm has ever allowed.
pub(super) fn is_name(name: &str) -> bool {
    if name.len() > LONGEST_NAME {
        return false;
    }
    let is_part = |part: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!*'()".contains(&byte);
        !part.is_empty() && !part.starts_with('.') && part.bytes().all(is_allowed)
    };
    match name.strip_prefix('@') {
        Some(scoped) => scoped.split_once('/').is_some_and(|(scope, name)| is_part(scope) && is_part(name)),
        None => is_part(name),
    }
}

/// Splits `@scope/name@rest` at the `@` behind the name.
pub(super) fn split_name(text: &str) -> Option<(&str, &str)> {
    let at = text.get(1..)?.find('@')? + 1;
    Some((&text[..at], &text[at + 1..]))
}

/// The folders in which Node looks for a module that a file in `folder` asks for, nearest first.
pub(super) fn module_folders(folder: &str) -> impl Iterator<Item = String> + use<'_> {
    let folder = if folder.len() > LONGEST_PATH { "" } else { folder };
    let parents = std::iter::successors(Some(folder), |folder| {
        (!folder.is_empty()).then(|| folder.rfind('/').map_or("", |slash| &folder[..slash]))
    });
    let is_place = |folder: &&str| {
        let name = folder.rsplit('/').next().unwrap_or_default();
        name != "node_modules" && !name.starts_with('@')
    };
    parents.filter(is_place).map(|folder| match folder {
        "" => "node_modules".to_owned(),
        folder => format!("{folder}/node_modules"),
    })
}

/// What a manifest says of its licence, in any of the shapes npm has had: a text, an object with a `type`, or
/// a list of either, of which one may be chosen.
pub(super) fn license_claim(manifest: &Value<'_>) -> Option<LicenseClaim> {
    ["license", "licenses", "licence"].into_iter().filter_map(|key| manifest.get(key)).find_map(claim)
}

fn claim(value: &Value<'_>) -> Option<LicenseClaim> {
    match &value.kind {
        Kind::List(items) => {
            let names: Vec<&str> = items.iter().filter_map(license_name).collect();
            choice(&names, Dialect::Npm)
        }
        _ => declared(license_name(value)?, Dialect::Npm),
    }
}

fn license_name<'a>(value: &'a Value<'_>) -> Option<&'a str> {
    value
        .as_str()
        .or_else(|| ["type", "name", "url"].into_iter().find_map(|key| value.field(key)))
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// A person in either of the two shapes: `Name <address> (url)`, or an object.
pub(super) fn person(value: &Value<'_>) -> Option<String> {
    let text = match value.as_str() {
        Some(text) => text.trim().to_owned(),
        None => {
            let name = value.field("name");
            let email = value.field("email").map(|email| format!("<{email}>"));
            let parts = [name.map(str::to_owned), email];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
    };
    (!text.is_empty()).then_some(text)
}

/// Where a manifest says the source is kept.
pub(super) fn vcs(manifest: &Value<'_>) -> Option<String> {
    let repository = manifest.get("repository")?;
    let text = repository.as_str().or_else(|| repository.field("url"))?.trim();
    if text.is_empty() || text.contains(char::is_whitespace) {
        return None;
    }
    if let Some(url) = repository_url(text) {
        return Some(url);
    }
    match text.split_once("://") {
        Some(("http" | "https", _)) => {
            let system =
                repository.field("type").filter(|kind| matches!(*kind, "svn" | "hg")).unwrap_or("git");
            Some(format!("{system}+{}", without_credentials(text)))
        }
        Some(_) => None,
        // `owner/name` means GitHub.
        None if text.matches('/').count() == 1 && !text.contains(':') && !text.starts_with(['.', '/']) => {
            Some(format!("git+https://github.com/{}", with_git(text)))
        }
        None => None,
    }
}

/// What a manifest asks for: name, range, and how much it is needed. A name that stands in several places is
/// listed for each.
pub(super) fn dependencies<'a>(manifest: &'a Value<'_>) -> impl Iterator<Item = (&'a str, &'a str, Scope)> {
    DEPENDENCIES.iter().flat_map(|(key, scope)| {
        let members = manifest.get(key).map_or(&[][..], Value::members).iter();
        members.map(|member| (&*member.key, member.value.as_str().unwrap_or_default(), *scope))
    })
}

/// What a folder may need, and how much. Only the project's own folders have the last.
const DEPENDENCIES: &[(&str, Scope)] = &[
    ("dependencies", Scope::Required),
    ("peerDependencies", Scope::Required),
    ("optionalDependencies", Scope::Optional),
    ("devDependencies", Scope::Dev),
];

/// Whether a file lies in an installed package. A lockfile there served the package's own development, or was
/// obeyed when it was installed.
pub(super) fn is_in_package(path: &str) -> bool {
    path.split('/').any(|part| part == "node_modules")
}

/// Whether a `yarn.lock` is of Yarn 2 or later, which writes YAML and says its version.
pub(super) fn is_berry(yarn_lock: &str) -> bool {
    yarn_lock.lines().any(|line| line.starts_with("__metadata:"))
}

/// A manifest in a folder, as text.
pub(super) fn manifest<'a>(tree: &'a Tree, folder: &str) -> Option<Cow<'a, str>> {
    let path = if folder.is_empty() { "package.json".into() } else { format!("{folder}/package.json") };
    Some(File { path: "package.json", bytes: tree.read(&path)? }.text())
}

/// What lockfiles repeat of a publisher's warning.
pub(super) fn deprecation(entry: &Value<'_>) -> Option<Standing> {
    let deprecated = entry.get("deprecated")?;
    let reason = deprecated.as_str().map(|reason| reason.trim().to_owned());
    let reason = reason.or_else(|| deprecated.is_true().then(String::new))?;
    Some(Standing { kind: StandingKind::Deprecated, reason })
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    #[test]
    fn every_way_to_name_a_repository_is_one() {
        let vcs = |text: &str| vcs(&json::parse(text).expect("JSON")).unwrap_or_default();
        for (text, expected) in [
            (r#"{"repository": "a/b"}"#, "git+https://github.com/a/b.git"),
            (r#"{"repository": "github:a/b"}"#, "git+https://github.com/a/b.git"),
            (r#"{"repository": "gitlab:a/b.git"}"#, "git+https://gitlab.com/a/b.git"),
            (r#"{"repository": "git@github.com:a/b.git"}"#, "git+ssh://git@github.com/a/b.git"),
            (r#"{"repository": {"type": "git", "url": "git://x.org/b"}}"#, "git://x.org/b"),
            (r#"{"repository": {"url": "https://x.org/b.git"}}"#, "git+https://x.org/b.git"),
            (r#"{"repository": {"type": "svn", "url": "https://x.org/b"}}"#, "svn+https://x.org/b"),
            (r#"{"repository": "https://u:secret@x.org/b"}"#, "git+https://x.org/b"),
            (r#"{"repository": "see README"}"#, ""),
            (r#"{"repository": "./here"}"#, ""),
        ] {
            assert_eq!(vcs(text), expected, "{text}");
        }
    }

    #[test]
    fn what_a_registry_calls_an_archive() {
        for (resolved, name) in [
            ("https://registry.yarnpkg.com/@a/b/-/b-1.0.0.tgz#abc", Some("@a/b")),
            ("https://x.org/api/npm/all/@a%2fb/-/b-1.0.0.tgz", Some("@a/b")),
            ("https://x.org/npm/b/-/b-1.0.0.tgz", Some("b")),
            ("https://x.org/b.tgz", None),
            ("", None),
        ] {
            assert_eq!(served_as(resolved).as_deref(), name, "{resolved}");
        }
    }

    #[test]
    fn node_looks_upwards() {
        let folders = |folder: &str| module_folders(folder).collect::<Vec<_>>();
        assert_eq!(
            folders("srv/node_modules/@a/b"),
            ["srv/node_modules/@a/b/node_modules", "srv/node_modules", "node_modules"]
        );
        assert_eq!(folders(""), ["node_modules"]);
    }

    #[test]
    fn names() {
        for name in ["a", "@a/b", "JSONStream", "lodash.merge", "_"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a/b", "@a", "@a/", "@a/b/", "@a/b/c", ".a", "a b", "ä"] {
            assert!(!is_name(name), "{name}");
        }
        assert_eq!(split_name("@a/b@npm:c@1"), Some(("@a/b", "npm:c@1")));
        assert_eq!(split_name("@a/b"), None);
        assert_eq!(split_name(""), None);
    }
}

//! What Composer's files share: how they write down a package, and what it needs.
//!
//! Spec: <https://getcomposer.org/doc/04-schema.md>

use std::collections::HashMap;

use super::claims::choice;
use super::locked::Locked;
use super::origin::{vcs_url, without_credentials};
use super::value::Value;
use crate::bom::{
    Component, Hash, HashAlgorithm, Kind, LicenseClaim, Presence, Purl, Scope, Standing, StandingKind,
};
use crate::licenses::Dialect;

/// One package of a lockfile or of what is installed.
///
/// # Errors
/// When it has no name or no version.
pub(super) fn package(value: &Value<'_>, presence: Presence) -> Result<Component, String> {
    let name = value.field("name").ok_or("a package has no name")?;
    let shown = || name.chars().take(80).collect::<String>();
    let (vendor, short) = name.split_once('/').ok_or_else(|| format!("`{}` has no vendor", shown()))?;
    let version = value.field("version").ok_or_else(|| format!("`{}` has no version", shown()))?;
    let purl = Purl::new("composer", Some(vendor), short, Some(version), &[]);
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    component.purl = Some(purl.map_err(|error| error.to_string())?);
    component.presence = presence;
    component.description =
        value.field("description").and_then(|text| text.lines().next()).map(str::to_owned);
    component.homepage = value.field("homepage").map(str::to_owned);
    component.author = authors(value);
    component.standing = abandoned(value).map(Box::new);
    component.licenses.extend(license(value));
    if let Some(source) = value.get("source") {
        let reference = source.field("reference").unwrap_or_default();
        let is_git = source.field("type") == Some("git");
        component.vcs = source
            .field("url")
            .filter(|url| is_git && !url.starts_with('.'))
            .map(|url| vcs_url(url, reference));
    }
    if let Some(dist) = value.get("dist") {
        component.download = dist
            .field("url")
            .filter(|url| url.starts_with("http"))
            .map(|url| without_credentials(url).into());
        component
            .hashes
            .extend(dist.field("shasum").and_then(|sha| Hash::from_hex(HashAlgorithm::Sha1, sha)));
    }
    // A folder beside the project, which Composer links or copies.
    if value.get("dist").is_some_and(|dist| dist.field("type") == Some("path")) {
        component.purl = None;
        component.kind = Kind::Application;
        component.first_party = true;
    }
    Ok(component)
}

/// Of several licences one may be chosen; all at once are written as one expression.
fn license(value: &Value<'_>) -> Option<LicenseClaim> {
    let license = value.get("license")?;
    let names: Vec<&str> = license.as_str().into_iter().chain(value.texts("license")).collect();
    choice(&names, Dialect::Composer)
}

fn authors(value: &Value<'_>) -> Option<String> {
    let authors = value.get("authors")?.items().iter().filter_map(|author| author.field("name"));
    let authors: Vec<&str> = authors.collect();
    (!authors.is_empty()).then(|| authors.join(", "))
}

/// `true`, or what to use instead.
fn abandoned(value: &Value<'_>) -> Option<Standing> {
    let abandoned = value.get("abandoned")?;
    let reason = match abandoned.as_str() {
        Some(instead) => format!("use {instead} instead"),
        None if abandoned.is_true() => String::new(),
        None => return None,
    };
    Some(Standing { kind: StandingKind::Abandoned, reason })
}

/// Packages by the names they answer to. Names know no case.
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    /// Of packages in their order. A package also stands for what it replaces or provides, where nothing of
    /// that name is there itself.
    pub(super) fn of(packages: &[&Value<'_>]) -> Self {
        let mut names = HashMap::new();
        for (place, package) in packages.iter().enumerate() {
            if let Some(name) = package.field("name") {
                names.insert(name.to_ascii_lowercase(), place);
            }
        }
        for (place, package) in packages.iter().enumerate() {
            for name in package.keys("replace").chain(package.keys("provide")) {
                names.entry(name.to_ascii_lowercase()).or_insert(place);
            }
        }
        Self(names)
    }

    /// What a member that maps names to constraints leads to. PHP itself and its extensions are no packages.
    pub(super) fn needs(&self, value: &Value<'_>, key: &str, scope: Scope) -> Vec<(usize, Scope)> {
        let find = |name: &str| Some((*self.0.get(&name.to_ascii_lowercase())?, scope));
        value.keys(key).filter_map(find).collect()
    }
}

/// The project by its `composer.json`: what it asked for, and its name, where it has one.
pub(super) fn project(manifest: &Value<'_>, names: &Names) -> Locked {
    let mut component =
        super::locked::own(manifest.field("name").unwrap_or_default(), manifest.field("version"));
    component.licenses.extend(license(manifest));
    let mut needs = names.needs(manifest, "require", Scope::Required);
    needs.extend(names.needs(manifest, "require-dev", Scope::Dev));
    Locked { component, line: None, scope: None, needs: Some(needs) }
}

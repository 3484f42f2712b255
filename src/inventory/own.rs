//! What the manifest at the top of a folder says of the project holds for the folder itself, and what a package says of
//! itself for the file that it is.

use crate::bom::{Basis, Component, Components, Presence, Subject, SubjectKind};

/// Gives the subject the project's licence and copyright. Where several manifests lie at the top and disagree, nobody
/// knows which is meant.
pub(super) fn describe(subject: &mut Subject, components: &Components) {
    match subject.kind {
        SubjectKind::Image => return,
        SubjectKind::File => return be_package(subject, components),
        SubjectKind::Directory => {}
    }
    let at_top = |component: &Component| component.evidence.iter().any(|place| !place.path.contains('/'));
    let own = || components.values().filter(|component| component.first_party && at_top(component));
    subject.copyright = agreed(own().filter_map(|component| component.copyright.clone()));
    let licenses = own().map(|component| component.licenses.to_vec()).filter(|claims| !claims.is_empty());
    subject.licenses = agreed(licenses).unwrap_or_default();
    subject.licenses.retain(|claim| claim.basis != Basis::Derived);
}

/// Makes the subject the one package that the file is.
fn be_package(subject: &mut Subject, components: &Components) {
    let is_it = |component: &&Component| match &subject.version {
        Some(version) => component.name == subject.name && component.version.as_ref() == Some(version),
        None => component.evidence.iter().any(|place| is_of_the_file(&place.path)),
    };
    let named = components.values().filter(|component| component.purl.is_some());
    let mut packages = named.filter(|component| component.presence == Presence::Installed).filter(is_it);
    let (Some(package), None) = (packages.next(), packages.next()) else { return };
    subject.name.clone_from(&package.name);
    subject.version.clone_from(&package.version);
    subject.purl.clone_from(&package.purl);
    subject.supplier = package.supplier.clone().or(subject.supplier.take());
    subject.copyright.clone_from(&package.copyright);
    subject.licenses = package.licenses.to_vec();
    subject.licenses.retain(|claim| claim.basis != Basis::Derived);
}

/// Whether what lies there tells of the file as a whole: the manifest at the top of a package of npm, Cargo, RubyGems,
/// NuGet or Python, and what a library's own archive says of itself.
fn is_of_the_file(path: &str) -> bool {
    if let Some((archive, inside)) = path.split_once("!/") {
        let is_metadata = ["META-INF/", "EGG-INFO/"].iter().any(|folder| inside.starts_with(folder));
        let is_metadata = is_metadata || inside.ends_with(".dist-info/METADATA") || inside == ".archive";
        return is_metadata && !archive.contains('/') && !inside.contains("!/");
    }
    let (folder, name) = path.split_once('/').unwrap_or(("", path));
    match folder {
        "" => name.ends_with(".nuspec"),
        "package" if name == "package.json" => true,
        "specifications" => name.ends_with(".gemspec"),
        _ => matches!(name, "Cargo.toml" | "PKG-INFO"),
    }
}

/// What all of them say.
fn agreed<T: PartialEq>(mut said: impl Iterator<Item = T>) -> Option<T> {
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use crate::bom::Bom;
    use crate::inventory::ecosystems::testing::layered;

    fn said(bom: &Bom) -> Vec<&str> {
        bom.subject.licenses.iter().map(|claim| claim.text.as_str()).collect()
    }

    const NODE: &str = r#"{"name": "shop", "version": "1.0.0", "license": "MIT"}"#;

    #[test]
    fn a_folder_is_under_the_licence_that_the_manifest_at_its_top_states() {
        let inner = ("lib/package.json", r#"{"name": "lib", "version": "1.0.0", "license": "ISC"}"#);
        let bom = layered(&[&[("package.json", NODE), inner]]);
        assert_eq!(said(&bom), ["MIT"]);
    }

    #[test]
    fn where_manifests_disagree_nobody_knows() {
        let r = ("DESCRIPTION", "Package: other\nVersion: 1.0.0\nLicense: GPL-3\n");
        assert_eq!(said(&layered(&[&[r]])), ["GPL-3"]);
        assert_eq!(said(&layered(&[&[("package.json", NODE), r]])), [""; 0]);
    }
}

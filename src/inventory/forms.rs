//! What sort of file a component is as it is handed on: the file names and properties that the BSI asks for.
//!
//! A package is an archive of which the parts are told, and no program, whatever is in it; only archives of Java are
//! run as they are. A program or library is what is run, and its parts cannot be told any more. Most registries
//! fix what the file of a package is called; where they do not, or the package came from elsewhere, only the
//! address it was fetched from tells. What lies in another's files was not handed on as a file of its own, and what
//! was linked into a program is none.
//! Spec: BSI TR-03183-2, <https://www.bsi.bund.de/dok/TR-03183>, sections 3.2.1 and 8.1

use super::{Extent, Found};
use crate::bom::{Component, Components, Form, Purl, Technique};

/// Endings of archives that a runtime executes.
const RUN_AS_ARCHIVES: &[&str] = &["aar", "ear", "hpi", "jar", "jpi", "nar", "war"];

/// Types of packages that are archives as they are handed on.
const PACKAGED: &[&str] = &[
    "alpm", "apk", "cargo", "composer", "conan", "conda", "cran", "deb", "gem", "golang", "hackage", "hex",
    "luarocks", "npm", "nuget", "opam", "opkg", "pub", "pypi", "rpm",
];

/// Notes the form of each component that is a file, or was handed on as one.
pub(super) fn note(components: &mut Components, found: &[Found]) {
    for found in found {
        if let Some(Extent::File(path)) = &found.extent
            && let Some(component) = components.get_mut(&found.component.reference())
        {
            component.form = of_file(path).into();
        }
    }
    for component in components.values_mut().filter(|component| component.form.archive.is_none()) {
        component.form = of_package(component).unwrap_or_default().into();
    }
}

fn of_file(path: &str) -> Form {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_archive = name.rsplit_once('.').is_some_and(|(_, ending)| RUN_AS_ARCHIVES.contains(&ending));
    Form {
        file_name: Some(name.to_owned()),
        executable: Some(true),
        archive: Some(is_archive),
        structured: Some(is_archive),
    }
}

fn of_package(component: &Component) -> Option<Form> {
    let purl = component.purl.as_ref().filter(|purl| PACKAGED.contains(&purl.ty()))?;
    let is_told = |technique| component.evidence.iter().any(|place| place.technique == technique);
    if component.first_party || !is_told(Technique::ManifestAnalysis) {
        return None;
    }
    let fetched = component.download.as_deref().and_then(last_part);
    let file_name = match component.owner {
        Some(_) => None,
        None => {
            let own = component.form.file_name.as_deref();
            own.or(fetched).map(str::to_owned).or_else(|| by_rule(component, purl))
        }
    };
    Some(Form { file_name, executable: Some(false), archive: Some(true), structured: Some(true) })
}

/// The last part of an address that is one of a file.
fn last_part(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let rest = rest.split(['?', '#']).next()?;
    let (_, name) = rest.rsplit_once('/')?;
    let has_ending =
        name.rsplit_once('.').is_some_and(|(before, ending)| !before.is_empty() && !ending.is_empty());
    (has_ending && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'%')).then_some(name)
}

/// What the registry of a type calls the file. Absent where it does not say, and for what came from elsewhere.
fn by_rule(component: &Component, purl: &Purl) -> Option<String> {
    let version = component.version.as_deref()?;
    if ["download_url", "repository_url", "vcs_url"].iter().any(|key| purl.qualifier(key).is_some()) {
        return None;
    }
    let name = purl.name();
    let arch = purl.qualifier("arch").filter(|arch| *arch != "source");
    Some(match purl.ty() {
        "apk" => format!("{name}-{version}.apk"),
        "cargo" => format!("{name}-{version}.crate"),
        "deb" => format!("{name}_{}_{}.deb", without_epoch(version), arch?),
        "gem" => match purl.qualifier("platform").filter(|platform| *platform != "ruby") {
            Some(platform) => format!("{name}-{version}-{platform}.gem"),
            None => format!("{name}-{version}.gem"),
        },
        "npm" => format!("{name}-{version}.tgz"),
        "nuget" => format!("{}.{}.nupkg", name.to_lowercase(), version.to_lowercase()),
        "rpm" => format!("{name}-{}.{}.rpm", without_epoch(version), arch?),
        _ => return None,
    })
}

fn without_epoch(version: &str) -> &str {
    match version.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::ecosystems::testing::layered;

    fn named(purl: &str) -> Option<String> {
        let mut component = Component::new("x");
        let purl: Purl = purl.parse().expect("a purl");
        component.version = purl.version().map(str::to_owned);
        by_rule(&component, &purl)
    }

    #[test]
    fn registries_fix_the_names_of_files() {
        let check = |purl: &str, expected: &str| assert_eq!(named(purl).as_deref(), Some(expected), "{purl}");
        check("pkg:npm/%40types/node@20.1.0", "node-20.1.0.tgz");
        check("pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12", "bash_5.2.15-2+b7_amd64.deb");
        check("pkg:deb/debian/vim@2:9.0-1?arch=all", "vim_9.0-1_all.deb");
        check("pkg:rpm/fedora/zlib@1.2-3.fc40?arch=x86_64", "zlib-1.2-3.fc40.x86_64.rpm");
        check("pkg:gem/nokogiri@1.16.0?platform=x86_64-linux", "nokogiri-1.16.0-x86_64-linux.gem");
        assert_eq!(named("pkg:deb/debian/x@1?arch=source"), None);
        assert_eq!(named("pkg:npm/x@1?vcs_url=git%2Bhttps://example.org/x.git"), None);
        assert_eq!(named("pkg:pypi/x@1"), None, "a wheel or a source archive");
    }

    #[test]
    fn an_address_tells_the_name_of_its_file() {
        assert_eq!(last_part("https://example.org/x/x-1.tgz?token=1"), Some("x-1.tgz"));
        assert_eq!(last_part("https://example.org/x"), None);
        assert_eq!(last_part("https://example.org"), None);
    }

    #[test]
    fn programs_are_run_and_packages_are_unpacked() {
        let bom = layered(&[&[
            ("opt/node!/.fingerprint", "node 18.0.0\n"),
            ("srv/node_modules/x/package.json", r#"{"name": "x", "version": "1.0.0"}"#),
            ("etc/os-release", "ID=debian\nVERSION_ID=12\n"),
        ]]);
        let of = |name: &str| {
            let component = bom.components.values().find(|component| component.name == name).expect(name);
            let Form { file_name, executable, archive, structured } = &*component.form;
            (file_name.as_deref(), [*executable, *archive, *structured])
        };
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(of("debian"), (None, [None; 3]));
        assert_eq!(of("node"), (Some("node"), [yes, no, no]));
        assert_eq!(of("x"), (Some("x-1.0.0.tgz"), [no, yes, yes]));
    }
}

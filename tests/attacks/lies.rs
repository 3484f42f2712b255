//! Images that lie about themselves: planted package databases and SBOMs, packages under the names of others, policies
//! walked around.

use packlist::bom::{Kind, Technique};

use super::{Layer, Place, gaps, listed, purls, text};

const STATUS: &str = "Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n";
const LOCK: &str =
    "{\"lockfileVersion\": 3, \"packages\": {\"node_modules/evil\": {\"version\": \"1.0.0\"}}}";

#[test]
fn a_planted_sbom_removes_nothing() {
    let empty = "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[]}";
    let other = "{\"spdxVersion\":\"SPDX-2.3\",\"SPDXID\":\"SPDXRef-DOCUMENT\",\"name\":\"x\",\"packages\":[{\"SPDXID\":\"SPDXRef-a\",\"name\":\"evil\",\"versionInfo\":\"9.9.9\",\"externalRefs\":[{\"referenceCategory\":\"PACKAGE-MANAGER\",\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:npm/evil@9.9.9\"}]}]}";
    let bom = listed(vec![Layer::of(&[
        ("var/lib/dpkg/status", STATUS.as_bytes()),
        ("srv/package-lock.json", LOCK.as_bytes()),
        ("srv/META-INF/sbom/bom.cdx.json", empty.as_bytes()),
        ("srv/META-INF/sbom/broken.cdx.json", b"{\"bomFormat\":\"CycloneDX\","),
        ("opt/.spdx-evil.spdx", other.as_bytes()),
    ])]);
    let purls = purls(&bom);
    assert!(
        purls.iter().any(|purl| purl.starts_with("pkg:deb/") && purl.contains("/openssl@1.0-1")),
        "{purls:?}"
    );
    assert!(purls.contains(&"pkg:npm/evil@1.0.0".to_owned()), "{purls:?}");
    // What only a document says is there too, as its word.
    let claimed =
        bom.components.values().find(|one| one.version.as_deref() == Some("9.9.9")).expect("attested");
    assert!(claimed.evidence.iter().all(|place| place.technique == Technique::Attestation));
    assert!(gaps(&bom).iter().any(|gap| gap.contains("broken.cdx.json")), "{:?}", gaps(&bom));
}

#[test]
fn a_database_outside_the_root_is_told_apart() {
    let fake = "Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 9.9-9\n";
    let release = "ID=debian\nVERSION_ID=\"12\"\n";
    let bom = listed(vec![Layer::of(&[
        ("etc/os-release", release.as_bytes()),
        ("var/lib/dpkg/status", STATUS.as_bytes()),
        ("opt/fake/var/lib/dpkg/status", fake.as_bytes()),
        // It claims the files of the real root.
        ("opt/fake/var/lib/dpkg/info/openssl.list", b"/srv/package-lock.json\n/var/lib/dpkg/status\n"),
        ("srv/package-lock.json", LOCK.as_bytes()),
    ])]);
    let of_version = |version: &str| {
        let found = bom.components.values().find(|one| one.version.as_deref() == Some(version));
        found.unwrap_or_else(|| panic!("{version} is listed: {:?}", purls(&bom)))
    };
    assert_eq!(of_version("1.0-1").evidence[0].path, "var/lib/dpkg/status");
    let planted = of_version("9.9-9");
    assert_eq!(planted.evidence[0].path, "opt/fake/var/lib/dpkg/status");
    // Only the real root is Debian 12.
    let distro = |version| of_version(version).purl.as_ref().and_then(|purl| purl.qualifier("distro"));
    assert_eq!((distro("1.0-1"), distro("9.9-9")), (Some("debian-12"), None));
    let evil = bom.components.values().find(|one| one.name == "evil").expect("listed");
    assert!(evil.owner.is_none(), "a database owns nothing outside its root");
    let systems = bom.components.values().filter(|one| one.kind == Kind::OperatingSystem).count();
    assert_eq!(systems, 1);
}

#[test]
fn packages_whose_names_become_one_are_each_told() {
    // Two packages of npm's registry, and one of PyPI under two names.
    let package = |name: &str| format!("{{\"name\": \"{name}\", \"version\": \"1.0.0\"}}");
    let bom = listed(vec![Layer::of(&[
        ("srv/node_modules/JSONStream/package.json", package("JSONStream").as_bytes()),
        ("srv/node_modules/jsonstream/package.json", package("jsonstream").as_bytes()),
        ("srv/requirements.txt", b"Foo_Bar==1.0\nfoo.bar==1.0\nfoo-bar==2.0\n"),
    ])]);
    let places: Vec<&str> =
        bom.components.values().flat_map(|one| &one.evidence).map(|place| &*place.path).collect();
    for path in ["srv/node_modules/JSONStream/package.json", "srv/node_modules/jsonstream/package.json"] {
        assert!(places.contains(&path), "{places:?}");
    }
    assert_eq!(
        purls(&bom).iter().filter(|purl| purl.starts_with("pkg:pypi/")).collect::<Vec<_>>(),
        ["pkg:pypi/foo-bar@1.0", "pkg:pypi/foo-bar@2.0"]
    );
    let lines: Vec<Option<u32>> = bom
        .components
        .values()
        .filter(|one| one.purl.as_ref().is_some_and(|purl| purl.as_str() == "pkg:pypi/foo-bar@1.0"))
        .flat_map(|one| one.evidence.iter().map(|place| place.line))
        .collect();
    assert_eq!(lines, [Some(1), Some(2)], "both spellings are places of the one");
}

/// A ban holds however the purl is written.
#[test]
fn a_ban_is_not_walked_around_by_spelling() {
    let place = Place::new();
    place.put(
        "policy.toml",
        b"schema = 1\n[[rule]]\nid = \"all\"\naction = \"allow\"\n[[ban]]\npurl = \"pkg:npm/event-stream\"\nreason = \"r\"\n[[ban]]\npurl = \"pkg:pypi/jeilyfish\"\nreason = \"r\"\n",
    );
    for purl in [
        "pkg:npm/event-stream@3.3.6",
        "pkg:NPM/Event-Stream@3.3.6",
        "pkg:npm/event%2Dstream@3.3.6",
        "pkg:npm/%65vent-stream@3.3.6",
        "pkg://npm/event-stream@3.3.6",
        "pkg:npm/../event-stream@3.3.6",
        "pkg:npm/./event-stream@3.3.6",
        "pkg:npm/event-stream@3.3.6?a=b",
        "pkg:pypi/JeIlyFish@0.7.1",
    ] {
        let sbom = format!(
            "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{{\"type\":\"library\",\"name\":\"x\",\"version\":\"1\",\"purl\":\"{purl}\"}}]}}"
        );
        place.put("sbom.json", sbom.as_bytes());
        let ran = place.run(&["check", "sbom.json", "--policy", "policy.toml"]);
        assert_eq!(ran.status.code(), Some(1), "{purl}: {}{}", text(&ran.stdout), text(&ran.stderr));
    }
}

/// Letters that look like others are no way around a ban: they are told.
#[test]
fn look_alikes_of_names_and_licences_are_told() {
    let place = Place::new();
    place.put(
        "policy.toml",
        b"schema = 1\n[[rule]]\nid = \"gpl\"\nwhen = { category = [\"strong-copyleft\"] }\naction = \"deny\"\n[[rule]]\nid = \"ours\"\nwhen = { category = [\"permissive\"] }\naction = \"allow\"\n",
    );
    let sbom = |name: &str, license: &str| {
        format!(
            "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{{\"type\":\"library\",\"name\":\"{name}\",\"version\":\"1\",\"purl\":\"pkg:npm/{name}@1\",\"licenses\":[{{\"license\":{{\"name\":\"{license}\"}}}}]}}]}}"
        )
    };
    let run = |name: &str, license: &str| {
        place.put("sbom.json", sbom(name, license).as_bytes());
        let ran = place.run(&["check", "sbom.json", "--policy", "policy.toml"]);
        (ran.status.code(), text(&ran.stdout))
    };
    let (code, told) = run("l\u{43e}dash", "MIT");
    assert!(code == Some(0) && told.contains("name-deceptive"), "{told}");
    for license in ["GPL-3.0-only", "gpl-3.0-ONLY", " GPL-3.0-only ", "GPLv3"] {
        assert_eq!(run("x", license).0, Some(1), "{license}");
    }
    for license in [
        "\u{ff27}\u{ff30}\u{ff2c}-3.0-only",
        "GPL\u{2011}3.0-only",
        "GP\u{200b}L-3.0-only",
        "G\u{420}L-3.0-only",
    ] {
        let (_, told) = run("x", license);
        assert!(
            told.contains("license-unknown") || told.contains("license-not-allowed"),
            "{license}: {told}"
        );
    }
}

//! `Podfile.lock`: what CocoaPods resolved for an Apple project.
//!
//! A pod's parts (`Texture/Core`) are listed like pods and need each other; in a purl they are the subpath.
//! `SPEC CHECKSUMS` are of the descriptions of pods, not of the pods, and are no digests of ours.
//! Spec: <https://guides.cocoapods.org/using/using-cocoapods.html#what-is-podfilelock>

use std::collections::{HashMap, HashSet};

use super::super::lines::Lines;
use super::super::value::{Kind as Shape, Value};
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, git, nothing_beside, yaml};
use crate::bom::{Component, Kind, Presence, Purl};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "cocoapods",
    about: "pods locked in Podfile.lock",
    reads: &["**/Podfile.lock"],
    beside: &[],
    spec: "https://guides.cocoapods.org/using/using-cocoapods.html#what-is-podfilelock",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lines = Lines::of(&text);
    let documents = yaml::parse(&text)?;
    let lock = documents.first().filter(|lock| lock.get("PODS").is_some());
    let lock = lock.ok_or_else(|| ParseError::new(None, "has no `PODS`"))?;
    let asked: HashSet<&str> = lock.texts("DEPENDENCIES").map(|text| name_and_version(text).0).collect();
    let sources =
        Sources { external: by_name(lock, "EXTERNAL SOURCES"), checkout: by_name(lock, "CHECKOUT OPTIONS") };
    let address = |name: &str| format!("cocoapods:{}#{name}", file.path);
    let mut parsed = Parsed::default();
    for item in lock.get("PODS").map_or(&[][..], Value::items) {
        let line = lines.line(item.at);
        // A pod without needs is a text, one with needs a map of that text to a list.
        let (pod, needs) = match &item.kind {
            Shape::Map(members) => match members.first() {
                Some(member) => (&*member.key, member.value.items()),
                None => continue,
            },
            _ => (item.as_str().unwrap_or_default(), &[][..]),
        };
        let (name, version) = name_and_version(pod);
        match component(name, version, &sources) {
            Ok(mut component) => {
                component.asked_for = asked.contains(name) && !component.first_party;
                let mut package = Package::new(component);
                package.line = Some(line);
                package.addresses = vec![address(name)];
                let names = needs.iter().filter_map(Value::as_str).map(|need| name_and_version(need).0);
                package.needs = Some(names.map(|name| Need::of(address(name))).collect());
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    Ok(parsed)
}

/// Where pods come from that are from no repository of pods, by name.
struct Sources<'a> {
    external: HashMap<&'a str, &'a Value<'a>>,
    /// What was there at the time.
    checkout: HashMap<&'a str, &'a Value<'a>>,
}

fn by_name<'a>(lock: &'a Value<'a>, list: &str) -> HashMap<&'a str, &'a Value<'a>> {
    let members = lock.get(list).map_or(&[][..], Value::members);
    members.iter().map(|member| (&*member.key, &member.value)).collect()
}

/// `Texture/Core (3.1.0)`: the version is in parentheses, as constraints and places are elsewhere.
fn name_and_version(text: &str) -> (&str, Option<&str>) {
    match text.split_once(" (") {
        Some((name, rest)) => (name.trim(), Some(rest.trim_end_matches(')'))),
        None => (text.trim(), None),
    }
}

fn component(name: &str, version: Option<&str>, sources: &Sources<'_>) -> Result<Component, String> {
    let (pod, part) = name.split_once('/').unwrap_or((name, ""));
    let mut component = Component::new(name);
    component.version = version.map(str::to_owned);
    component.presence = Presence::Declared;
    let external = |key: &str| sources.external.get(pod)?.field(key);
    if external(":path").is_some() {
        component.kind = Kind::Application;
        component.first_party = true;
        return Ok(component);
    }
    let mut qualifier = None;
    if let Some(url) = external(":git") {
        let there = sources.checkout.get(pod).and_then(|options| options.field(":commit"));
        let at = there.or_else(|| external(":commit")).or_else(|| external(":tag")).unwrap_or_default();
        let url = git::url(url, at);
        component.vcs = Some(url.clone());
        qualifier = Some(("vcs_url", url));
    }
    let qualifier = qualifier.as_ref().map(|(key, value)| (*key, value.as_str()));
    let mut purl = Purl::new("cocoapods", None, pod, version, qualifier.as_slice());
    if let Ok(whole) = &purl
        && !part.is_empty()
    {
        purl = format!("{whole}#{part}").parse();
    }
    component.purl = Some(purl.map_err(|error| error.to_string())?);
    Ok(component)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn parts_of_a_pod_are_listed_with_it() {
        let lock = "PODS:\n  - AppCenter (4.2.0):\n    - AppCenter/Analytics (= 4.2.0)\n  - AppCenter/Analytics (4.2.0):\n    - AppCenter/Core\n\
                    \x20 - AppCenter/Core (4.2.0)\n  - KeychainAccess (4.2.1)\n\nDEPENDENCIES:\n  - AppCenter\n  - KeychainAccess (~> 4.2)\n\n\
                    SPEC CHECKSUMS:\n  AppCenter: 87ef6eefd8ade4df59e88951288587429f3dd2a5\n\nPODFILE CHECKSUM: 4d5d\n\nCOCOAPODS: 1.11.2\n";
        check(
            &ECOSYSTEM,
            &[("Podfile.lock", lock)],
            expect![[r#"
            pkg:cocoapods/AppCenter@4.2.0 line 2 needs [AppCenter@4.2.0#Analytics]
            pkg:cocoapods/AppCenter@4.2.0#Analytics line 4 needs [AppCenter@4.2.0#Core]
            pkg:cocoapods/AppCenter@4.2.0#Core line 6 needs []
            pkg:cocoapods/KeychainAccess@4.2.1 line 7 needs []
        "#]],
        );
    }

    #[test]
    fn pods_from_elsewhere_say_so() {
        let lock = "PODS:\n  - Beside (0.1.0)\n  - Mine (1.0)\n  - \"Odd+Name/Sub (2.0)\"\n\nDEPENDENCIES:\n  - Beside (from `../Beside`)\n  - Mine (from `https://github.com/o/Mine.git`, tag `1.0`)\n\n\
                    EXTERNAL SOURCES:\n  Beside:\n    :path: \"../Beside\"\n  Mine:\n    :git: https://github.com/o/Mine.git\n    :tag: '1.0'\n\n\
                    CHECKOUT OPTIONS:\n  Mine:\n    :commit: 0123abcd\n    :git: https://github.com/o/Mine.git\n";
        check(
            &ECOSYSTEM,
            &[("a/Podfile.lock", lock)],
            expect![[r#"
            application:Beside@0.1.0 line 2 application first-party needs []
            pkg:cocoapods/Mine@1.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2FMine.git%400123abcd line 3 needs []
            pkg:cocoapods/Odd%2BName@2.0#Sub line 4 needs []
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("Podfile.lock", "PODS:\n  - A (1.0"),
                ("b/Podfile.lock", "x: y"),
                ("c/Podfile.lock", "PODS:\n  - {}\n  - \"\"\n  - 'a: ["),
            ],
            expect![[r#"
                pkg:cocoapods/A@1.0 line 2 needs []
                gap b/Podfile.lock: has no `PODS`
                gap c/Podfile.lock:4: is not the YAML expected here: a text is never closed
            "#]],
        );
    }
}

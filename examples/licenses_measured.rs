//! How well licences are read, measured on folders you name:
//!
//! ```text
//! cargo run --release --example licenses_measured installed ROOTFS...
//! cargo run --release --example licenses_measured texts NODE_MODULES CRATES...
//! ```
//!
//! The first takes folders with installed packages and lists those without a certain licence by cause. The second
//! takes folders of npm packages and crates, whose manifests state their licence, and compares what is detected in
//! the licence files beside them: for each package together, for each file, and for each different file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use packlist::bom::Bom;
use packlist::inventory::{self, ecosystems};
use packlist::layers::Tree;
use packlist::licenses::{self, Dialect, Expression, License, LicenseId};
use packlist::source;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let folders: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    match what.as_str() {
        "installed" => installed(&folders),
        "texts" => texts(&folders),
        _ => eprintln!("say `installed` or `texts`, and the folders to look into"),
    }
}

fn bom_of(folder: &Path) -> Bom {
    let wanted = inventory::wanted(ecosystems::ALL);
    let reference = folder.to_str().expect("a readable path");
    let read = source::read(reference, &wanted, &source::Options::default()).expect("a folder");
    inventory::take(read.subject, read.layers, &Tree::stack(&read.extracts), read.gaps, ecosystems::ALL)
}

fn installed(folders: &[PathBuf]) {
    for folder in folders {
        let bom = bom_of(folder);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut causes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let packages = bom.components.values().filter(|component| {
            let purl = component.purl.as_ref().map(ToString::to_string).unwrap_or_default();
            let is_source = component.purl.as_ref().and_then(|purl| purl.qualifier("arch")) == Some("source");
            ["pkg:deb/", "pkg:apk/", "pkg:rpm/"].iter().any(|begin| purl.starts_with(begin)) && !is_source
        });
        for component in packages {
            *counts.entry("packages").or_default() += 1;
            let claims = component.licenses.iter().filter_map(|claim| claim.expression.clone());
            let Some(expression) = Expression::all_of(claims) else {
                *counts.entry("without a licence").or_default() += 1;
                causes.entry("no licence is stated".to_owned()).or_default().insert(component.name.clone());
                continue;
            };
            assert_eq!(Expression::parse(&expression.to_string()).as_ref(), Ok(&expression));
            *counts.entry("one valid expression").or_default() += 1;
            let open: Vec<&License> = expression.leaves().filter(|license| !is_pure(license)).collect();
            if open.is_empty() {
                *counts.entry("pure SPDX ids").or_default() += 1;
            }
            if open.iter().all(|license| license.id.as_str() == licenses::PUBLIC_DOMAIN) {
                *counts.entry("pure SPDX ids, or the public domain").or_default() += 1;
            }
            let categories = licenses::categories_of(&expression);
            let is_certain = categories.start() == categories.end();
            if is_certain {
                *counts.entry("category certain").or_default() += 1;
            }
            for license in open {
                let range = licenses::categories(license);
                let is_cause = !is_certain && range.start() != range.end();
                let kind = if is_cause { "leaves the category open" } else { "no id" };
                let cause = format!("{kind}: {license}");
                causes.entry(cause).or_default().insert(component.name.clone());
                *counts.entry(text_of(license, &bom)).or_default() += 1;
            }
            // A policy that allows up to some category: the verdict may be certain where the category is not.
            let is_certain_for = |limit| (*categories.start() <= limit) == (*categories.end() <= limit);
            if is_certain_for(licenses::Category::Permissive) {
                *counts.entry("certain whether more than permissive").or_default() += 1;
            }
            if is_certain_for(licenses::Category::WeakCopyleft) {
                *counts.entry("certain whether more than weak copyleft").or_default() += 1;
            }
        }
        println!("{}: {counts:#?}", folder.display());
        let mut causes: Vec<_> = causes.into_iter().collect();
        causes.sort_by_key(|(cause, packages)| (std::cmp::Reverse(packages.len()), cause.clone()));
        for (cause, packages) in causes {
            let shown: Vec<&str> = packages.iter().map(String::as_str).take(4).collect();
            println!("{:5}  {cause}  ({})", packages.len(), shown.join(", "));
        }
    }
}

/// Whether the bill carries the text behind a reference, and why not. Databases of rpm and apk hold names and no texts.
fn text_of(license: &License, bom: &Bom) -> &'static str {
    let is_own = license.exception.as_deref().filter(|id| id.starts_with("AdditionRef-"));
    let id = is_own.unwrap_or(license.id.as_str());
    let has_text = bom.license_texts.contains_key(id);
    match () {
        () if has_text => "references: with their text",
        () if id == licenses::PUBLIC_DOMAIN => "references: the public domain, which has no text",
        () if licenses::family(license).is_some() => "references: to a family, whose texts are the list's",
        () => "references: a name, no text beside it",
    }
}

/// An id of the list, with no exception or one of the list.
fn is_pure(license: &License) -> bool {
    matches!(license.id, LicenseId::Spdx(_))
        && license.exception.as_deref().is_none_or(|id| !id.starts_with("AdditionRef-"))
}

#[derive(Default)]
struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    fn print(&self, title: &str) {
        let all: usize = self.0.values().sum();
        println!("== {all} {title}");
        for (what, count) in &self.0 {
            println!("{count:6}  {:5.1} %  {what}", *count as f32 * 100.0 / all.max(1) as f32);
        }
    }
}

fn texts(folders: &[PathBuf]) {
    let started = Instant::now();
    licenses::detect("MIT License and so on");
    println!("first call, which reads the index: {:?}", started.elapsed());
    let [mut packages, mut every, mut different]: [Tally; 3] = Default::default();
    let mut found: BTreeMap<Vec<u8>, (BTreeSet<String>, u128)> = BTreeMap::new();
    let mut misses: BTreeSet<String> = BTreeSet::new();
    for folder in folders {
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten() {
            let Some((name, declared)) = manifest(entry.path()) else { continue };
            let declared: BTreeSet<String> = declared.leaves().map(version).collect();
            let mut together: BTreeSet<String> = BTreeSet::new();
            let mut files = Vec::new();
            for (file, bytes) in license_files(entry.path().parent().expect("a file has a folder")) {
                let is_new = !found.contains_key(&bytes);
                let (detected, _) = found.entry(bytes).or_insert_with_key(|bytes| timed(bytes));
                let what = judged(&declared, detected);
                *every.0.entry(what).or_default() += 1;
                if is_new {
                    *different.0.entry(what).or_default() += 1;
                }
                together.extend(detected.iter().cloned());
                files.push(format!("{file} {detected:?}"));
            }
            let what = if files.is_empty() { continue } else { judged(&declared, &together) };
            *packages.0.entry(what).or_default() += 1;
            if what != EXACT {
                misses
                    .insert(format!("{what}: {name}: declared {declared:?}, detected {}", files.join(", ")));
            }
        }
    }
    packages.print("packages whose manifest states an SPDX licence, with licence files");
    every.print("files of these");
    different.print("different files");
    let mut times: Vec<u128> = found.values().map(|(_, time)| *time / 1000).collect();
    times.sort_unstable();
    let mean = times.iter().sum::<u128>() / (times.len().max(1) as u128);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0);
    println!(
        "µs a different file: median {}, mean {mean}, 90 % within {}, 99 % within {}, longest {}",
        at(50),
        at(90),
        at(99),
        times.last().unwrap_or(&0)
    );
    for miss in misses {
        println!("   {miss}");
    }
}

fn license_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let beside = walkdir::WalkDir::new(folder).max_depth(1).sort_by_file_name().into_iter().flatten();
    beside
        .filter(|file| file.file_type().is_file() && is_license_file(&file.file_name().to_string_lossy()))
        .filter_map(|file| {
            Some((file.file_name().to_string_lossy().into_owned(), fs::read(file.path()).ok()?))
        })
        .collect()
}

/// What is detected, and the least nanoseconds of three times that it took: other programs run beside this one.
fn timed(bytes: &[u8]) -> (BTreeSet<String>, u128) {
    let text = String::from_utf8_lossy(bytes);
    let mut least = u128::MAX;
    let mut detected = BTreeSet::new();
    // What was found in a text is remembered; one with another blank line at its end is another text.
    for blank in ["", "\n", "\n\n"] {
        let text = format!("{text}{blank}");
        let started = Instant::now();
        let found = licenses::detect(&text);
        least = least.min(started.elapsed().as_nanos());
        detected = found.iter().flat_map(|found| found.expression.leaves()).map(version).collect();
    }
    (detected, least)
}

/// The licence without "only" and "or later", which are not in a text.
fn version(license: &License) -> String {
    let id = license.to_string();
    let id = id.strip_prefix("LicenseRef-packlist-family-").unwrap_or(&id);
    id.replace("-only", "").replace("-or-later", "")
}

const EXACT: &str = "exact";

fn judged(declared: &BTreeSet<String>, detected: &BTreeSet<String>) -> &'static str {
    match () {
        () if detected.is_empty() => "none",
        // One file of several may hold one licence of several.
        () if detected == declared || declared.len() > 1 && detected.is_subset(declared) => EXACT,
        () if detected.is_superset(declared) => "more than declared",
        () => "other",
    }
}

/// The name and the licence that a manifest states.
fn manifest(path: &Path) -> Option<(String, Expression)> {
    let name = path.file_name()?.to_str()?;
    let (package, dialect) = match name {
        "package.json" => (serde_json::from_slice(&fs::read(path).ok()?).ok()?, Dialect::Npm),
        "Cargo.toml" => {
            let manifest: toml::Value = toml::from_str(&fs::read_to_string(path).ok()?).ok()?;
            (serde_json::to_value(manifest.get("package")?).ok()?, Dialect::Cargo)
        }
        _ => return None,
    };
    let package: serde_json::Value = package;
    let expression = licenses::read(package.get("license")?.as_str()?, dialect)?;
    expression.leaves().all(|license| matches!(license.id, LicenseId::Spdx(_))).then_some(())?;
    Some((package.get("name")?.as_str()?.to_owned(), expression))
}

fn is_license_file(name: &str) -> bool {
    let name = name.to_lowercase();
    ["license", "licence", "copying", "unlicense"].iter().any(|begin| name.starts_with(begin))
        && !name.ends_with(".js")
        && !name.ends_with(".json")
        // Lists of what others made, by their name.
        && !["third-party", "thirdparty", "3rd-party"].iter().any(|others| name.contains(others))
}

//! What packlist finds in a collection of inputs, compared with what there is to find:
//!
//! ```text
//! cargo run --release --example corpus_compared -- FOLDER [ECOSYSTEM...]
//! ```
//!
//! The folder holds, for each ecosystem, cases and their answers:
//!
//! ```text
//! FOLDER/npm/lock-v3/package-lock.json     the input: whatever lies in the case's folder
//! FOLDER/npm/lock-v3.expected.json         the answer
//! ```
//!
//! An answer is `{"kind": "packages", "packages": [{"type": "npm", "name": "@scope/x", "version": "1.0"}]}`. Its
//! `type` is the purl type, and `name` the whole name: `@scope/x`, `group:artifact`, a Go module's path; a
//! distribution's package has no namespace. A package may say its `purl`, which then counts for type and name. Other
//! kinds are `error` (nothing may be found, and the document must tell a gap) and `image` (the case is one archive of
//! an image, and the answer, `{"expected": {"os_packages": […]}}`, lists the distribution's packages only).
//! Answers of further kinds are not about packages and are stepped over. A case whose folder holds one document
//! and nothing else is read as that document; every other as a directory.
//!
//! Sets of type, name and version are compared. Names count as their registry does: PyPI's, Composer's, NuGet's and
//! Go's without case, an epoch of 0 not at all, `v1` of Go as `1`, Swift's without their host.
//!
//! A difference is excused by a line of `tests/corpus_reasons.csv` alone: `input,kind,package,reason`, where `input`
//! is a glob of `ecosystem/case`, `package` one of `type/name@version`, and `kind` one of
//!
//! - `missing`: the answer has it, we do not;
//! - `no-purl`: the answer has it as a package of a registry, and we list it without a purl, as part of the project;
//! - `subject`: what a document is about is a package of the answer and not of ours, or the other way round;
//! - `extra`: we have it, the answer does not;
//! - `dev`, `optional`: the same, and we say that it is needed only to develop, or may be missing;
//! - `*`: any of these.
//!
//! A difference without a reason, and a reason without a difference, end the program with 1.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use globset::{Glob, GlobMatcher};
use packlist::bom::{Bom, Component, Purl, Scope};
use packlist::inventory::{self, ecosystems};
use packlist::layers::Tree;
use packlist::reader;
use packlist::source::{self, SourceError};
use serde_json::Value;

const REASONS: &str = include_str!("../tests/corpus_reasons.csv");

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        eprintln!("say the folder of the corpus");
        return ExitCode::from(2);
    };
    let only: Vec<String> = arguments.collect();
    let mut reasons: Vec<Reason> = REASONS.lines().filter_map(Reason::of).collect();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for ecosystem in folders(&folder) {
        if only.is_empty() || only.contains(&name_of(&ecosystem)) {
            for case in folders(&ecosystem) {
                compare(&case, &mut reasons, tallies.entry(name_of(&ecosystem)).or_default());
            }
        }
    }
    tallies.retain(|_, tally| tally.inputs > 0);
    print_table(&tallies);
    let idle: Vec<&Reason> =
        reasons.iter().filter(|reason| reason.used == 0 && reason.is_for(&only)).collect();
    for reason in &idle {
        println!("excuses nothing: {},{},{}", reason.input.glob(), reason.kind, reason.package.glob());
    }
    let is_clean = idle.is_empty() && tallies.values().all(|tally| tally.unexplained == 0);
    ExitCode::from(u8::from(!is_clean))
}

/// Type, name and version, in the form in which they are compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Thing {
    ty: String,
    name: String,
    version: String,
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}@{}", self.ty, self.name, self.version)
    }
}

impl Thing {
    fn new(ty: &str, name: &str, version: &str) -> Self {
        let name = match ty {
            "pypi" => dashed(&name.to_lowercase()),
            "composer" | "nuget" | "golang" => name.to_lowercase(),
            "swift" => name.rsplit('/').next().unwrap_or_default().to_owned(),
            _ => name.to_owned(),
        };
        let version = version.strip_prefix("0:").unwrap_or(version);
        let version = if ty == "golang" { version.strip_prefix('v').unwrap_or(version) } else { version };
        Self { ty: ty.to_owned(), name, version: version.to_owned() }
    }

    fn of_purl(purl: &Purl, version: Option<&str>) -> Self {
        let is_system = matches!(
            purl.ty(),
            "alpm" | "apk" | "bitnami" | "bottlerocket" | "cos" | "deb" | "opkg" | "portage" | "rpm"
        );
        let name = match purl.namespace().filter(|_| !is_system) {
            Some(namespace) if purl.ty() == "maven" => format!("{namespace}:{}", purl.name()),
            Some(namespace) => format!("{namespace}/{}", purl.name()),
            None => purl.name().to_owned(),
        };
        let part = purl.subpath().filter(|_| purl.ty() == "cocoapods");
        let name = part.map_or(name.clone(), |part| format!("{name}/{part}"));
        Self::new(purl.ty(), &name, version.unwrap_or_default())
    }

    /// As a bill lists it: what has no purl has no type.
    fn of_component(component: &Component) -> Self {
        match &component.purl {
            Some(purl) => Self::of_purl(purl, component.version.as_deref()),
            None => Self::new("", &component.name, component.version.as_deref().unwrap_or_default()),
        }
    }

    /// As an answer lists it.
    fn of_answer(answer: &Value, is_document: bool) -> Self {
        let text = |key: &str| answer[key].as_str();
        let purl = text("purl").filter(|_| is_document).and_then(|purl| purl.parse::<Purl>().ok());
        match purl {
            Some(purl) => Self::of_purl(&purl, text("version")),
            None => Self::new(
                text("type").unwrap_or_default(),
                text("name").unwrap_or_default(),
                text("version").unwrap_or_default(),
            ),
        }
    }

    /// The same without a type, and without its rules for names: what can be compared with a component that has
    /// no purl.
    fn untyped(&self) -> Self {
        Self { ty: String::new(), name: dashed(&self.name.to_lowercase()), version: self.version.clone() }
    }
}

/// PyPI's names: any run of `-`, `_` and `.` is one hyphen.
fn dashed(name: &str) -> String {
    let parts: Vec<&str> = name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

struct Reason {
    input: GlobMatcher,
    kind: &'static str,
    package: GlobMatcher,
    /// How many differences it has excused.
    used: usize,
}

impl Reason {
    /// `None` for comments and empty lines.
    fn of(line: &str) -> Option<Self> {
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let fields: Vec<&str> = line.splitn(4, ',').collect();
        let [input, kind, package, reason] = fields[..] else { panic!("a reason has four fields: `{line}`") };
        assert!(reason.len() > 20, "a reason says why: `{line}`");
        let kinds = ["*", "missing", "no-purl", "subject", "extra", "dev", "optional"];
        let kind = kinds.into_iter().find(|known| *known == kind).expect("a kind of difference");
        let glob = |text: &str| Glob::new(text).expect("a glob").compile_matcher();
        Some(Self { input: glob(input), kind, package: glob(package), used: 0 })
    }

    /// Whether it can be of use when only these ecosystems are looked at.
    fn is_for(&self, only: &[String]) -> bool {
        only.is_empty() || only.iter().any(|name| self.input.glob().glob().starts_with(&format!("{name}/")))
    }
}

#[derive(Default)]
struct Tally {
    inputs: usize,
    identical: usize,
    excused: usize,
    unexplained: usize,
}

fn compare(case: &Path, reasons: &mut [Reason], tally: &mut Tally) {
    let answer = case.with_file_name(format!("{}.expected.json", name_of(case)));
    let Ok(answer) = fs::read(answer) else { return };
    let answer: Value = serde_json::from_slice(&answer).expect("an answer is JSON");
    let listed = match answer["kind"].as_str() {
        Some("packages") => &answer["packages"],
        Some("image") => &answer["expected"]["os_packages"],
        Some("error") => &Value::Null,
        _ => return,
    };
    let is_image = answer["kind"] == "image";
    let bom = take(case, is_image);
    let listed = listed.as_array().into_iter().flatten();
    let expected = listed.map(|listed| {
        let name = listed["name"].as_str().unwrap_or_default();
        (Thing::of_answer(listed, bom.origin.is_some()), name)
    });
    let expected = expected.collect();
    let mut differences = differences(&bom, &expected, is_image);
    if answer["kind"] == "error" && bom.gaps.is_empty() {
        differences.push(("missing", Thing::new("gap", "", "")));
    }
    tally.inputs += 1;
    let name = format!("{}/{}", name_of(case.parent().expect("it lies in an ecosystem")), name_of(case));
    let unexplained: Vec<_> = differences
        .iter()
        .filter(|(kind, thing)| {
            let text = thing.to_string();
            let excuse = reasons.iter_mut().find(|reason| {
                // A dev dependency is an extra, and so on: the narrower word may be left out.
                let of_kind = reason.kind == "*" || reason.kind == *kind || reason.kind == wider(kind);
                of_kind && reason.input.is_match(&name) && reason.package.is_match(&text)
            });
            excuse.map(|reason| reason.used += 1).is_none()
        })
        .collect();
    match (differences.is_empty(), unexplained.is_empty()) {
        (true, _) => tally.identical += 1,
        (false, true) => tally.excused += 1,
        (false, false) => tally.unexplained += 1,
    }
    for (kind, thing) in unexplained {
        println!("{name},{kind},{thing}");
    }
}

fn wider(kind: &str) -> &str {
    match kind {
        "no-purl" => "missing",
        "dev" | "optional" => "extra",
        kind => kind,
    }
}

fn differences(bom: &Bom, expected: &BTreeMap<Thing, &str>, only_system: bool) -> Vec<(&'static str, Thing)> {
    let is_document = bom.origin.is_some();
    let shown = bom.components.values().filter(|component| {
        component.hidden.is_none()
            && (is_document || component.purl.is_some())
            && (!only_system || (component.is_os() && component.purl.is_some()))
    });
    let is_subject = |name: &str| is_document && name == bom.subject.name;
    let found: BTreeMap<Thing, &Component> = shown.map(|one| (Thing::of_component(one), one)).collect();
    // A document's answer calls what has no purl by the document's own word: `library`, `device`.
    let bare = |thing: &Thing| Thing { ty: String::new(), ..thing.clone() };
    let known: BTreeMap<Thing, &str> = expected
        .iter()
        .map(|(thing, name)| match bare(thing) {
            bare if is_document && !found.contains_key(thing) && found.contains_key(&bare) => (bare, *name),
            _ => (thing.clone(), *name),
        })
        .collect();
    let without_purl = bom.components.values().filter(|component| component.purl.is_none());
    let without_purl: BTreeSet<Thing> = without_purl.map(|one| Thing::of_component(one).untyped()).collect();
    let missing = known.iter().filter(|(thing, _)| !found.contains_key(thing)).map(|(thing, name)| {
        let is_listed = without_purl.contains(&thing.untyped());
        let kind = match is_listed {
            true => "no-purl",
            _ if is_subject(name) => "subject",
            _ => "missing",
        };
        (kind, thing.clone())
    });
    let extra = found.iter().filter(|(thing, _)| !known.contains_key(thing)).map(|(thing, component)| {
        let kind = match component.scope {
            _ if is_subject(&component.name) => "subject",
            Scope::Required => "extra",
            Scope::Optional => "optional",
            Scope::Dev => "dev",
        };
        (kind, thing.clone())
    });
    missing.chain(extra).collect()
}

/// The bill of a case, as the binary makes it.
fn take(case: &Path, is_image: bool) -> Bom {
    let files: Vec<PathBuf> =
        fs::read_dir(case).expect("a case is a folder").flatten().map(|entry| entry.path()).collect();
    let alone = match &files[..] {
        [file] if file.is_file() => Some(file),
        _ => None,
    };
    if let Some(file) = alone {
        let bytes = fs::read(file).expect("a readable file");
        if reader::recognises(&bytes) {
            return reader::read(&bytes).unwrap_or_default();
        }
    }
    let reference = match alone {
        Some(file) if is_image => file.display().to_string(),
        _ => format!("dir:{}", case.display()),
    };
    let wanted = inventory::wanted(ecosystems::ALL);
    let options = source::Options::default();
    let read = match source::read(&reference, &wanted, &options) {
        // Somebody has to say which; any will do here.
        Err(SourceError::SeveralImages { names, .. }) => {
            source::read(&format!("{reference}:{}", names[0]), &wanted, &options)
        }
        read => read,
    };
    let read = match read {
        Ok(read) => read,
        Err(error) => {
            println!("{reference}: {error}");
            return Bom::default();
        }
    };
    let tree = Tree::stack(&read.extracts);
    let mut bom = inventory::take(read.subject, read.layers, &tree, read.gaps, ecosystems::ALL);
    for document in inventory::documents(&tree) {
        match reader::read(document.bytes) {
            Ok(said) => inventory::embed(&mut bom, &document, said),
            Err(error) => inventory::unreadable(&mut bom, &document, error.to_string()),
        }
    }
    bom
}

fn print_table(tallies: &BTreeMap<String, Tally>) {
    println!("{:20} {:>6} {:>9} {:>7} {:>11}", "ecosystem", "inputs", "identical", "excused", "unexplained");
    let mut all = Tally::default();
    for (ecosystem, tally) in tallies {
        print_row(ecosystem, tally);
        all.inputs += tally.inputs;
        all.identical += tally.identical;
        all.excused += tally.excused;
        all.unexplained += tally.unexplained;
    }
    print_row("all", &all);
}

fn print_row(name: &str, tally: &Tally) {
    let Tally { inputs, identical, excused, unexplained } = tally;
    println!("{name:20} {inputs:6} {identical:9} {excused:7} {unexplained:11}");
}

/// The folders in a folder, in order of name.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

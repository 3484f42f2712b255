//! How our reading of licences compares with other people's, on collections that you name:
//!
//! ```text
//! cargo run --release --example licenses_compared table FILE       inputs and the expression somebody expects
//! cargo run --release --example licenses_compared texts FOLDER     licence files, FOLDER.expected.json beside it
//! cargo run --release --example licenses_compared strings FILE     declarations and how often they are made
//! cargo run --release --example licenses_compared copyright FOLDER Debian's copyright files, anywhere below
//! ```
//!
//! A difference is no fault: who guesses what "BSD" means differs from us by intent. Each is printed, to be judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use packlist::licenses::{self, Dialect, Expression, License, LicenseId};
use serde_json::Value;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (what, path) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or_default());
    match what.as_str() {
        "table" => table(&document(Path::new(&path))),
        "texts" => texts(Path::new(&path)),
        "strings" => strings(&document(Path::new(&path))),
        "copyright" => copyright(Path::new(&path)),
        _ => eprintln!("say `table`, `texts`, `strings` or `copyright`, and where they are"),
    }
}

fn document(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shown(expression: Option<&Expression>) -> String {
    expression.map_or("-".to_owned(), ToString::to_string)
}

/// `{"expected": {"correct": [{"input": …, "expected": …}]}}`.
fn table(document: &Value) {
    let rows = document["expected"]["correct"].as_array().expect("rows");
    let (mut same, mut family, mut differ) = (0, Vec::new(), Vec::new());
    for row in rows {
        let (input, expected) = (row["input"].as_str().unwrap_or_default(), row["expected"].as_str());
        let ours = licenses::read(input, Dialect::Npm);
        let theirs = expected.and_then(|expected| Expression::parse(expected).ok());
        match () {
            () if ours.as_ref().map(Expression::canonical) == theirs.as_ref().map(Expression::canonical) => {
                same += 1;
            }
            () if ours.iter().flat_map(Expression::leaves).any(|leaf| licenses::family(leaf).is_some()) => {
                family.push((input, ours, expected));
            }
            () => differ.push((input, ours, expected)),
        }
    }
    println!("{} rows, {same} the same", rows.len());
    for (title, rows) in [("not guessed by us", family), ("differ", differ)] {
        println!("== {title}: {}", rows.len());
        for (input, ours, theirs) in rows {
            println!("   {input:?}: ours {}, theirs {}", shown(ours.as_ref()), theirs.unwrap_or("-"));
        }
    }
}

/// `{"expected": {"name": "MIT"}}` or `{"expected": {"name": {"key": "mit"}}}`.
fn texts(folder: &Path) {
    let expected = document(&PathBuf::from(format!("{}.expected.json", folder.display())));
    let expected = expected["expected"].as_object().expect("names").clone();
    let (mut same, count) = (0, expected.len());
    for (name, answer) in expected {
        let answer = answer.as_str().or_else(|| answer["key"].as_str()).unwrap_or("none").to_lowercase();
        let files = walkdir::WalkDir::new(folder.join(&name)).sort_by_file_name().into_iter().flatten();
        let mut found: BTreeSet<String> = BTreeSet::new();
        for file in files.filter(|file| file.file_type().is_file()) {
            let bytes = fs::read(file.path()).expect("readable");
            let text = String::from_utf8_lossy(&bytes);
            let expression = licenses::concluded(&licenses::detect(&text), &text);
            found.extend(expression.iter().flat_map(Expression::leaves).map(version));
        }
        let found: Vec<String> = found.into_iter().collect();
        let wanted = answer.replace("-only", "").replace("-or-later", "");
        match found.as_slice() {
            [only] if only.to_lowercase() == wanted => same += 1,
            [] if matches!(wanted.as_str(), "none" | "no-license" | "other") => same += 1,
            _ => println!("   {name}: ours {found:?}, theirs {answer}"),
        }
    }
    println!("{same} of {count} the same");
}

/// "Only" and "or later" are not in a text.
fn version(license: &License) -> String {
    let id = license.to_string();
    let id = id.strip_prefix("LicenseRef-packlist-family-").unwrap_or(&id);
    id.replace("-only", "").replace("-or-later", "")
}

/// `{"eco": {"deb": {"MIT": 3}}}`.
fn strings(document: &Value) {
    for (ecosystem, counts) in document["eco"].as_object().expect("ecosystems") {
        let dialect = match ecosystem.as_str() {
            "apk" | "alpine" => Dialect::Alpine,
            "composer" => Dialect::Composer,
            "deb" => Dialect::Debian,
            "gem" => Dialect::Gem,
            "maven" => Dialect::Maven,
            "npm" => Dialect::Npm,
            "pypi" => Dialect::Pypi,
            "rpm" => Dialect::Fedora,
            _ => Dialect::Generic,
        };
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        let mut open: BTreeMap<String, (u64, String)> = BTreeMap::new();
        for (text, count) in counts.as_object().expect("counts") {
            let count = count.as_u64().unwrap_or(0);
            let Some(expression) = licenses::read(text, dialect) else {
                *sums.entry("says nothing").or_default() += count;
                continue;
            };
            assert_eq!(Expression::parse(&expression.to_string()).as_ref(), Ok(&expression), "{text}");
            *sums.entry("says something").or_default() += count;
            let range = licenses::categories_of(&expression);
            if range.start() == range.end() {
                *sums.entry("category certain").or_default() += count;
            }
            let unknown: Vec<&License> = expression.leaves().filter(|leaf| !is_known(leaf)).collect();
            match () {
                () if !unknown.is_empty() => *sums.entry("unknown").or_default() += count,
                () if expression.leaves().any(|leaf| licenses::family(leaf).is_some()) => {
                    *sums.entry("family").or_default() += count;
                }
                () => *sums.entry("ids").or_default() += count,
            }
            for license in unknown {
                let entry = open.entry(license.to_string()).or_insert((0, text.clone()));
                entry.0 += count;
            }
        }
        println!("== {ecosystem}: {sums:?}");
        let mut open: Vec<_> = open.into_iter().collect();
        open.sort_by_key(|(license, (count, _))| (std::cmp::Reverse(*count), license.clone()));
        for (license, (count, text)) in open.into_iter().take(40) {
            let text: String = text.chars().take(100).collect();
            println!("{count:7}  {license}  of {text:?}");
        }
    }
}

/// An id of the list, a family, or one of our own words for no licence and for none at all.
fn is_known(license: &License) -> bool {
    let is_ours = |id: &str| id == licenses::PUBLIC_DOMAIN || id == licenses::PROPRIETARY;
    match &license.id {
        LicenseId::Spdx(_) => true,
        LicenseId::Ref(id) => is_ours(id) || licenses::family(license).is_some(),
    }
}

fn copyright(folder: &Path) {
    for file in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten() {
        if file.file_name() != "copyright" || !file.file_type().is_file() {
            continue;
        }
        let bytes = fs::read(file.path()).expect("readable");
        let text = String::from_utf8_lossy(&bytes);
        let statement = licenses::copyright_statement(&text);
        let expression = statement.as_ref().and_then(|statement| statement.expression.as_ref());
        let path = file.path().strip_prefix(folder).unwrap_or(file.path());
        println!("{}: {}", path.display(), shown(expression));
        let named = expression.into_iter().flat_map(Expression::leaves).filter(|leaf| !is_known(leaf));
        for license in named {
            let has_text =
                statement.as_ref().is_some_and(|said| said.texts.contains_key(license.id.as_str()));
            println!("   {license}: {}", if has_text { "with its text" } else { "the words only" });
        }
    }
}

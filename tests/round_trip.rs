//! What we write, we read: every document of ours gives back the bill it was made from.
//!
//! One thing does not come back: the bill's own origin, for the document it was read from is now ours.

mod common;
mod documents;

use std::path::Path;

use packlist::bom::{Bom, Component, Subject, SubjectKind};
use packlist::inventory::{self, ecosystems};
use packlist::layers::Tree;
use packlist::{convert, emitter, reader};

/// The formats that say everything.
const FORMATS: &[&str] = &[
    "cyclonedx-json",
    "cyclonedx-json@1.4",
    "cyclonedx-json@1.5",
    "cyclonedx-json@1.6",
    "cyclonedx-json@1.7",
    "cyclonedx-xml",
    "cyclonedx-xml@1.4",
    "cyclonedx-xml@1.5",
    "cyclonedx-xml@1.6",
    "cyclonedx-xml@1.7",
    "spdx-json",
    "spdx-json@3.0.1",
    "spdx-tag-value",
];

fn check(format: &str, bom: &Bom, what: &str) {
    let emit = emitter::find(format).expect("the format is in the list").emit;
    let document = emit(bom, &documents::stamp());
    assert_eq!(document, emit(bom, &documents::stamp()), "{format} of {what} is not the same twice");
    assert!(reader::recognises(document.as_bytes()), "{format} is not recognised");
    let mut read =
        reader::read(document.as_bytes()).unwrap_or_else(|error| panic!("{format} of {what}: {error}"));
    let origin = read.origin.take().expect("a bill that was read has an origin");
    assert_eq!(origin.tools, ["packlist 0.1.0"]);
    assert_eq!(origin.created.as_deref(), Some("2026-01-01T00:00:00Z"));
    assert!(origin.serial.is_some());
    assert!(origin.phase.is_some() || format.ends_with("@1.4"), "{format} of {what} does not say its phase");
    assert_eq!(origin.stepped_over.len(), 0, "{format} of {what}: {:?}", origin.stepped_over);
    if read != *bom {
        let (expected, found) = (format!("{bom:#?}"), format!("{read:#?}"));
        let differing: Vec<String> = lines_that_differ(&expected, &found);
        panic!("{format} of {what} reads back otherwise:\n{}\n{document}", differing.join("\n"));
    }
}

fn lines_that_differ(expected: &str, found: &str) -> Vec<String> {
    let pairs = expected.lines().zip(found.lines()).filter(|(expected, found)| expected != found);
    pairs.take(12).map(|(expected, found)| format!("  {} became {}", expected.trim(), found.trim())).collect()
}

#[test]
fn a_bill_that_uses_every_field_comes_back() {
    for format in FORMATS {
        check(format, &documents::full(), "the full bill");
        check(format, &documents::sparse(), "the sparse bill");
    }
}

#[test]
fn any_mixture_of_fields_comes_back() {
    for seed in 0..150 {
        for format in FORMATS {
            check(format, &documents::mixed(seed), &format!("mixture {seed}"));
        }
    }
}

#[test]
fn a_package_that_is_the_subject_comes_back_with_its_purl() {
    for (name, purl) in [("demo", "pkg:gem/demo@1.2.0"), ("@scope/demo", "pkg:npm/%40scope/demo@1.2.0")] {
        let subject = Subject {
            kind: SubjectKind::File,
            name: name.to_owned(),
            version: Some("1.2.0".to_owned()),
            purl: purl.parse().ok(),
            supplier: Some("RubyGems, https://rubygems.org".to_owned()),
            ..Subject::default()
        };
        let bom = Bom { subject, ..Bom::default() };
        for format in FORMATS {
            check(format, &bom, purl);
        }
    }
}

/// As a crate's own description does where it goes on in a second line.
#[test]
fn a_description_that_ends_in_a_space_comes_back() {
    let mut bom = Bom::default();
    bom.subject.name = "app".to_owned();
    let mut component = Component::new("cc");
    component.description = Some("A dependency of build scripts. ".to_owned());
    bom.components.insert(component.reference(), component);
    for format in FORMATS {
        check(format, &bom, "a list of one");
    }
}

#[test]
fn what_is_found_in_every_fixture_comes_back() {
    let fixtures = common::folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"));
    assert!(fixtures.len() > 20, "only {} fixtures", fixtures.len());
    for fixture in fixtures {
        let snapshot = common::read_fixture(&fixture, &inventory::wanted(ecosystems::ALL));
        let tree = Tree::stack(&snapshot.extracts);
        let mut bom =
            inventory::take(snapshot.subject, snapshot.layers, &tree, snapshot.gaps, ecosystems::ALL);
        bom.conclude();
        for format in FORMATS {
            check(format, &bom, &fixture.display().to_string());
        }
    }
}

/// From any format that says everything into any other nothing is lost, and so no loss is told.
#[test]
fn a_conversion_between_formats_that_say_everything_loses_nothing() {
    let formats = ["cyclonedx-json@1.4", "cyclonedx-xml", "spdx-json", "spdx-tag-value", "spdx-json@3.0.1"];
    let written = |format: &str, bom: &Bom| {
        let emit = emitter::find(format).expect("the format is in the list").emit;
        reader::read(emit(bom, &documents::stamp()).as_bytes())
            .unwrap_or_else(|error| panic!("{format}: {error}"))
    };
    for seed in 0..20 {
        let bom = documents::mixed(seed);
        for first in formats {
            let read = written(first, &bom);
            assert_eq!(convert::not_read(&read), [], "{first} of mixture {seed}");
            for second in formats {
                let after = written(second, &read);
                assert_eq!(convert::not_written(&read, &after), [], "{first} to {second} of mixture {seed}");
            }
        }
    }
}

//! What the tests of drift share: bills of a few purls, and drift as lines.

use expect_test::Expect;

use super::{Change, Drift, compare};
use crate::bom::{Basis, Bom, Component, Kind, LicenseClaim, Purl};
use crate::licenses::Expression;

/// A bill of purls, each with what may follow it: ` license=…`.
pub(super) fn bill(components: &[&str]) -> Bom {
    let mut bom = Bom::default();
    for text in components {
        let component = component(text);
        bom.components.insert(component.reference(), component);
    }
    bom
}

pub(super) fn component(text: &str) -> Component {
    let (purl, rest) = text.split_once(' ').unwrap_or((text, ""));
    let parsed: Result<Purl, _> = purl.parse();
    let mut component = match &parsed {
        Ok(purl) => Component::new(purl.name()),
        Err(_) => Component::new(purl.split('@').next().unwrap_or_default()),
    };
    component.version = match &parsed {
        Ok(purl) => purl.version().map(str::to_owned),
        Err(_) => purl.split_once('@').map(|(_, version)| version.to_owned()),
    };
    component.purl = parsed.ok();
    for word in rest.split(' ').filter(|word| !word.is_empty()) {
        let (key, value) = word.split_once('=').expect("key=value");
        match key {
            "license" => component.licenses.push(claim(&value.replace('_', " "))),
            "supplier" => component.supplier = Some(value.replace('_', " ")),
            "sha256" => component.hashes.push(crate::bom::Hash {
                algorithm: crate::bom::HashAlgorithm::Sha256,
                hex: value.to_owned(),
            }),
            "contents" => component.contents.push(crate::bom::Hash {
                algorithm: crate::bom::HashAlgorithm::Sha256,
                hex: value.to_owned(),
            }),
            "layer" => component.layer = value.parse().ok(),
            "os" => component.kind = Kind::OperatingSystem,
            "from" => component.download = Some(value.to_owned()),
            "altered" => component.altered.push(value.to_owned()),
            "path" => component.evidence.push(crate::bom::Evidence {
                path: value.to_owned(),
                line: None,
                layer: None,
                found_by: String::new(),
                technique: crate::bom::Technique::ManifestAnalysis,
                confidence: 100,
            }),
            _ => panic!("no such key: {key}"),
        }
    }
    component
}

pub(super) fn claim(text: &str) -> LicenseClaim {
    let expression = Expression::parse(text).ok();
    LicenseClaim { text: text.to_owned(), expression, basis: Basis::Declared, path: None, line: None }
}

/// Compares two bills of purls, and checks that the way back says the opposite.
pub(super) fn check(old: &[&str], new: &[&str], expected: Expect) {
    check_bills(&bill(old), &bill(new), expected);
}

pub(super) fn check_bills(old: &Bom, new: &Bom, expected: Expect) {
    let drift = compare(old, new);
    assert_eq!(drift.changes.len(), compare(new, old).changes.len(), "the way back has as many changes");
    expected.assert_eq(&lines(&drift));
}

/// For what the way back does not say: announced moves, modified files.
pub(super) fn check_one_way(old: &[&str], new: &[&str], expected: Expect) {
    let drift = compare(&bill(old), &bill(new));
    expected.assert_eq(&lines(&drift));
}

pub(super) fn lines(drift: &Drift) -> String {
    let change = |change: &Change| {
        let words = [
            Some(change.kind.name().to_owned()),
            Some(change.package.clone()),
            Some(format!("{} → {}", dash(change.from.as_ref()), dash(change.to.as_ref()))),
            change.step.map(|step| step.name().to_owned()),
            change.direction.map(|direction| direction.name().to_owned()),
            change.cause.map(|cause| cause.name().to_owned()),
            change.stays.then(|| "stays".to_owned()),
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ") + "\n"
    };
    let not_compared = drift.not_compared.iter().map(|reason| format!("({reason})\n"));
    drift.changes.iter().map(change).chain(not_compared).collect()
}

fn dash(text: Option<&String>) -> &str {
    text.map_or("–", String::as_str)
}

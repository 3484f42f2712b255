//! A document no longer than it may be: what helps least is left out first, and the document says so.
//!
//! Which components there are, what they are called, their versions, purls, licences and hashes are never left out.

use super::{Cut, Format, Stamp};
use crate::bom::{Basis, Bom, Component, Gap, GapKind, Ref};

/// Takes something out of a bill, and says how many things that were.
type Take = fn(&mut Bom) -> usize;

/// What may be left out, in this order.
const STEPS: &[(&str, Take)] = &[
    ("texts of licences", |bom| std::mem::take(&mut bom.license_texts).len()),
    ("commands that made the layers", |bom| {
        bom.layers.iter_mut().filter_map(|layer| layer.created_by.take()).count()
    }),
    ("paths of files that no component accounts for", |bom| {
        bom.coverage.as_mut().map_or(0, |coverage| std::mem::take(&mut coverage.unclaimed).len())
    }),
    ("places where a component was seen, but the first", |bom| {
        each(bom, |component| {
            let more = component.evidence.len().saturating_sub(1);
            component.evidence.truncate(1);
            more
        })
    }),
    ("descriptions", |bom| each(bom, |component| usize::from(component.description.take().is_some()))),
    ("copyright lines", |bom| each(bom, |component| usize::from(component.copyright.take().is_some()))),
    ("licences found in files where another is declared", |bom| {
        each(bom, |component| {
            let before = component.licenses.len();
            if component.licenses.iter().any(|claim| claim.basis != Basis::Detected) {
                component.licenses.retain(|claim| claim.basis != Basis::Detected);
            }
            before - component.licenses.len()
        })
    }),
    ("authors and addresses", |bom| {
        each(bom, |component| {
            let fields = [
                &mut component.author,
                &mut component.homepage,
                &mut component.vcs,
                &mut component.source,
                &mut component.download,
            ];
            fields.into_iter().filter_map(Option::take).count()
        })
    }),
    ("places where a component was seen", |bom| {
        each(bom, |component| std::mem::take(&mut component.evidence).len())
    }),
    ("dependencies", |bom| {
        let edges = bom.dependencies.values().map(|needed| needed.len()).sum();
        bom.dependencies.clear();
        edges
    }),
];

fn each(bom: &mut Bom, take: impl FnMut(&mut Component) -> usize) -> usize {
    bom.components.values_mut().map(take).sum()
}

/// What is left out, in the order in which it is.
pub fn steps() -> impl Iterator<Item = &'static str> {
    STEPS.iter().map(|(what, _)| *what)
}

/// A document that fits, and what was left out of it.
#[derive(Debug)]
pub struct Fitted {
    pub document: String,
    pub left_out: Vec<String>,
}

/// Even with all left out that may be, the document is too long.
#[derive(Debug, thiserror::Error)]
#[error("the document has {least} bytes even with all left out that may be, {most} are allowed")]
pub struct TooLong {
    pub least: usize,
    pub most: usize,
}

/// Writes a bill in no more than so many bytes.
///
/// # Errors
/// When it cannot be made short enough.
pub fn within(bom: &Bom, stamp: &Stamp, format: &Format, most: usize) -> Result<Fitted, TooLong> {
    let mut document = (format.emit)(bom, stamp);
    if document.len() <= most {
        return Ok(Fitted { document, left_out: Vec::new() });
    }
    let whole = bom;
    let mut bom = bom.clone();
    let mut left_out = Vec::new();
    let mut stamp = stamp.clone();
    for (what, take) in STEPS {
        let count = take(&mut bom);
        if count == 0 {
            continue;
        }
        let needs_some = |of: &&Ref| whole.dependencies[*of].iter().next().is_some();
        let lost =
            whole.dependencies.keys().filter(|of| !bom.dependencies.contains_key(*of)).filter(needs_some);
        stamp.cut = Some(Cut { edges: lost.cloned().collect() });
        left_out.push(format!("{what} ({count})"));
        let reason =
            format!("left out so that the document is no longer than {most} bytes: {what} ({count})");
        bom.gaps.push(Gap { path: String::new(), line: None, kind: GapKind::LeftOut, reason });
        document = (format.emit)(&bom, &stamp);
        if document.len() <= most {
            return Ok(Fitted { document, left_out });
        }
    }
    Err(TooLong { least: document.len(), most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bom::{Evidence, Technique};

    fn bom() -> Bom {
        let mut bom = Bom::default();
        bom.license_texts.insert("LicenseRef-a".to_owned(), "text ".repeat(1000));
        for name in ["a", "b"] {
            let mut component = Component::new(name.repeat(500));
            component.description = Some("word ".repeat(100));
            component.evidence = vec![Evidence {
                path: "x/".repeat(100),
                line: None,
                layer: None,
                found_by: String::new(),
                technique: Technique::default(),
                confidence: 100,
            }];
            bom.components.insert(component.reference(), component);
        }
        let both: Vec<_> = bom.components.keys().cloned().collect();
        bom.dependencies.insert(both[0].clone(), [both[1].clone()].into());
        bom
    }

    #[test]
    fn the_order_is_the_one_that_is_documented() {
        let text = include_str!("../../docs/formats.md").split_whitespace().collect::<Vec<_>>().join(" ");
        let mut rest = text.as_str();
        for what in steps() {
            let at = rest.find(what).unwrap_or_else(|| panic!("`{what}` is not where it should be"));
            rest = &rest[at + what.len()..];
        }
    }

    #[test]
    fn what_helps_least_goes_first_and_is_told() {
        let format = super::super::find("cyclonedx-json").expect("it is in the list");
        let whole = (format.emit)(&bom(), &Stamp::default()).len();
        let fit = |most| within(&bom(), &Stamp::default(), format, most);
        assert!(fit(whole).expect("it fits as it is").left_out.is_empty());
        let fitted = fit(whole - 1).expect("it can be shortened");
        assert_eq!(fitted.left_out, ["texts of licences (1)"]);
        assert!(fitted.document.contains("left out so that the document is no longer than"));
        let fitted = fit(whole - 5500).expect("it can be shortened");
        assert_eq!(fitted.left_out, ["texts of licences (1)", "descriptions (2)"]);
        let shortest = fit(10).expect_err("no document has ten bytes").least;
        // The document says how long it may be, which is a longer word than ten.
        let fitted = fit(shortest + 50).expect("so long it is");
        assert_eq!(fitted.left_out.last().map(String::as_str), Some("dependencies (1)"));
        // Nobody is told that nothing is needed where the edges were left out.
        assert!(!fitted.document.contains("dependsOn"));
        let document: serde_json::Value = serde_json::from_str(&fitted.document).expect("JSON");
        let said: Vec<(&str, usize, usize)> = document["compositions"]
            .as_array()
            .expect("compositions")
            .iter()
            .map(|said| {
                let count = |of: &str| said[of].as_array().map_or(0, Vec::len);
                (said["aggregate"].as_str().unwrap_or_default(), count("assemblies"), count("dependencies"))
            })
            .collect();
        // One needs something that is left out; of the subject and the other nothing was ever known.
        assert_eq!(said, [("incomplete", 1, 0), ("incomplete", 0, 1), ("unknown", 0, 2)]);
    }
}

//! The criteria of sbomqs 2.0, by which many lists are compared.
//!
//! Each category has a weight, and so has each feature in it; the mark is the weighted mean. What is asked of licences
//! is asked of concluded ones, so a list that only passes on what packages declare is marked down, as is one that
//! lists copyleft. Not re-computed: whether a signature or a statement that all is complete is sound (a bill has no
//! place for either, so they count as absent), and whether the document is valid by its schema (it counts as valid,
//! for XML and SPDX too).
//! Source: <https://github.com/interlynk-io/sbomqs>, 2.0.9 (Apache-2.0): names and weights.

use super::{Asks, Element, Profile, elements};
use crate::bom::{Basis, Component, HashAlgorithm, LicenseClaim};
use crate::licenses::{Category, LicenseId, categories_of};

pub(super) const PROFILE: Profile = Profile {
    name: "sbomqs",
    about: "the criteria of sbomqs 2.0, with their weights",
    spec: "https://github.com/interlynk-io/sbomqs",
    elements: &[
        elements::NAME,
        elements::VERSION,
        LOCAL_ID,
        elements::TIMESTAMP,
        AUTHORS,
        elements::TOOL,
        LIST_SUPPLIER,
        NAMESPACE,
        elements::GENERATION_CONTEXT,
        STRONG_HASH,
        NOT_ONLY_WEAK,
        SIGNATURE,
        elements::COMPLETENESS,
        ALL_COMPLETE,
        PRIMARY,
        SOURCE_CODE,
        elements::SUPPLIER,
        PURPOSE,
        CONCLUDED,
        CONCLUDED_VALID,
        CONCLUDED_LISTED,
        NOT_DEPRECATED,
        NOT_RESTRICTIVE,
        DECLARED,
        DATA_LICENSE,
        elements::IDENTIFIER,
        FORMAT,
    ],
    // Weight of the category times the feature's share of it; together 82.
    weights: &[
        4.0, 3.5, 2.5, // identification
        2.4, 2.4, 2.4, 1.8, 1.8, 1.2, // provenance
        7.5, 6.0, 1.5, // integrity
        3.0, 1.8, 2.4, 1.8, 1.8, 1.2, // completeness
        2.5, 2.5, 2.5, 1.875, 2.5, 1.875, 1.25, // licensing
        10.0, // vulnerability
        8.0,  // structural
    ],
};

const LOCAL_ID: Element = Element {
    name: "component-local-id",
    about: "a name of its own in the document",
    asks: Asks::Each(|_, reference, _| !reference.as_str().is_empty()),
};

const AUTHORS: Element = Element {
    name: "authors",
    about: "a person or an organisation that answers for the list",
    asks: Asks::List(|facts| facts.bom.origin.as_ref().is_some_and(|origin| !origin.authors.is_empty())),
};

const LIST_SUPPLIER: Element = Element {
    name: "supplier",
    about: "who supplies what the list is of",
    asks: Asks::List(|facts| facts.bom.subject.supplier.is_some()),
};

const NAMESPACE: Element = Element {
    name: "namespace",
    about: "a serial number or namespace of its own",
    asks: Asks::List(|facts| {
        facts.bom.origin.as_ref().is_some_and(|origin| {
            origin
                .serial
                .as_deref()
                .is_some_and(|serial| serial.starts_with("urn:uuid:") || serial.contains("://"))
        })
    }),
};

const STRONG_HASH: Element = Element {
    name: "component-strong-hash",
    about: "a SHA-256 or better",
    asks: Asks::Each(|_, _, component| has_strong_hash(component)),
};

const NOT_ONLY_WEAK: Element = Element {
    name: "component-not-only-weak-hashes",
    about: "no hashes, or one that is better than SHA-1",
    asks: Asks::Each(|_, _, component| {
        elements::all_hashes(component).next().is_none() || has_strong_hash(component)
    }),
};

fn has_strong_hash(component: &Component) -> bool {
    elements::all_hashes(component).any(|hash| hash.algorithm >= HashAlgorithm::Sha256)
}

const SIGNATURE: Element = Element {
    name: "signature",
    about: "a signature in the document",
    asks: Asks::List(|facts| {
        facts.bom.origin.as_ref().is_some_and(|origin| origin.stepped_over.contains_key("signature"))
    }),
};

const ALL_COMPLETE: Element =
    Element { name: "all-complete", about: "that all of it is complete", asks: Asks::List(|_| false) };

const PRIMARY: Element = Element {
    name: "primary-component",
    about: "what the list is of",
    asks: Asks::List(|facts| !facts.bom.subject.name.is_empty()),
};

const SOURCE_CODE: Element = Element {
    name: "component-source-code",
    about: "where its source code is",
    asks: Asks::Each(|_, _, component| component.vcs.is_some() || component.source.is_some()),
};

const PURPOSE: Element = Element {
    name: "component-purpose",
    about: "what sort of thing it is",
    asks: Asks::Each(|_, _, _| true),
};

const CONCLUDED: Element = Element {
    name: "component-concluded-licence",
    about: "a concluded licence",
    asks: Asks::Each(|_, _, component| concluded(component).next().is_some()),
};

const CONCLUDED_VALID: Element = Element {
    name: "component-concluded-valid",
    about: "concluded licences that are SPDX expressions",
    asks: Asks::Each(|_, _, component| all(component, |claim| claim.expression.is_some())),
};

const CONCLUDED_LISTED: Element = Element {
    name: "component-concluded-listed",
    about: "concluded licences of the SPDX list",
    asks: Asks::Each(|_, _, component| {
        all(component, |claim| {
            let mut leaves = claim.expression.iter().flat_map(|expression| expression.leaves());
            claim.expression.is_some() && leaves.all(|leaf| matches!(leaf.id, LicenseId::Spdx(_)))
        })
    }),
};

const NOT_DEPRECATED: Element = Element {
    name: "component-concluded-not-deprecated",
    about: "no deprecated id among concluded licences",
    asks: Asks::Each(|_, _, component| {
        // What is read of a deprecated id is what the list writes today.
        all(component, |claim| {
            claim.expression.as_ref().is_some_and(|expression| expression.to_string() == claim.text)
        })
    }),
};

const NOT_RESTRICTIVE: Element = Element {
    name: "component-concluded-not-restrictive",
    about: "no copyleft among concluded licences",
    asks: Asks::Each(|_, _, component| {
        all(component, |claim| {
            claim
                .expression
                .as_ref()
                .is_some_and(|expression| *categories_of(expression).end() <= Category::Permissive)
        })
    }),
};

fn concluded(component: &Component) -> impl Iterator<Item = &LicenseClaim> {
    component.licenses.iter().filter(|claim| matches!(claim.basis, Basis::Concluded | Basis::Derived))
}

fn all(component: &Component, holds: impl Fn(&LicenseClaim) -> bool) -> bool {
    concluded(component).next().is_some() && concluded(component).all(holds)
}

const DECLARED: Element = Element {
    name: "component-declared-licence",
    about: "a declared licence",
    asks: Asks::Each(|_, _, component| component.licenses.iter().any(|claim| claim.basis == Basis::Declared)),
};

const DATA_LICENSE: Element = Element {
    name: "data-licence",
    about: "the licence of the list itself",
    asks: Asks::List(|facts| facts.bom.origin.as_ref().is_some_and(|origin| origin.data_license.is_some())),
};

const FORMAT: Element = Element {
    name: "format",
    about: "a format and version that is known",
    asks: Asks::List(|facts| facts.bom.origin.as_ref().is_some_and(|origin| !origin.format.is_empty())),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::{check, elements::sound, score};

    #[test]
    fn the_weights_are_those_of_the_elements() {
        assert_eq!(PROFILE.weights.len(), PROFILE.elements.len());
        let sum: f64 = PROFILE.weights.iter().sum();
        assert!((sum - 82.0).abs() < 1e-9, "{sum}");
    }

    #[test]
    fn what_is_only_declared_is_marked_down() {
        check(
            &PROFILE,
            |bom| {
                for component in bom.components.values_mut() {
                    component.hashes.clear();
                }
                bom.subject.name = "app".to_owned();
            },
            &[
                "supplier",
                "namespace",
                "component-strong-hash",
                "signature",
                "all-complete",
                "component-source-code",
                "component-concluded-licence",
                "component-concluded-valid",
                "component-concluded-listed",
                "component-concluded-not-deprecated",
                "component-concluded-not-restrictive",
                "data-licence",
            ],
        );
        let mut bom = sound();
        bom.subject.name = "app".to_owned();
        let declared = score(&bom, &PROFILE).mark();
        bom.components
            .values_mut()
            .flat_map(|c| &mut c.licenses)
            .for_each(|claim| claim.basis = Basis::Concluded);
        let concluded = score(&bom, &PROFILE).mark();
        // 11.875 of 82 for all that is asked of concluded licences, less 1.875 for declared ones.
        assert!((concluded - declared - 100.0 / 82.0).abs() < 1e-9, "{declared} {concluded}");
    }

    #[test]
    fn copyleft_and_deprecated_ids_are_marked_down() {
        let unmet = |text: &str| {
            let mut bom = sound();
            for claim in bom.components.values_mut().flat_map(|c| &mut c.licenses) {
                claim.text = text.to_owned();
                claim.expression = crate::licenses::Expression::parse(text).ok();
                claim.basis = Basis::Concluded;
            }
            let score = score(&bom, &PROFILE);
            let unmet = score.grades.iter().filter(|grade| !grade.is_met()).map(|grade| grade.element.name);
            unmet.filter(|name| name.starts_with("component-concluded")).collect::<Vec<_>>()
        };
        assert!(unmet("MIT").is_empty());
        assert_eq!(unmet("GPL-3.0-only"), ["component-concluded-not-restrictive"]);
        assert!(unmet("LicenseRef-x").contains(&"component-concluded-listed"));
        assert!(unmet("GPL-2.0+").contains(&"component-concluded-not-deprecated"));
        assert!(unmet("no expression at all (").contains(&"component-concluded-valid"));
    }
}

//! What profiles ask for, each thing once.

use super::{Asks, Element};
use crate::bom::{Component, Form, Hash, HashAlgorithm, Kind, Technique};

pub(super) const AUTHOR: Element = Element {
    name: "author",
    about: "who made the list: a person, an organisation or a tool",
    asks: Asks::List(|facts| {
        facts.bom.origin.as_ref().is_some_and(|origin| !origin.authors.is_empty() || !origin.tools.is_empty())
    }),
};

pub(super) const CREATOR: Element = Element {
    name: "creator",
    about: "who answers for the list, with an e-mail address or a URL",
    asks: Asks::List(|facts| {
        facts
            .bom
            .origin
            .as_ref()
            .is_some_and(|origin| origin.authors.iter().any(|author| is_reachable(author)))
    }),
};

pub(super) const TIMESTAMP: Element = Element {
    name: "timestamp",
    about: "when the list was made",
    asks: Asks::List(|facts| {
        let made = facts.bom.origin.as_ref().and_then(|origin| origin.created.as_deref());
        made.is_some_and(|time| chrono::DateTime::parse_from_rfc3339(time).is_ok())
    }),
};

pub(super) const TOOL: Element = Element {
    name: "tool",
    about: "the name and version of the tool that made the list",
    asks: Asks::List(|facts| {
        facts.bom.origin.as_ref().is_some_and(|origin| origin.tools.iter().any(|tool| tool.contains(' ')))
    }),
};

pub(super) const GENERATION_CONTEXT: Element = Element {
    name: "generation-context",
    about: "whether the list was made before, at or after the build",
    asks: Asks::List(|facts| facts.bom.origin.as_ref().is_some_and(|origin| origin.phase.is_some())),
};

pub(super) const COMPLETENESS: Element = Element {
    name: "completeness",
    about: "how complete the list says it is",
    asks: Asks::List(|facts| facts.bom.origin.as_ref().is_some_and(|origin| origin.tells_completeness)),
};

pub(super) const CURRENT_FORMAT: Element = Element {
    name: "current-format",
    about: "CycloneDX 1.6 or later, or SPDX 3.0.1 or later",
    asks: Asks::List(|facts| {
        let format = facts.bom.origin.as_ref().map_or("", |origin| &origin.format);
        let version = format.split(' ').nth(1).unwrap_or_default();
        let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or_default());
        let version = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
        match format.split(' ').next() {
            Some("CycloneDX") => version >= (1, 6),
            Some("SPDX") => version >= (3, 0),
            _ => false,
        }
    }),
};

pub(super) const NO_VULNERABILITIES: Element = Element {
    name: "no-vulnerabilities",
    about: "nothing about vulnerabilities, which change while the list does not",
    asks: Asks::List(|facts| {
        !facts.bom.origin.as_ref().is_some_and(|origin| origin.stepped_over.contains_key("vulnerabilities"))
    }),
};

pub(super) const NAME: Element = Element {
    name: "component-name",
    about: "a name",
    asks: Asks::Each(|_, _, component| !component.name.is_empty() && component.name != "unnamed"),
};

pub(super) const VERSION: Element = Element {
    name: "component-version",
    about: "a version",
    asks: Asks::Each(|_, _, component| component.version.is_some()),
};

/// What belongs to the subject alone, and an operating system, are in no registry or database.
pub(super) const IDENTIFIER_IF_ANY: Element = Element {
    name: "component-identifier",
    about: "a purl or a CPE, if it is anything that others list too",
    asks: Asks::Each(|_, _, component| {
        component.purl.is_some()
            || !component.cpes.is_empty()
            || component.first_party
            || component.kind == Kind::OperatingSystem
    }),
};

pub(super) const IDENTIFIER: Element = Element {
    name: "component-identifier",
    about: "a purl or a CPE",
    asks: Asks::Each(|_, _, component| component.purl.is_some() || !component.cpes.is_empty()),
};

pub(super) const SUPPLIER: Element = Element {
    name: "component-supplier",
    about: "who supplies it",
    asks: Asks::Each(|_, _, component| component.supplier.is_some()),
};

pub(super) const REACHABLE_SUPPLIER: Element = Element {
    name: "component-creator",
    about: "who made or supplies it, with an e-mail address or a URL",
    asks: Asks::Each(|_, _, component| {
        let parties = [&component.supplier, &component.author].into_iter().flatten();
        parties.chain(&component.homepage).any(|text| is_reachable(text))
    }),
};

pub(super) const DEPENDENCIES: Element = Element {
    name: "dependency-relationship",
    about: "what it needs, or what needs it",
    asks: Asks::Each(|facts, reference, component| {
        facts.related.contains(reference) || component.owner.is_some()
    }),
};

pub(super) const OWN_DEPENDENCIES: Element = Element {
    name: "dependencies",
    about: "what it needs, that it needs nothing, or that this is not known",
    asks: Asks::Each(|facts, reference, _| {
        facts.bom.dependencies.contains_key(reference)
            || facts.bom.origin.as_ref().is_some_and(|origin| origin.tells_completeness)
    }),
};

pub(super) const HASH: Element = Element {
    name: "component-hash",
    about: "a hash",
    asks: Asks::Each(|_, _, component| all_hashes(component).next().is_some()),
};

pub(super) const SHA_512: Element = Element {
    name: "component-sha-512",
    about: "the SHA-512 of what is deployed",
    asks: Asks::Where(is_file, |component| {
        all_hashes(component).any(|hash| hash.algorithm == HashAlgorithm::Sha512)
    }),
};

pub(super) const EXECUTABLE: Element = Element {
    name: "component-executable",
    about: "whether it is executable",
    asks: Asks::Where(is_file, |component| component.form.executable.is_some()),
};

pub(super) const ARCHIVE: Element = Element {
    name: "component-archive",
    about: "whether it is an archive",
    asks: Asks::Where(is_file, |component| component.form.archive.is_some()),
};

pub(super) const STRUCTURED: Element = Element {
    name: "component-structured",
    about: "whether what is in it can be told",
    asks: Asks::Where(is_file, |component| component.form.structured.is_some()),
};

pub(super) const LICENSE: Element = Element {
    name: "component-licence",
    about: "a licence",
    asks: Asks::Each(|_, _, component| !component.licenses.is_empty()),
};

pub(super) const LICENSE_EXPRESSION: Element = Element {
    name: "component-licence-expression",
    about: "a licence by its SPDX id or as an SPDX expression",
    asks: Asks::Where(
        |component| component.kind != Kind::OperatingSystem,
        |component| component.licenses.iter().any(|claim| claim.expression.is_some()),
    ),
};

pub(super) const FILE_NAME: Element = Element {
    name: "component-filename",
    about: "the name of its file, if it was handed on as one",
    asks: Asks::Where(
        |component| is_file(component) && component.owner.is_none(),
        |component| component.form.file_name.is_some(),
    ),
};

/// Whether it is a file or a set of files. An operating system is a name for many components, and the project's own
/// folder is none yet. What was linked into another, and is known only from the program or from what its maker says
/// of it, is no file any more.
fn is_file(component: &Component) -> bool {
    if *component.form != Form::default() || !component.contents.is_empty() {
        return true;
    }
    let is_inside = |technique| matches!(technique, Technique::BinaryAnalysis | Technique::Attestation);
    let is_linked =
        !component.evidence.is_empty() && component.evidence.iter().all(|place| is_inside(place.technique));
    component.kind != Kind::OperatingSystem && !component.first_party && !is_linked
}

/// Of its artefact or of what is installed.
pub(super) fn all_hashes(component: &Component) -> impl Iterator<Item = &Hash> {
    component.hashes.iter().chain(&component.contents)
}

fn is_reachable(text: &str) -> bool {
    text.contains('@') || text.contains("://")
}

/// A list that lacks nothing any profile asks for.
#[cfg(test)]
pub(super) fn sound() -> crate::bom::Bom {
    use crate::bom::{Basis, Bom, Evidence, LicenseClaim, Origin};
    use crate::licenses::Expression;
    let component = |name: &str| {
        let mut component = Component::new(name);
        component.version = Some("1".to_owned());
        component.purl = format!("pkg:npm/{name}@1").parse().ok();
        component.supplier = Some("Acme <a@example.org>".to_owned());
        component.hashes = Hash::from_hex(HashAlgorithm::Sha512, &"a".repeat(128)).into_iter().collect();
        component.form = Form {
            file_name: Some(format!("{name}-1.tgz")),
            executable: Some(false),
            archive: Some(true),
            structured: Some(true),
        }
        .into();
        component.licenses = vec![LicenseClaim {
            text: "MIT".to_owned(),
            expression: Expression::parse("MIT").ok(),
            basis: Basis::Declared,
            path: None,
            line: None,
        }]
        .into();
        component.evidence = vec![Evidence {
            path: "package-lock.json".to_owned(),
            line: None,
            layer: None,
            found_by: String::new(),
            technique: Technique::ManifestAnalysis,
            confidence: 100,
        }];
        (component.reference(), component)
    };
    let components: crate::bom::Components = [component("a"), component("b")].into();
    let dependencies = components.keys().map(|reference| (reference.clone(), [].into())).collect();
    let origin = Origin {
        format: "CycloneDX 1.6 JSON".to_owned(),
        tools: vec!["packlist 0.1.0".to_owned()],
        created: Some("2026-01-01T00:00:00Z".to_owned()),
        authors: vec!["Acme <a@example.org>".to_owned()],
        phase: Some("post-build".to_owned()),
        tells_completeness: true,
        ..Origin::default()
    };
    Bom { components, dependencies, origin: Some(origin), ..Bom::default() }
}

//! What no format has a field for, as names and values of our own.
//!
//! Names are of CycloneDX's grammar for properties; `docs/properties.md` says what each means.
//! Spec: <https://github.com/CycloneDX/cyclonedx-property-taxonomy>

use crate::bom::{
    Basis, Bom, Component, Evidence, Form, Hash, HashAlgorithm, LicenseClaim, Presence, SubjectKind,
    Technique, conclusion_is_implied,
};

/// Names and values, in the order they are written.
#[derive(Debug, Default)]
pub(super) struct Properties(pub(super) Vec<(String, String)>);

impl Properties {
    /// Adds `packlist:<name>`. A value is one line: XML, and annotations of a property a line, have no others.
    pub(super) fn add(&mut self, name: impl AsRef<str>, value: impl ToString) {
        self.0.push((format!("packlist:{}", name.as_ref()), escaped(value.to_string())));
    }

    fn add_some(&mut self, name: impl AsRef<str>, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }
}

/// A value is one line.
fn escaped(value: String) -> String {
    if !value.bytes().any(|byte| matches!(byte, b'\\' | b'\n' | b'\r' | b'\t')) {
        return value;
    }
    value.replace('\\', r"\\").replace('\n', r"\n").replace('\r', r"\r").replace('\t', r"\t")
}

/// Which parts of evidence the format has fields for.
#[derive(Debug, Clone, Copy)]
pub(super) struct EvidenceFields {
    /// The path, and technique and confidence.
    pub(super) place: bool,
    pub(super) line: bool,
    /// Digests of contents, told from those of artefacts.
    pub(super) contents: bool,
}

/// How the digests of contents are made that stand among those of artefacts.
const METHOD: &str = "package-verification-code";

/// The digests for a format with one field for all of them: the artefact's, and where none of these is strong, the
/// contents' too.
pub(super) fn hashes(component: &Component) -> impl Iterator<Item = &Hash> {
    component
        .hashes
        .iter()
        .chain(component.contents.iter().filter(|hash| stands_among_hashes(component, hash)))
}

fn stands_among_hashes(component: &Component, contents: &Hash) -> bool {
    let is_strong = |hash: &Hash| hash.algorithm >= HashAlgorithm::Sha256;
    is_strong(contents) && !component.hashes.iter().any(is_strong)
}

/// What is to be said of the bill as a whole.
pub(super) fn of_bom(bom: &Bom) -> Properties {
    let mut properties = Properties::default();
    let subject = &bom.subject;
    if subject.kind != SubjectKind::Image {
        properties.add("subject:kind", subject.kind.name());
    }
    properties.add_some("subject:manifest-digest", subject.manifest_digest.as_ref());
    properties.add_some("subject:platform", subject.platform.as_ref());
    properties.add_some("subject:created", subject.created.as_ref());
    properties.add_some("subject:user", subject.user.as_ref());
    properties.add_some("subject:base", subject.base.as_ref());
    properties.add_some("secrets", subject.secrets.as_ref().map(Vec::len));
    for (index, secret) in subject.secrets.iter().flatten().enumerate() {
        properties.add(format!("secret:{index}:place"), secret.place.name());
        properties.add(format!("secret:{index}:kind"), secret.kind.name());
        if !secret.name.is_empty() {
            properties.add(format!("secret:{index}:name"), &secret.name);
        }
        properties.add_some(format!("secret:{index}:line"), secret.line);
        properties.add_some(format!("secret:{index}:layer"), secret.layer);
        if secret.hidden {
            properties.add(format!("secret:{index}:hidden"), true);
        }
    }
    for (index, layer) in bom.layers.iter().enumerate() {
        properties.add(format!("layer:{index}:diff-id"), &layer.diff_id);
        properties.add_some(format!("layer:{index}:created-by"), layer.created_by.as_ref());
    }
    properties.add_some("base-layers", bom.base_layers);
    if let Some(coverage) = &bom.coverage {
        properties.add("coverage:files", coverage.files);
        for (index, path) in coverage.unclaimed.iter().enumerate() {
            properties.add(format!("coverage:unclaimed:{index}"), path);
        }
    }
    for (index, gap) in bom.gaps.iter().enumerate() {
        properties.add(format!("gap:{index}:kind"), gap.kind.name());
        if !gap.path.is_empty() {
            properties.add(format!("gap:{index}:path"), &gap.path);
        }
        properties.add_some(format!("gap:{index}:line"), gap.line);
        properties.add(format!("gap:{index}:reason"), &gap.reason);
    }
    if let Some(origin) = &bom.origin {
        properties.add("converted-from:format", &origin.format);
        properties.add_some("converted-from:serial", origin.serial.as_ref());
        properties.add_some("converted-from:created", origin.created.as_ref());
    }
    properties
}

/// The texts of licences that no field carries.
pub(super) fn add_license_texts<'a>(
    properties: &mut Properties,
    texts: impl Iterator<Item = (&'a String, &'a String)>,
) {
    for (index, (id, text)) in texts.enumerate() {
        properties.add(format!("license-text:{index}:id"), id);
        properties.add(format!("license-text:{index}:text"), text);
    }
}

/// What is to be said of a component, whatever the format.
pub(super) fn of_component(bom: &Bom, component: &Component, fields: EvidenceFields) -> Properties {
    let mut properties = Properties::default();
    if component.presence == Presence::Declared {
        properties.add("presence", component.presence.name());
    }
    if component.first_party {
        properties.add("first-party", true);
    }
    if component.asked_for {
        properties.add("asked-for", true);
    }
    if let Some(owner) = &component.owner {
        properties.add("owner:path", &owner.path);
    }
    if let Some(hidden) = &component.hidden {
        properties.add("hidden:layer:index", hidden.layer);
        properties.add_some("hidden:layer:diff-id", bom.layers.get(hidden.layer).map(|layer| &layer.diff_id));
        properties.add_some("hidden:replaced-by", hidden.replaced_by.as_ref());
    }
    if let Some(standing) = &component.standing {
        properties.add("standing:kind", standing.kind.name());
        if !standing.reason.is_empty() {
            properties.add("standing:reason", &standing.reason);
        }
    }
    add_form(&mut properties, &component.form);
    for hash in component.contents.iter().filter(|_| !fields.contents) {
        let name = hash.algorithm.name().to_ascii_lowercase();
        match stands_among_hashes(component, hash) {
            true => properties.add(format!("hash:{name}:method"), METHOD),
            false => properties.add(format!("contents:{name}"), &hash.hex),
        }
    }
    for path in &component.altered {
        properties.add("altered", path);
    }
    if let Some(layer) = component.layer {
        properties.add("layer:index", layer);
        properties.add_some("layer:diff-id", bom.layers.get(layer).map(|layer| &layer.diff_id));
    }
    add_evidence(&mut properties, component, fields);
    properties
}

/// In the BSI's own words.
///
/// Spec: <https://github.com/BSI-Bund/tr-03183-cyclonedx-property-taxonomy>
fn add_form(properties: &mut Properties, form: &Form) {
    let mut add = |name: &str, value: &str| {
        properties.0.push((format!("bsi:component:{name}"), escaped(value.to_owned())));
    };
    if let Some(name) = &form.file_name {
        add("filename", name);
    }
    let flags = [
        ("executable", form.executable, ["executable", "non-executable"]),
        ("archive", form.archive, ["archive", "no archive"]),
        ("structured", form.structured, ["structured", "unstructured"]),
    ];
    for (name, flag, [yes, no]) in flags {
        if let Some(flag) = flag {
            add(name, if flag { yes } else { no });
        }
    }
}

fn add_evidence(properties: &mut Properties, component: &Component, fields: EvidenceFields) {
    let finder = common_finder(&component.evidence);
    if let Some(finder) = finder.filter(|finder| !finder.is_empty()) {
        properties.add("found-by", finder);
    }
    for (index, evidence) in component.evidence.iter().enumerate() {
        let mut add = |name: &str, value: &dyn ToString| {
            properties.add(format!("evidence:{index}:{name}"), value.to_string());
        };
        if !fields.place {
            add("path", &evidence.path);
            if evidence.technique != Technique::ManifestAnalysis {
                add("technique", &evidence.technique.name());
            }
            if evidence.confidence != 100 {
                add("confidence", &evidence.confidence);
            }
        }
        if let Some(line) = evidence.line.filter(|_| !fields.line) {
            add("line", &line);
        }
        if finder.is_none() && !evidence.found_by.is_empty() {
            add("found-by", &evidence.found_by);
        }
        if evidence.layer != component.layer {
            add("layer", &evidence.layer.map_or("none".to_owned(), |layer| layer.to_string()));
        }
    }
}

/// Who found it, when all evidence agrees.
fn common_finder(evidence: &[Evidence]) -> Option<&str> {
    let finder = evidence.first()?.found_by.as_str();
    evidence.iter().all(|place| place.found_by == finder).then_some(finder)
}

/// Every claim in full, for where the format's own field says less. What follows from the others is left out where
/// the format `tells_concluded`.
pub(super) fn add_claims(
    properties: &mut Properties,
    bom: &Bom,
    claims: &[LicenseClaim],
    tells_concluded: bool,
) {
    add_claims_as("license", properties, bom, claims, tells_concluded);
}

/// The same of the subject.
pub(super) fn add_claims_of_subject(properties: &mut Properties, bom: &Bom, tells_concluded: bool) {
    add_claims_as("subject-license", properties, bom, &bom.subject.licenses, tells_concluded);
}

fn add_claims_as(
    name: &str,
    properties: &mut Properties,
    bom: &Bom,
    claims: &[LicenseClaim],
    tells_concluded: bool,
) {
    let is_implied = tells_concluded && conclusion_is_implied(claims, &bom.license_texts);
    let said = claims.iter().filter(|claim| !is_implied || claim.basis != Basis::Derived);
    for (index, claim) in said.enumerate() {
        properties.add(format!("{name}:{index}:text"), &claim.text);
        if let Some(expression) = claim.expression.as_ref().map(ToString::to_string)
            && expression != claim.text
        {
            properties.add(format!("{name}:{index}:expression"), expression);
        } else if claim.expression.is_none() && crate::licenses::Expression::parse(&claim.text).is_ok() {
            properties.add(format!("{name}:{index}:expression"), "");
        }
        if claim.basis != Basis::Declared {
            properties.add(format!("{name}:{index}:basis"), claim.basis.name());
        }
        properties.add_some(format!("{name}:{index}:path"), claim.path.as_ref());
        properties.add_some(format!("{name}:{index}:line"), claim.line);
    }
}

//! Properties back into what they say: our own, and the few of other tools that have a place in a bill.

use std::collections::BTreeMap;

use crate::bom::{
    Basis, Bom, Component, Coverage, Evidence, Form, Gap, GapKind, Hash, HashAlgorithm, Hidden, Kind, Layer,
    LicenseClaim, Presence, Ref, Scope, Secret, SecretKind, SecretPlace, Standing, StandingKind, SubjectKind,
    Technique, add_conclusion, recognise_conclusion,
};
use crate::licenses::Expression;

/// What properties say of a component that must wait until the whole document is read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Apart {
    pub(super) reference: Option<Ref>,
    pub(super) owner: Option<String>,
    pub(super) owner_path: Option<String>,
    /// The layer that brought it, by digest.
    pub(super) layer_digest: Option<String>,
    found_by: Option<String>,
    places: BTreeMap<usize, Place>,
    claims: Claims,
    hidden_layer: Option<usize>,
    replaced_by: Option<Ref>,
    standing: Option<StandingKind>,
    standing_reason: String,
    /// Algorithms whose digest among the others is that of the contents.
    of_contents: Vec<HashAlgorithm>,
}

/// What is said of one place of evidence.
#[derive(Debug, Default, PartialEq)]
struct Place {
    path: Option<String>,
    line: Option<u32>,
    technique: Option<Technique>,
    confidence: Option<u8>,
    found_by: Option<String>,
    layer: Option<Option<usize>>,
}

/// What properties say of licences, by number.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Claims(BTreeMap<usize, Claim>);

#[derive(Debug, Default, PartialEq)]
struct Claim {
    text: String,
    expression: Option<String>,
    basis: Option<Basis>,
    path: Option<String>,
    line: Option<u32>,
}

/// Reads a component's properties: what has a place in it at once, the rest into `Apart`.
pub(super) fn apply_to_component<'a>(
    properties: impl Iterator<Item = (&'a str, &'a str)>,
    component: &mut Component,
) -> Apart {
    let mut apart = Apart::default();
    for (name, value) in properties {
        match name.strip_prefix("packlist:") {
            Some(name) => ours(name, &unescaped(value), component, &mut apart),
            None => match name.strip_prefix("bsi:component:") {
                Some(name) => form(name, value, &mut component.form),
                None => foreign(name, value, component, &mut apart),
            },
        }
    }
    apart
}

/// Whether a property of this name says something to us.
pub(super) fn is_read(name: &str) -> bool {
    match name.as_bytes() {
        [b'a', ..] => name.starts_with("aquasecurity:trivy:"),
        [b'b', ..] => name.starts_with("bsi:component:"),
        [b'c', ..] => name == DEVELOPMENT || standing(name).is_some(),
        [b'p', ..] => name.starts_with("packlist:"),
        [b's', ..] => name.starts_with("syft:location:"),
        _ => false,
    }
}

const DEVELOPMENT: &str = "cdx:npm:package:development";

/// What cdxgen says a registry says of a version: `cdx:npm:deprecated`, `cdx:gem:yanked`.
fn standing(name: &str) -> Option<StandingKind> {
    match name.strip_prefix("cdx:")?.split_once(':')?.1 {
        "deprecated" | "deprecation_notice" => Some(StandingKind::Deprecated),
        "retracted" => Some(StandingKind::Retracted),
        "yanked" => Some(StandingKind::Yanked),
        _ => None,
    }
}

/// What sort of file it is, in the BSI's words.
fn form(name: &str, value: &str, form: &mut Form) {
    let flag = |yes: &str, no: &str| match value {
        _ if value == yes => Some(true),
        _ if value == no => Some(false),
        _ => None,
    };
    match name {
        "filename" => form.file_name = Some(unescaped(value)),
        "executable" => form.executable = flag("executable", "non-executable"),
        "archive" => form.archive = flag("archive", "no archive"),
        "structured" => form.structured = flag("structured", "unstructured"),
        _ => {}
    }
}

/// Our values are one line; `\\n` stands for a break.
fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        text.push(match c {
            '\\' => match rest.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            c => c,
        });
    }
    text
}

fn ours(name: &str, value: &str, component: &mut Component, apart: &mut Apart) {
    let text = || Some(value.to_owned());
    match name {
        "presence" => component.presence = Presence::from_name(value).unwrap_or(component.presence),
        "first-party" => component.first_party = value == "true",
        "asked-for" => component.asked_for = value == "true",
        "owner:path" => apart.owner_path = text(),
        "owner:ref" => apart.owner = text(),
        "ref" => apart.reference = Some(Ref(value.into())),
        "hidden:layer:index" => apart.hidden_layer = value.parse().ok(),
        "hidden:replaced-by" => apart.replaced_by = Some(Ref(value.into())),
        "standing:kind" => apart.standing = StandingKind::from_name(value),
        "standing:reason" => value.clone_into(&mut apart.standing_reason),
        "altered" => component.altered.push(value.to_owned()),
        "layer:index" => component.layer = value.parse().ok(),
        "found-by" => apart.found_by = text(),
        "kind" => component.kind = Kind::from_name(value).unwrap_or(component.kind),
        "scope" => component.scope = Scope::from_name(value).unwrap_or(component.scope),
        "vcs" => component.vcs = text(),
        "source" => component.source = text(),
        "download" => component.download = text(),
        "homepage" => component.homepage = text(),
        "supplier" => component.supplier = text(),
        "author" => component.author = text(),
        "description" => component.description = text(),
        "copyright" => component.copyright = text(),
        "cpe" => component.cpes.push(value),
        _ => match name.split_once(':') {
            Some(("contents", algorithm)) => {
                let hash = HashAlgorithm::from_name(algorithm).and_then(|known| Hash::from_hex(known, value));
                component.contents.extend(hash);
            }
            Some(("hash", rest)) => {
                let algorithm = rest.strip_suffix(":method").and_then(HashAlgorithm::from_name);
                apart.of_contents.extend(algorithm.filter(|_| value == "package-verification-code"));
            }
            _ => numbered(name, value, apart),
        },
    }
}

/// `evidence:<i>:…` and `license:<i>:…`.
fn numbered(name: &str, value: &str, apart: &mut Apart) {
    let Some((list, index, field)) = parts(name) else { return };
    let text = || Some(value.to_owned());
    match list {
        "evidence" => {
            let place = apart.places.entry(index).or_default();
            match field {
                "path" => place.path = text(),
                "line" => place.line = value.parse().ok(),
                "technique" => place.technique = Technique::from_name(value),
                "confidence" => place.confidence = value.parse().ok(),
                "found-by" => place.found_by = text(),
                "layer" => place.layer = Some(value.parse().ok()),
                _ => {}
            }
        }
        "license" => {
            apart.claims.0.entry(index).or_default().take(field, value);
        }
        _ => {}
    }
}

/// `gap:3:reason` in its parts.
fn parts(name: &str) -> Option<(&str, usize, &str)> {
    let (list, rest) = name.split_once(':')?;
    let (index, field) = rest.split_once(':')?;
    Some((list, index.parse().ok()?, field))
}

/// What Syft, Trivy and cdxgen say in properties of theirs.
fn foreign(name: &str, value: &str, component: &mut Component, apart: &mut Apart) {
    let mut seen_at = |path: &str| {
        let path = path.trim_start_matches('/').to_owned();
        if !path.is_empty()
            && component.evidence.iter().all(|place| place.path != path)
            && component.evidence.len() < 64
        {
            let (technique, found_by) = (Technique::default(), String::new());
            // Most are seen in one place.
            component.evidence.reserve_exact(usize::from(component.evidence.is_empty()));
            component.evidence.push(Evidence {
                path,
                line: None,
                layer: None,
                found_by,
                technique,
                confidence: 100,
            });
        }
    };
    match name {
        "aquasecurity:trivy:FilePath" => seen_at(value),
        "aquasecurity:trivy:LayerDiffID" | "syft:location:0:layerID" => {
            apart.layer_digest = Some(value.to_owned())
        }
        DEVELOPMENT if value == "true" => component.scope = Scope::Dev,
        _ => {
            if let Some(kind) = standing(name).filter(|_| !matches!(value, "" | "false")) {
                apart.standing = Some(kind);
                // Some give the registry's words, others only say that it is so.
                if value != "true" {
                    value.clone_into(&mut apart.standing_reason);
                }
            }
            if name.strip_prefix("syft:location:").is_some_and(|rest| rest.ends_with(":path")) {
                seen_at(value);
            }
        }
    }
}

impl Apart {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn take_claims(&mut self) -> Claims {
        std::mem::take(&mut self.claims)
    }

    /// Puts the rest into the component, once the layers are known.
    pub(super) fn settle(&mut self, component: &mut Component) {
        self.settle_evidence(component);
        for algorithm in std::mem::take(&mut self.of_contents) {
            let is_of_contents = |hash: &mut Hash| hash.algorithm == algorithm;
            component.contents.extend(component.hashes.extract_if(.., is_of_contents));
        }
        component.contents.sort();
        let replaced_by = self.replaced_by.take();
        component.hidden = self.hidden_layer.map(|layer| Hidden { layer, replaced_by }.into());
        let reason = std::mem::take(&mut self.standing_reason);
        component.standing = self.standing.map(|kind| Standing { kind, reason }.into());
    }

    fn settle_evidence(&mut self, component: &mut Component) {
        let layer = component.layer;
        for (index, said) in std::mem::take(&mut self.places) {
            if let Some(path) = said.path {
                component.evidence.push(Evidence {
                    path,
                    line: said.line,
                    layer: said.layer.unwrap_or(layer),
                    found_by: said.found_by.unwrap_or_default(),
                    technique: said.technique.unwrap_or_default(),
                    confidence: said.confidence.unwrap_or(100),
                });
            } else if let Some(place) = component.evidence.get_mut(index) {
                place.line = said.line.or(place.line);
                place.layer = said.layer.unwrap_or(layer);
                place.found_by = said.found_by.unwrap_or_default();
            }
        }
        if let Some(found_by) = self.found_by.take() {
            for place in component.evidence.iter_mut().filter(|place| place.found_by.is_empty()) {
                place.found_by.clone_from(&found_by);
            }
        }
    }
}

impl Claims {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts what properties say in the place of what fields say. In documents of ours, what fields alone say is
    /// concluded is what follows.
    pub(super) fn settle(self, claims: &mut Vec<LicenseClaim>, ours: bool, texts: &BTreeMap<String, String>) {
        let is_concluded = |basis: Basis| matches!(basis, Basis::Concluded | Basis::Derived);
        let in_fields = claims.iter().any(|claim| is_concluded(claim.basis));
        let in_properties = self.0.values().any(|claim| claim.basis.is_some_and(is_concluded));
        if self.is_empty() {
            if ours {
                recognise_conclusion(claims, texts);
            }
            return;
        }
        *claims = self.0.into_values().map(Claim::read).collect();
        if ours && in_fields && !in_properties {
            add_conclusion(claims, texts);
        }
    }
}

impl Claim {
    fn take(&mut self, field: &str, value: &str) {
        match field {
            "text" => value.clone_into(&mut self.text),
            "expression" => self.expression = Some(value.to_owned()),
            "basis" => self.basis = Basis::from_name(value),
            "path" => self.path = Some(value.to_owned()),
            "line" => self.line = value.parse().ok(),
            _ => {}
        }
    }

    fn read(self) -> LicenseClaim {
        let expression = match self.expression {
            Some(expression) => Expression::parse(&expression).ok(),
            None => Expression::parse(&self.text).ok(),
        };
        LicenseClaim {
            text: self.text,
            expression,
            basis: self.basis.unwrap_or(Basis::Declared),
            path: self.path,
            line: self.line,
        }
    }
}

/// Reads the properties of the whole document; what they say of the subject's licence waits for the texts.
pub(super) fn apply_to_bom(properties: &[(String, String)], bom: &mut Bom) -> Claims {
    let mut claims = Claims::default();
    let mut layers: BTreeMap<usize, Layer> = BTreeMap::new();
    let mut gaps: BTreeMap<usize, Gap> = BTreeMap::new();
    let mut texts: BTreeMap<usize, (String, String)> = BTreeMap::new();
    let mut secrets: BTreeMap<usize, Open> = BTreeMap::new();
    let mut coverage: Option<Coverage> = None;
    for (name, value) in properties {
        let Some(name) = name.strip_prefix("packlist:") else {
            if name == "aquasecurity:trivy:DiffID" {
                bom.layers.push(Layer { diff_id: value.clone(), created_by: None });
            }
            continue;
        };
        let value = &unescaped(value);
        let text = || Some(value.clone());
        match name {
            "subject:kind" if value == "directory" => bom.subject.kind = SubjectKind::Directory,
            "subject:kind" if value == "file" => bom.subject.kind = SubjectKind::File,
            "subject:manifest-digest" => bom.subject.manifest_digest = text(),
            "subject:supplier" => bom.subject.supplier = text(),
            "subject:copyright" => bom.subject.copyright = text(),
            "subject:platform" => bom.subject.platform = text(),
            "subject:created" => bom.subject.created = text(),
            "subject:user" => bom.subject.user = text(),
            "subject:base" => bom.subject.base = text(),
            "secrets" => bom.subject.secrets = Some(Vec::new()),
            "base-layers" => bom.base_layers = value.parse().ok(),
            "coverage:files" => coverage.get_or_insert_default().files = value.parse().unwrap_or_default(),
            _ if name.starts_with("coverage:unclaimed:") => {
                coverage.get_or_insert_default().unclaimed.push(value.clone());
            }
            _ => match parts(name) {
                Some(("layer", index, field)) => {
                    let layer = layers.entry(index).or_insert_with(no_layer);
                    match field {
                        "diff-id" => layer.diff_id.clone_from(value),
                        "created-by" => layer.created_by = text(),
                        _ => {}
                    }
                }
                Some(("gap", index, field)) => {
                    let gap = gaps.entry(index).or_insert_with(no_gap);
                    match field {
                        "kind" => gap.kind = GapKind::from_name(value).unwrap_or(gap.kind),
                        "path" => gap.path.clone_from(value),
                        "line" => gap.line = value.parse().ok(),
                        "reason" => gap.reason.clone_from(value),
                        _ => {}
                    }
                }
                Some(("subject-license", index, field)) => {
                    claims.0.entry(index).or_default().take(field, value);
                }
                Some(("secret", index, field)) => secrets.entry(index).or_default().take(field, value),
                Some(("license-text", index, "id")) => texts.entry(index).or_default().0.clone_from(value),
                Some(("license-text", index, "text")) => texts.entry(index).or_default().1.clone_from(value),
                _ => {}
            },
        }
    }
    bom.coverage = coverage;
    if let Some(found) = &mut bom.subject.secrets {
        found.extend(secrets.into_values().filter_map(Open::read));
    }
    bom.layers.extend(layers.into_values());
    bom.gaps.extend(gaps.into_values());
    bom.license_texts.extend(texts.into_values());
    claims
}

/// A credential while its properties are read.
#[derive(Debug, Default)]
struct Open {
    place: Option<SecretPlace>,
    kind: Option<SecretKind>,
    name: String,
    line: Option<u32>,
    layer: Option<usize>,
    hidden: bool,
}

impl Open {
    fn take(&mut self, field: &str, value: &str) {
        match field {
            "place" => self.place = SecretPlace::from_name(value),
            "kind" => self.kind = SecretKind::from_name(value),
            "name" => value.clone_into(&mut self.name),
            "line" => self.line = value.parse().ok(),
            "layer" => self.layer = value.parse().ok(),
            "hidden" => self.hidden = value == "true",
            _ => {}
        }
    }

    fn read(self) -> Option<Secret> {
        let Self { place, kind, name, line, layer, hidden } = self;
        Some(Secret { place: place?, name, line, kind: kind?, layer, hidden })
    }
}

fn no_layer() -> Layer {
    Layer { diff_id: String::new(), created_by: None }
}

fn no_gap() -> Gap {
    Gap { path: String::new(), line: None, kind: GapKind::Unread, reason: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(properties: &[(&str, &str)]) -> Component {
        let mut component = Component::new("a");
        let read = properties.iter().copied().filter(|(name, _)| is_read(name));
        apply_to_component(read, &mut component).settle(&mut component);
        component
    }

    #[test]
    fn what_a_registry_says_against_a_version_is_read_in_the_words_of_others() {
        let standing = |name, value| read(&[(name, value)]).standing.map(|it| (it.kind, it.reason));
        let deprecated = |reason: &str| Some((StandingKind::Deprecated, reason.to_owned()));
        assert_eq!(standing("cdx:npm:deprecated", "use b instead"), deprecated("use b instead"));
        assert_eq!(standing("cdx:npm:deprecation_notice", "old"), deprecated("old"));
        assert_eq!(standing("cdx:go:deprecated", "true"), deprecated(""));
        assert_eq!(standing("cdx:gem:yanked", "true"), Some((StandingKind::Yanked, String::new())));
        for (name, value) in
            [("cdx:gem:yanked", "false"), ("cdx:npm:deprecated", ""), ("cbom:deprecated", "true")]
        {
            assert_eq!(standing(name, value), None, "{name}");
        }
        let ours = [("packlist:standing:kind", "retracted"), ("packlist:standing:reason", "a bug")];
        let said = read(&ours).standing.map(|it| (it.kind, it.reason));
        assert_eq!(said, Some((StandingKind::Retracted, "a bug".to_owned())));
    }
}

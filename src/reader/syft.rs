//! Syft's own JSON.
//!
//! A relationship `dependency-of` points from what is needed to what needs it.
//! Spec: <https://github.com/anchore/syft/tree/main/schema/json>

use super::draft::{Draft, Part};
use super::lenient::{List, OneOrMore, Text, shape};
use super::properties::Apart;
use super::{ReadError, broken_json};
use crate::bom::{
    Basis, Bom, Component, Evidence, Kind, Layer, LicenseClaim, Purl, Scope, SubjectKind, Technique,
};
use crate::licenses::{self, Dialect};

shape!(Document {
    "artifacts" => artifacts: List<Artifact>,
    "artifactRelationships" => relationships: List<Relationship>,
    "source" => source: Source,
    "distro" => distro: Distro,
    "descriptor" => descriptor: Descriptor,
    "schema" => schema: Schema,
});

shape!(Artifact {
    "id" => id: Text,
    "name" => name: Text,
    "version" => version: Text,
    "locations" => locations: List<Location>,
    "licenses" => licenses: OneOrMore<License>,
    "cpes" => cpes: OneOrMore<Cpe>,
    "purl" => purl: Text,
});

shape!(Location {
    "path" => path: Text,
    "layerID" => layer: Text,
});

shape!(License {
    "value" => value: Text,
    "spdxExpression" => expression: Text,
    "type" => basis: Text,
});

shape!(Cpe { "cpe" => cpe: Text, });

shape!(Relationship {
    "parent" => parent: Text,
    "child" => child: Text,
    "type" => kind: Text,
});

shape!(Source {
    "id" => id: Text,
    "name" => name: Text,
    "type" => kind: Text,
    "metadata" => metadata: Metadata,
});

shape!(Metadata {
    "userInput" => user_input: Text,
    "imageID" => image_id: Text,
    "manifestDigest" => manifest_digest: Text,
    "architecture" => architecture: Text,
    "os" => os: Text,
    "layers" => layers: List<SourceLayer>,
});

shape!(SourceLayer { "digest" => digest: Text, });

shape!(Distro {
    "id" => id: Text,
    "name" => name: Text,
    "versionID" => version: Text,
});

shape!(Descriptor {
    "name" => name: Text,
    "version" => version: Text,
});

shape!(Schema { "version" => version: Text, });

pub(super) fn json(bytes: &[u8]) -> Result<Bom, ReadError> {
    let mut document: Document =
        serde_json::from_slice(bytes).map_err(|error| broken_json("Syft JSON", &error))?;
    let mut draft = Draft::default();
    for key in &document.wrong {
        draft.gap(format!("`{key}` is not of the shape it should be"));
    }
    draft.origin.format = match document.schema.version.take() {
        Some(version) => format!("Syft JSON {version}"),
        None => "Syft JSON".to_owned(),
    };
    let (name, version) = (document.descriptor.name.take(), document.descriptor.version.take());
    draft
        .origin
        .tools
        .extend(name.map(|name| version.map_or(name.clone(), |version| format!("{name} {version}"))));
    set_subject(&mut draft, &mut document.source);
    let layers: Vec<Layer> = std::mem::take(&mut document.source.metadata.layers.items)
        .into_iter()
        .filter_map(|mut layer| layer.digest.take())
        .map(|diff_id| Layer { diff_id, created_by: None })
        .collect();
    for artifact in document.artifacts.items {
        add_artifact(&mut draft, artifact, &layers);
    }
    add_distro(&mut draft, document.distro);
    for relationship in &document.relationships.items {
        let (parent, child) = (relationship.parent.as_str(), relationship.child.as_str());
        if relationship.kind.as_str() == "dependency-of" {
            draft.depends(child, parent, Scope::Required);
        }
    }
    draft.layers = layers;
    Ok(draft.finish())
}

fn set_subject(draft: &mut Draft, source: &mut Source) {
    let metadata = &mut source.metadata;
    let subject = &mut draft.subject;
    subject.kind = if source.kind.as_str() == "image" { SubjectKind::Image } else { SubjectKind::Directory };
    subject.name = source.name.take().or_else(|| metadata.user_input.take()).unwrap_or_default();
    subject.version = metadata.image_id.take();
    subject.manifest_digest = metadata.manifest_digest.take();
    subject.platform =
        metadata.os.take().zip(metadata.architecture.take()).map(|(os, arch)| format!("{os}/{arch}"));
    draft.subject_id = source.id.take();
}

fn add_artifact(draft: &mut Draft, mut artifact: Artifact, layers: &[Layer]) {
    let Some(name) = artifact.name.take() else {
        draft.gap(format!("artifact `{}` has no name", artifact.id.as_str()));
        return;
    };
    for key in &artifact.wrong {
        draft.gap(format!("artifact `{name}`: `{key}` is not of the shape it should be"));
    }
    let mut component = Component::new(name);
    component.version = artifact.version.take();
    match artifact.purl.take().map(|text| text.parse::<Purl>()) {
        Some(Ok(purl)) => component.purl = Some(purl),
        Some(Err(error)) => draft.gap(format!("artifact `{}`: {error}", component.name)),
        None => {}
    }
    component.cpes = artifact.cpes.items.iter_mut().filter_map(|cpe| cpe.cpe.take()).collect();
    for license in &mut artifact.licenses.items {
        let (value, expression) = (license.value.take(), license.expression.take());
        let Some(text) = value.or_else(|| expression.clone()) else { continue };
        let meaning = expression.as_deref().unwrap_or(&text);
        component.licenses.push(LicenseClaim {
            expression: licenses::read(meaning, Dialect::Spdx),
            basis: Basis::from_name(license.basis.as_str()).unwrap_or(Basis::Declared),
            text,
            path: None,
            line: None,
        });
    }
    for location in &mut artifact.locations.items {
        let Some(path) = location.path.take() else { continue };
        let layer = layers.iter().position(|layer| layer.diff_id == location.layer.as_str());
        component.evidence.push(Evidence {
            path: path.trim_start_matches('/').to_owned(),
            line: None,
            layer,
            found_by: String::new(),
            technique: Technique::ManifestAnalysis,
            confidence: 100,
        });
        component.layer = component.layer.or(layer);
    }
    draft.add(Part { id: artifact.id.take(), inside: None, component, apart: Apart::default() });
}

fn add_distro(draft: &mut Draft, mut distro: Distro) {
    let Some(name) = distro.id.take().or_else(|| distro.name.take()) else { return };
    let mut component = Component::new(name);
    component.kind = Kind::OperatingSystem;
    component.version = distro.version.take();
    draft.add(Part { id: None, inside: None, component, apart: Apart::default() });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifacts_layers_and_edges_are_read() {
        let text = r#"{
            "artifacts": [
                {"id": "1", "name": "musl", "version": "1.2", "purl": "pkg:apk/alpine/musl@1.2",
                 "licenses": [{"value": "MIT", "spdxExpression": "MIT", "type": "declared"}],
                 "locations": [{"path": "/lib/apk/db/installed", "layerID": "sha256:aa"}]},
                {"id": "2", "name": "busybox", "licenses": ["GPL-2.0-only"], "cpes": ["cpe:2.3:a:b"]},
                {"id": "3"}
            ],
            "artifactRelationships": [{"parent": "1", "child": "2", "type": "dependency-of"}],
            "source": {"id": "x", "name": "alpine", "type": "image",
                       "metadata": {"imageID": "sha256:cc", "layers": [{"digest": "sha256:aa"}]}},
            "distro": {"id": "alpine", "versionID": "3.19"},
            "descriptor": {"name": "syft", "version": "1.18.1"},
            "schema": {"version": "16.0.0", "url": "https://raw.githubusercontent.com/anchore/syft/schema.json"}
        }"#;
        let bom = json(text.as_bytes()).expect("the test's text is sound");
        let names: Vec<String> = bom.components.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["library:busybox", "operating-system:alpine@3.19", "pkg:apk/alpine/musl@1.2"]);
        let musl = bom.components.values().find(|component| component.name == "musl").expect("it is there");
        assert_eq!((musl.layer, musl.evidence[0].path.as_str()), (Some(0), "lib/apk/db/installed"));
        assert_eq!(bom.dependencies.values().next().map(|needed| needed.len()), Some(1));
        assert_eq!(bom.subject.version.as_deref(), Some("sha256:cc"));
    }
}

//! Syft's own JSON.
//!
//! A relationship `dependency-of` points from what is needed to what needs it.
//! Spec: <https://github.com/anchore/syft/tree/main/schema/json>

use std::io::Read;

use super::ReadError;
use super::draft::{Draft, Part};
use super::lenient::{List, OneOrMore, Text, shape};
use super::properties::Apart;
use super::stream::{Json, read_object};
use crate::bom::{
    Basis, Bom, Component, Evidence, Kind, Layer, LicenseClaim, Purl, Scope, SubjectKind, Technique,
};

shape!(Artifact {
    "id" => id: Text<'a>,
    "name" => name: Text<'a>,
    "version" => version: Text<'a>,
    "locations" => locations: List<Location<'a>>,
    "licenses" => licenses: OneOrMore<License<'a>>,
    "cpes" => cpes: OneOrMore<Cpe<'a>>,
    "purl" => purl: Text<'a>,
});

shape!(Location {
    "path" => path: Text<'a>,
    "layerID" => layer: Text<'a>,
});

shape!(License {
    "value" => value: Text<'a>,
    "spdxExpression" => expression: Text<'a>,
    "type" => basis: Text<'a>,
});

shape!(Cpe { "cpe" => cpe: Text<'a>, });

shape!(Relationship {
    "parent" => parent: Text<'a>,
    "child" => child: Text<'a>,
    "type" => kind: Text<'a>,
});

shape!(Source {
    "id" => id: Text<'a>,
    "name" => name: Text<'a>,
    "type" => kind: Text<'a>,
    "metadata" => metadata: Metadata<'a>,
});

shape!(Metadata {
    "userInput" => user_input: Text<'a>,
    "imageID" => image_id: Text<'a>,
    "manifestDigest" => manifest_digest: Text<'a>,
    "architecture" => architecture: Text<'a>,
    "os" => os: Text<'a>,
    "layers" => layers: List<SourceLayer<'a>>,
});

shape!(SourceLayer { "digest" => digest: Text<'a>, });

shape!(Distro {
    "id" => id: Text<'a>,
    "name" => name: Text<'a>,
    "versionID" => version: Text<'a>,
});

shape!(Descriptor {
    "name" => name: Text<'a>,
    "version" => version: Text<'a>,
});

shape!(Schema { "version" => version: Text<'a>, });

const FORMAT: &str = "Syft JSON";

pub(super) fn json(input: impl Read) -> Result<Bom, ReadError> {
    let mut draft = Draft::new("artifacts");
    draft.layers_are_names = true;
    FORMAT.clone_into(&mut draft.origin.format);
    read_object(&mut draft, input, FORMAT, member)?;
    draft.finish(FORMAT)
}

fn member<R: Read>(draft: &mut Draft, key: &str, json: &mut Json<R>) -> Result<(), ReadError> {
    match key {
        "artifacts" => json.each::<Artifact>(draft, key, add_artifact),
        "artifactRelationships" => json.each::<Relationship>(draft, key, add_edge),
        "source" => json.value::<Source, _>(|source| set_subject(draft, source)),
        "distro" => json.value::<Distro, _>(|distro| add_distro(draft, distro)),
        "descriptor" => json.value::<Descriptor, _>(|mut made_by| {
            let version = made_by.version.take().map(|version| format!(" {version}"));
            let tool = made_by.name.take().map(|name| name + &version.unwrap_or_default());
            draft.origin.tools.extend(tool);
        }),
        "schema" => json.value::<Schema, _>(|mut schema| {
            draft.origin.format.extend(schema.version.take().map(|version| format!(" {version}")));
        }),
        _ => json.step_over().map(|_| ()),
    }
}

fn add_edge(draft: &mut Draft, relationship: Relationship<'_>) {
    if relationship.kind.as_str() == "dependency-of" {
        let (of, needed) =
            (draft.name(relationship.child.as_str()), draft.name(relationship.parent.as_str()));
        draft.depends(of, needed, Scope::Required);
    }
}

fn set_subject(draft: &mut Draft, mut source: Source) {
    let metadata = &mut source.metadata;
    let subject = &mut draft.subject;
    subject.kind = if source.kind.as_str() == "image" { SubjectKind::Image } else { SubjectKind::Directory };
    subject.name = source.name.take().or_else(|| metadata.user_input.take()).unwrap_or_default();
    subject.version = metadata.image_id.take();
    subject.manifest_digest = metadata.manifest_digest.take();
    subject.platform =
        metadata.os.take().zip(metadata.architecture.take()).map(|(os, arch)| format!("{os}/{arch}"));
    let layers = metadata.layers.items.iter_mut().filter_map(|layer| layer.digest.take());
    draft.layers = layers.map(|diff_id| Layer { diff_id, created_by: None }).collect();
    draft.subject_id = source.id.take().map(|id| draft.name(&id));
}

fn add_artifact(draft: &mut Draft, mut artifact: Artifact) {
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
    component.cpes = artifact.cpes.items.iter().filter_map(|cpe| cpe.cpe.said()).collect();
    for license in &mut artifact.licenses.items {
        let (value, expression) = (license.value.take(), license.expression.take());
        let Some(text) = value.or_else(|| expression.clone()) else { continue };
        let meaning = expression.as_deref().unwrap_or(&text);
        component.licenses.push(LicenseClaim {
            expression: draft.license(meaning),
            basis: Basis::from_name(license.basis.as_str()).unwrap_or(Basis::Declared),
            text,
            path: None,
            line: None,
        });
    }
    for location in &mut artifact.locations.items {
        let Some(path) = location.path.take() else { continue };
        let layer = location.layer.take().map(|digest| draft.name(&digest).place());
        component.evidence.push(Evidence {
            path: path.trim_start_matches('/').to_owned(),
            line: None,
            layer,
            found_by: String::new(),
            technique: Technique::ManifestAnalysis,
            confidence: 100,
        });
    }
    let id = artifact.id.take().map(|id| draft.name(&id));
    draft.add(Part { id, inside: None, component, apart: Apart::default() });
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

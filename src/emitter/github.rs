//! GitHub's dependency snapshot, to be submitted to its dependency graph.
//!
//! A manifest for each file that names components. `sha`, `ref` and `job` are for the workflow that submits it to
//! fill in: a bill does not know them. Components without a purl are not in it.
//! Spec: <https://docs.github.com/rest/dependency-graph/dependency-submission>

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Format, Stamp, TOOL};
use crate::bom::{Bom, Component, Ref, Scope};

pub(super) const FORMAT: Format = Format {
    name: "github-json",
    about: "GitHub dependency snapshot; sha, ref and job are left to be filled in",
    emit: |bom, stamp| json(bom, stamp),
};

#[derive(Serialize)]
struct Snapshot<'a> {
    version: u32,
    sha: &'static str,
    #[serde(rename = "ref")]
    reference: &'static str,
    job: Job,
    detector: Detector<'a>,
    scanned: &'a str,
    manifests: BTreeMap<&'a str, Manifest<'a>>,
}

#[derive(Serialize)]
struct Job {
    correlator: &'static str,
    id: &'static str,
}

#[derive(Serialize)]
struct Detector<'a> {
    name: &'static str,
    version: &'a str,
    url: &'static str,
}

#[derive(Serialize)]
struct Manifest<'a> {
    name: &'a str,
    file: File<'a>,
    resolved: BTreeMap<&'a str, Resolved<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    source_location: &'a str,
}

#[derive(Serialize)]
struct Resolved<'a> {
    package_url: &'a str,
    relationship: &'static str,
    scope: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<&'a str>,
}

fn json(bom: &Bom, stamp: &Stamp) -> String {
    let mut manifests: BTreeMap<&str, Manifest> = BTreeMap::new();
    for (reference, component) in bom.components.iter().filter(|(_, component)| component.hidden.is_none()) {
        let Some(purl) = &component.purl else { continue };
        let path = component.evidence.first().map_or(bom.subject.name.as_str(), |place| place.path.as_str());
        let manifest = manifests.entry(path).or_insert_with(|| Manifest {
            name: path,
            file: File { source_location: path },
            resolved: BTreeMap::new(),
        });
        manifest.resolved.insert(purl.as_str(), resolved(bom, reference, component, purl.as_str()));
    }
    let snapshot = Snapshot {
        version: 0,
        sha: "",
        reference: "",
        job: Job { correlator: TOOL, id: "" },
        detector: Detector {
            name: TOOL,
            version: &stamp.tool_version,
            url: "https://github.com/packlist/packlist",
        },
        scanned: stamp.created.as_deref().unwrap_or("1970-01-01T00:00:00Z"),
        manifests,
    };
    let mut text = serde_json::to_string_pretty(&snapshot).expect("strings and numbers are always JSON");
    text.push('\n');
    text
}

fn resolved<'a>(bom: &'a Bom, reference: &Ref, component: &Component, purl: &'a str) -> Resolved<'a> {
    let asked =
        bom.dependencies.get(&bom.subject.reference()).is_some_and(|needed| needed.contains(reference));
    let needed = bom.dependencies.get(reference).into_iter().flatten();
    let purls = needed.filter_map(|needed| bom.components.get(needed)?.purl.as_ref());
    Resolved {
        package_url: purl,
        relationship: if asked || component.asked_for { "direct" } else { "indirect" },
        scope: if component.scope == Scope::Dev { "development" } else { "runtime" },
        dependencies: purls.map(|purl| purl.as_str()).collect(),
    }
}

//! Every document we write is one to strangers too: to the official schemas, formats checked, and to readers
//! that share no code with ours.

mod documents;

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::{Registry, Validator};
use packlist::bom::Bom;
use packlist::emitter;
use serde_json::Value;

/// Format, its schema, and the SPDX licence list of that schema's day.
const SCHEMAS: &[(&str, &str, &str)] = &[
    ("cyclonedx-json", "bom-1.6.schema.json", "spdx-3.23.schema.json"),
    ("cyclonedx-json@1.4", "bom-1.4.schema.json", "spdx-3.10.schema.json"),
    ("cyclonedx-json@1.5", "bom-1.5.schema.json", "spdx-3.21.schema.json"),
    ("cyclonedx-json@1.6", "bom-1.6.schema.json", "spdx-3.23.schema.json"),
    ("cyclonedx-json@1.7", "bom-1.7.schema.json", "spdx-3.27.schema.json"),
    ("spdx-json", "spdx-2.3.schema.json", "spdx-3.27.schema.json"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn json(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn validator(format: &str) -> Validator {
    let (_, schema, licenses) =
        SCHEMAS.iter().find(|(name, ..)| *name == format).expect("the format has a schema");
    let schemas = root().join("tests/schemas");
    let registry = Registry::new()
        .add("http://cyclonedx.org/schema/spdx.schema.json", json(&schemas.join(licenses)))
        .and_then(|registry| {
            registry.add(
                "http://cyclonedx.org/schema/jsf-0.82.schema.json",
                json(&schemas.join("jsf-0.82.schema.json")),
            )
        })
        .and_then(|registry| {
            let definitions = json(&schemas.join("cryptography-defs.schema.json"));
            registry.add("http://cyclonedx.org/schema/cryptography-defs.schema.json", definitions)
        })
        .and_then(|registry| registry.prepare())
        .expect("the official schemas fit together");
    jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&json(&schemas.join(schema)))
        .expect("an official schema is one")
}

fn check(validator: &Validator, document: &Value, what: &str) {
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("  {}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}:\n{}", errors.join("\n"));
}

fn document(format: &str, bom: &Bom) -> String {
    (emitter::find(format).expect("the format is in the list").emit)(bom, &documents::stamp())
}

#[test]
fn the_official_schemas_accept_hand_made_bills() {
    for (format, ..) in SCHEMAS {
        let validator = validator(format);
        let mixed = (0..150).map(|seed| (format!("mixture {seed}"), documents::mixed(seed)));
        let named = [("full".to_owned(), documents::full()), ("sparse".to_owned(), documents::sparse())];
        for (name, bom) in named.into_iter().chain(mixed) {
            let document = serde_json::from_str(&document(format, &bom)).expect("what we write is JSON");
            check(&validator, &document, &format!("{format} of {name}"));
        }
    }
}

#[test]
fn the_official_schemas_do_refuse() {
    let validator = validator("cyclonedx-json");
    let mut document: Value =
        serde_json::from_str(&document("cyclonedx-json", &documents::full())).expect("JSON");
    document["components"][0]["externalReferences"] =
        serde_json::json!([{"type": "vcs", "url": "git@host:a b"}]);
    assert!(!validator.is_valid(&document), "formats are not checked");
}

#[test]
fn the_official_schemas_accept_every_golden_document() {
    let (cyclonedx, spdx) = (validator("cyclonedx-json"), validator("spdx-json"));
    let Ok(golden) = fs::read_dir(root().join("golden")) else { return };
    for path in golden.map(|entry| entry.expect("a directory can be listed").path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.ends_with(".cdx.json") {
            check(&cyclonedx, &json(&path), &name);
        } else if name.ends_with(".spdx.json") {
            check(&spdx, &json(&path), &name);
        }
    }
}

#[test]
fn cyclonedx_bom_reads_what_we_write() {
    for bom in [documents::full(), documents::sparse()].into_iter().chain((0..60).map(documents::mixed)) {
        let text = document("cyclonedx-json@1.5", &bom);
        let read = cyclonedx_bom::prelude::Bom::parse_from_json_v1_5(text.as_bytes());
        let read = read.unwrap_or_else(|error| panic!("{error}\n{text}"));
        let visible = bom.components.values().filter(|c| c.hidden.is_none() && c.owner.is_none()).count();
        let listed = read.components.as_ref().map_or(0, |components| components.0.len());
        assert!(listed >= visible, "{listed} of {visible}");
        use cyclonedx_bom::prelude::Validate as _;
        assert!(read.validate().passed(), "{:#?}", read.validate());
    }
}

#[test]
fn spdx_rs_reads_what_we_write() {
    for bom in [documents::full(), documents::sparse()].into_iter().chain((0..60).map(documents::mixed)) {
        let text = document("spdx-json", &bom);
        let read: spdx_rs::models::SPDX =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(read.package_information.len(), bom.components.len() + 1);
    }
}

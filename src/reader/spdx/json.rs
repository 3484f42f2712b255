//! An SPDX 2 document in JSON, read as it streams. Files are stepped over.

use std::io::Read;

use serde::de::IgnoredAny;

use super::shapes::{Annotation, CreationInfo, ExtractedLicense, Package, Relationship};
use super::{Links, add_annotations, add_creation, add_license, add_package, add_relationship, finish};
use crate::bom::Bom;
use crate::reader::ReadError;
use crate::reader::draft::Draft;
use crate::reader::lenient::{Lenient as _, List, Text};
use crate::reader::stream::{Json, read_object};

const FORMAT: &str = "SPDX JSON";

pub(in crate::reader) fn json(input: impl Read) -> Result<Bom, ReadError> {
    read_as_json(input, FORMAT)
}

/// `{"sbom": {…}}`.
pub(in crate::reader) fn wrapped_json(input: impl Read) -> Result<Bom, ReadError> {
    let (mut draft, mut links) = (Draft::new("packages"), Links::default());
    read_object(&mut draft, input, FORMAT, |draft, key, json| match key {
        "sbom" => json.members(|key, json| member(draft, &mut links, key, json)),
        _ => json.value::<IgnoredAny, _>(|_| ()),
    })?;
    done(draft, links, FORMAT)
}

/// Also what was written in another form and says the same as JSON.
pub(super) fn read_as_json(input: impl Read, format: &'static str) -> Result<Bom, ReadError> {
    let (mut draft, mut links) = (Draft::new("packages"), Links::default());
    read_object(&mut draft, input, format, |draft, key, json| member(draft, &mut links, key, json))?;
    done(draft, links, format)
}

fn done(mut draft: Draft, mut links: Links, format: &'static str) -> Result<Bom, ReadError> {
    draft.origin.format = match links.version.take() {
        Some(version) => format.replace("SPDX", &format!("SPDX {version}")),
        None => format.to_owned(),
    };
    finish(draft, links, format)
}

fn member<R: Read>(
    draft: &mut Draft,
    links: &mut Links,
    key: &str,
    json: &mut Json<R>,
) -> Result<(), ReadError> {
    match key {
        "spdxVersion" => {
            let version = text(draft, key, json)?;
            links.version = version.map(|version| version.trim_start_matches("SPDX-").to_owned());
        }
        "name" => links.name = text(draft, key, json)?,
        "documentNamespace" => draft.origin.serial = text(draft, key, json)?,
        "creationInfo" => json.value::<CreationInfo, _>(|creation| add_creation(draft, creation))?,
        "documentDescribes" => json.value::<List<Text>, _>(|described| {
            for id in described.items.iter().filter_map(Text::said) {
                links.described.insert(draft.name(id));
            }
        })?,
        "annotations" => json.value::<List<Annotation>, _>(|annotations| {
            add_annotations(&annotations, &mut draft.properties);
        })?,
        "hasExtractedLicensingInfos" => json.each::<ExtractedLicense>(draft, key, add_license)?,
        "packages" => {
            json.each::<Package>(draft, key, |draft, package| add_package(draft, links, package))?;
            links.are_packages_read = true;
        }
        "relationships" => json.each::<Relationship>(draft, key, |draft, relationship| {
            add_relationship(draft, links, &relationship);
        })?,
        "dataLicense" => draft.origin.data_license = text(draft, key, json)?,
        "SPDXID" | "$schema" => json.value::<IgnoredAny, _>(|_| ())?,
        other => {
            if json.step_over()? {
                draft.step_over(other);
            }
        }
    }
    Ok(())
}

fn text<R: Read>(draft: &mut Draft, key: &str, json: &mut Json<R>) -> Result<Option<String>, ReadError> {
    let mut text = json.text()?;
    if text.is_wrong() {
        draft.gap(format!("`{key}` is not of the shape it should be"));
    }
    Ok(text.take())
}

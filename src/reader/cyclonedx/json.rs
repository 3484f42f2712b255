//! A CycloneDX document in JSON, read as it streams: no more than one component is held twice.

use std::io::Read;

use serde::de::IgnoredAny;

use super::shapes::{Component, Dependency, Metadata, Properties};
use super::{add_component, add_dependency, add_metadata, deviations};
use crate::bom::Bom;
use crate::reader::ReadError;
use crate::reader::draft::Draft;
use crate::reader::lenient::{Lenient as _, Text};
use crate::reader::stream::{Json, read_object};

const FORMAT: &str = "CycloneDX JSON";

pub(in crate::reader) fn json(input: impl Read) -> Result<Bom, ReadError> {
    let mut draft = Draft::with_references("components");
    let mut version = Text::default();
    read_object(&mut draft, input, FORMAT, |draft, key, json| member(draft, &mut version, key, json))?;
    draft.origin.format = match version.as_str() {
        "" => FORMAT.to_owned(),
        version => format!("CycloneDX {version} JSON"),
    };
    if version.is_wrong() {
        draft.gap("`specVersion` is no text");
    } else if let Some(version) = version.said() {
        deviations::of_version(&mut draft, version);
    }
    draft.finish(FORMAT)
}

fn member<R: Read>(
    draft: &mut Draft,
    version: &mut Text<'static>,
    key: &str,
    json: &mut Json<R>,
) -> Result<(), ReadError> {
    match key {
        "specVersion" => {
            *version = json.text()?;
            draft.origin.format = format!("CycloneDX {} JSON", version.as_str());
        }
        "serialNumber" => {
            draft.origin.serial = json.text()?.take();
            if let Some(serial) = draft.origin.serial.clone() {
                deviations::of_serial(draft, &serial);
            }
        }
        "bomFormat" => {
            let format = json.text()?;
            if format.as_str() != "CycloneDX" {
                draft.deviation(format!("`bomFormat` is `{}`", format.as_str()));
            }
        }
        "metadata" => json.value::<Metadata, _>(|metadata| add_metadata(draft, metadata))?,
        "components" => json.each::<Component>(draft, "components", |draft, component| {
            add_component(draft, component, None);
        })?,
        "dependencies" => json.each::<Dependency>(draft, "dependencies", add_dependency)?,
        "properties" => json.value::<Properties, _>(|properties| {
            draft.properties.extend(super::pairs(&properties).map(|(n, v)| (n.to_owned(), v.to_owned())));
        })?,
        "specFormat" | "version" | "$schema" => json.value::<IgnoredAny, _>(|_| ())?,
        "compositions" => draft.origin.tells_completeness = json.step_over()?,
        other => {
            if json.step_over()? {
                draft.step_over(other);
            }
        }
    }
    Ok(())
}

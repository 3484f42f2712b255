//! A CycloneDX document in JSON, read as it streams: no more than one component is held twice.

use std::fmt;
use std::io::Read;

use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::shapes::{Component, Dependency, Property};
use super::{add_component, add_dependency, add_metadata, deviations};
use crate::bom::Bom;
use crate::reader::ReadError;
use crate::reader::draft::Draft;
use crate::reader::lenient::{Key, Lenient as _, List, Substance, Text};
use crate::reader::stream::{Each, read_object};

const FORMAT: &str = "CycloneDX JSON";

pub(in crate::reader) fn json(input: impl Read) -> Result<Bom, ReadError> {
    let mut draft = Draft::with_references("components");
    read_object(input, FORMAT, Document { draft: &mut draft })?;
    draft.finish(FORMAT)
}

struct Document<'a> {
    draft: &'a mut Draft,
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a CycloneDX document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let draft = self.draft;
        let mut version = Text::default();
        while let Some(key) = object.next_key::<Key>()? {
            match key.as_str() {
                "specVersion" => {
                    version = object.next_value()?;
                    draft.origin.format = format!("CycloneDX {} JSON", version.as_str());
                }
                "serialNumber" => {
                    draft.origin.serial = object.next_value::<Text>()?.take();
                    if let Some(serial) = draft.origin.serial.clone() {
                        deviations::of_serial(draft, &serial);
                    }
                }
                "bomFormat" => {
                    let format: Text = object.next_value()?;
                    if format.as_str() != "CycloneDX" {
                        draft.deviation(format!("`bomFormat` is `{}`", format.as_str()));
                    }
                }
                "metadata" => add_metadata(draft, object.next_value()?),
                "components" => object.next_value_seed(Each {
                    draft: &mut *draft,
                    state: &mut (),
                    what: "components",
                    read: |draft: &mut Draft, (), component: Component| add_component(draft, component, None),
                })?,
                "dependencies" => object.next_value_seed(Each {
                    draft: &mut *draft,
                    state: &mut (),
                    what: "dependencies",
                    read: |draft: &mut Draft, (), dependency: Dependency| add_dependency(draft, dependency),
                })?,
                "properties" => {
                    let properties: List<Property> = object.next_value()?;
                    draft
                        .properties
                        .extend(super::pairs(&properties).map(|(n, v)| (n.to_owned(), v.to_owned())));
                }
                "specFormat" | "version" | "$schema" => {
                    object.next_value::<IgnoredAny>()?;
                }
                "compositions" => draft.origin.tells_completeness = object.next_value::<Substance>()?.0,
                other => {
                    if object.next_value::<Substance>()?.0 {
                        draft.step_over(other);
                    }
                }
            }
        }
        draft.origin.format = match version.as_str() {
            "" => FORMAT.to_owned(),
            version => format!("CycloneDX {version} JSON"),
        };
        if version.is_wrong() {
            draft.gap("`specVersion` is no text");
        }
        Ok(())
    }
}

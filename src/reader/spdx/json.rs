//! An SPDX 2 document in JSON, read as it streams. Files are stepped over.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::shapes::{Annotation, CreationInfo, ExtractedLicense, Package, Relationship};
use super::{Links, add_annotations, add_creation, add_license, add_package, add_relationship, finish};
use crate::bom::Bom;
use crate::reader::ReadError;
use crate::reader::draft::Draft;
use crate::reader::lenient::{Key, List, Substance, Text};
use crate::reader::stream::{Each, read_object};

const FORMAT: &str = "SPDX JSON";

pub(in crate::reader) fn json(input: impl Read) -> Result<Bom, ReadError> {
    read(input, false)
}

/// `{"sbom": {…}}`.
pub(in crate::reader) fn wrapped_json(input: impl Read) -> Result<Bom, ReadError> {
    read(input, true)
}

fn read(input: impl Read, wrapped: bool) -> Result<Bom, ReadError> {
    let mut draft = Draft::new("packages");
    let mut links = Links::default();
    read_object(input, FORMAT, Document { draft: &mut draft, links: &mut links, wrapped })?;
    finish(draft, links, FORMAT)
}

struct Document<'a> {
    draft: &'a mut Draft,
    links: &'a mut Links,
    /// The document is the value of the key `sbom`.
    wrapped: bool,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an SPDX document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Document { draft, links, wrapped } = self;
        while let Some(key) = object.next_key::<Key>()? {
            match key.as_str() {
                "sbom" if wrapped => {
                    object.next_value_seed(Document {
                        draft: &mut *draft,
                        links: &mut *links,
                        wrapped: false,
                    })?;
                }
                "spdxVersion" => {
                    let version: Text = object.next_value()?;
                    let version = version.as_str().trim_start_matches("SPDX-");
                    draft.origin.format = format!("SPDX {version} JSON");
                }
                "name" => links.name = object.next_value::<Text>()?.take(),
                "documentNamespace" => draft.origin.serial = object.next_value::<Text>()?.take(),
                "creationInfo" => add_creation(draft, object.next_value::<CreationInfo>()?),
                "documentDescribes" => {
                    let described: List<Text> = object.next_value()?;
                    for id in described.items.into_iter().filter_map(|mut id| id.take()) {
                        links.described.insert(draft.name(&id));
                    }
                }
                "annotations" => {
                    let annotations: List<Annotation> = object.next_value()?;
                    add_annotations(&annotations, &mut draft.properties);
                }
                "hasExtractedLicensingInfos" => object.next_value_seed(Each {
                    draft: &mut *draft,
                    state: &mut (),
                    what: "hasExtractedLicensingInfos",
                    read: |draft: &mut Draft, (), license: ExtractedLicense| add_license(draft, license),
                })?,
                "packages" => {
                    object.next_value_seed(Each {
                        draft: &mut *draft,
                        state: &mut *links,
                        what: "packages",
                        read: |draft: &mut Draft, links: &mut Links, package: Package| {
                            add_package(draft, links, package)
                        },
                    })?;
                    links.are_packages_read = true;
                }
                "relationships" => object.next_value_seed(Each {
                    draft: &mut *draft,
                    state: &mut *links,
                    what: "relationships",
                    read: |draft: &mut Draft, links: &mut Links, relationship: Relationship| {
                        add_relationship(draft, links, relationship);
                    },
                })?,
                "dataLicense" => draft.origin.data_license = object.next_value::<Text>()?.take(),
                "SPDXID" | "$schema" => {
                    object.next_value::<IgnoredAny>()?;
                }
                other => {
                    if object.next_value::<Substance>()?.0 {
                        draft.step_over(other);
                    }
                }
            }
        }
        if draft.origin.format.is_empty() {
            FORMAT.clone_into(&mut draft.origin.format);
        }
        Ok(())
    }
}

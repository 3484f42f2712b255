//! What we read of a CycloneDX document, in the shapes JSON gives it. One set serves all versions.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::reader::lenient::{Key, Lenient, List, Number, OneOrMore, Text, TextIf, shape, step_over};
use crate::reader::properties;

shape!(Metadata {
    "timestamp" => timestamp: Text,
    "tools" => tools: Tools,
    "component" => component: Option<Box<Component>>,
    "authors" => authors: List<Contact>,
    "manufacturer" => manufacturer: Party,
    "manufacture" => manufacture: Party,
    "supplier" => supplier: Party,
    "lifecycles" => lifecycles: List<Lifecycle>,
    "licenses" => licenses: List<LicenseChoice>,
    "properties" => properties: List<Property>,
});

shape!(Lifecycle {
    "phase" => phase: Text,
    "name" => name: Text,
});

shape!(Component {
    "bom-ref" => bom_ref: Text,
    "type" => kind: Text,
    "group" => group: Text,
    "name" => name: Text,
    "version" => version: Text,
    "description" => description: Text,
    "supplier" => supplier: Party,
    "manufacturer" => manufacturer: Party,
    "publisher" => publisher: Text,
    "author" => author: Text,
    "authors" => authors: List<Contact>,
    "scope" => scope: Text,
    "hashes" => hashes: List<Hash>,
    "licenses" => licenses: List<LicenseChoice>,
    "cpe" => cpe: Text,
    "purl" => purl: Text,
    "externalReferences" => references: List<Reference>,
    "properties" => properties: List<Property>,
    "components" => components: List<Component>,
    "evidence" => evidence: Evidence,
    "swid" => swid: Option<Swid>,
    "pedigree" => pedigree: Option<Pedigree>,
});

// These two are only looked at for what is wrong with them.
shape!(Swid {
    "tagId" => id: Text,
    "name" => name: Text,
});

shape!(Pedigree { "patches" => patches: List<Patch>, });

shape!(Patch { "type" => kind: Text, });

shape!(Party {
    "name" => name: Text,
    "contact" => contact: List<Contact>,
});

shape!(Contact {
    "name" => name: Text,
    "email" => email: Text,
});

shape!(Hash {
    "alg" => algorithm: Text,
    "content" => content: Text,
});

shape!(LicenseChoice {
    "license" => license: License,
    "expression" => expression: Text,
    "acknowledgement" => acknowledgement: Text,
});

shape!(License {
    "id" => id: Text,
    "name" => name: Text,
    "url" => url: Text,
    "text" => text: Attachment,
    "acknowledgement" => acknowledgement: Text,
});

shape!(Attachment {
    "content" => content: Text,
    "encoding" => encoding: Text,
});

shape!(Reference {
    "type" => kind: Text,
    "url" => url: Text,
});

/// There are more of these than of anything else, so what says nothing to us is not even kept in passing.
#[derive(Debug, Default)]
pub(super) struct Property {
    pub(super) name: Text,
    pub(super) value: Text,
    pub(super) is_nameless: bool,
    wrong: bool,
}

impl Property {
    pub(super) fn of(name: Option<&str>, value: &str) -> Self {
        let is_nameless = name.is_none();
        Self { name: Text::of(name.unwrap_or_default()), value: Text::of(value), is_nameless, wrong: false }
    }

    fn not_an_object() -> Self {
        Self { wrong: true, ..Self::default() }
    }
}

impl Lenient for Property {
    fn is_wrong(&self) -> bool {
        self.wrong || self.name.is_wrong() || self.value.is_wrong()
    }
}

struct PropertyVisitor;

impl<'de> Visitor<'de> for PropertyVisitor {
    type Value = Property;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a property")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Property, A::Error> {
        let mut property = Property::default();
        let mut is_named = false;
        while let Some(key) = object.next_key::<Key>()? {
            match key.as_str() {
                "name" => {
                    property.name = object.next_value_seed(TextIf(properties::is_read))?;
                    is_named = true;
                }
                "value" if is_named && property.name.value.is_none() => {
                    property.value = object.next_value_seed(TextIf(|_| false))?;
                }
                "value" => property.value = object.next_value()?,
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        property.is_nameless = !is_named;
        Ok(property)
    }

    step_over!(null => Property::default());
    step_over!(scalars => Property::not_an_object());
    step_over!(text => Property::not_an_object());
    step_over!(list => Property::not_an_object());
}

impl<'de> Deserialize<'de> for Property {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(PropertyVisitor)
    }
}

shape!(Evidence {
    "identity" => identity: OneOrMore<Identity>,
    "occurrences" => occurrences: List<Occurrence>,
    "licenses" => licenses: List<LicenseChoice>,
});

shape!(Identity {
    "confidence" => confidence: Number,
    "methods" => methods: List<Method>,
});

shape!(Method {
    "technique" => technique: Text,
    "confidence" => confidence: Number,
    "value" => value: Text,
});

shape!(Occurrence {
    "location" => location: Text,
    "line" => line: Number,
});

shape!(Dependency {
    "ref" => of: Text,
    "dependsOn" => depends_on: List<Text>,
});

shape!(Tool {
    "name" => name: Text,
    "version" => version: Text,
});

/// A list of tools up to 1.4, an object of components and services since; both are in use.
#[derive(Debug, Default)]
pub(super) struct Tools {
    pub(super) list: Vec<Tool>,
    wrong: bool,
}

impl Tools {
    pub(super) fn of(list: Vec<Tool>) -> Self {
        Self { list, wrong: false }
    }
}

impl Lenient for Tools {
    fn is_wrong(&self) -> bool {
        self.wrong
    }
}

impl<'de> serde::Deserialize<'de> for Tools {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let mut either: OneOrMore<ToolOrObject> = serde::Deserialize::deserialize(input)?;
        let mut list = Vec::new();
        for entry in &mut either.items {
            list.append(&mut entry.components.items);
            if entry.name.value.is_some() {
                let (name, version) = (std::mem::take(&mut entry.name), std::mem::take(&mut entry.version));
                list.push(Tool { name, version, ..Tool::default() });
            }
        }
        Ok(Self { list, wrong: either.is_wrong() })
    }
}

shape!(ToolOrObject {
    "name" => name: Text,
    "version" => version: Text,
    "components" => components: List<Tool>,
});

impl<T: Lenient> Lenient for Option<T> {
    fn is_wrong(&self) -> bool {
        self.as_ref().is_some_and(Lenient::is_wrong)
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn is_wrong(&self) -> bool {
        (**self).is_wrong()
    }
}

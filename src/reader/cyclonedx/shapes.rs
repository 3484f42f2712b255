//! What we read of a CycloneDX document, in the shapes JSON gives it. One set serves all versions.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::reader::lenient::{
    Lenient, List, Number, OneOrMore, Shape, Substance, Text, TextIf, shape, step_over,
};
use crate::reader::properties;

shape!(Metadata {
    "timestamp" => timestamp: Text<'a>,
    "tools" => tools: Tools<'a>,
    "component" => component: Option<Box<Component<'a>>>,
    "authors" => authors: List<Contact<'a>>,
    "manufacturer" => manufacturer: Party<'a>,
    "manufacture" => manufacture: Party<'a>,
    "supplier" => supplier: Party<'a>,
    "lifecycles" => lifecycles: List<Lifecycle<'a>>,
    "licenses" => licenses: List<LicenseChoice<'a>>,
    "properties" => properties: Properties<'a>,
});

shape!(Lifecycle {
    "phase" => phase: Text<'a>,
    "name" => name: Text<'a>,
});

shape!(Component {
    "bom-ref" => bom_ref: Text<'a>,
    "type" => kind: Text<'a>,
    "group" => group: Text<'a>,
    "name" => name: Text<'a>,
    "version" => version: Text<'a>,
    "description" => description: Text<'a>,
    "supplier" => supplier: Party<'a>,
    "manufacturer" => manufacturer: Party<'a>,
    "publisher" => publisher: Text<'a>,
    "author" => author: Text<'a>,
    "authors" => authors: List<Contact<'a>>,
    "scope" => scope: Text<'a>,
    "hashes" => hashes: List<Hash<'a>>,
    "licenses" => licenses: List<LicenseChoice<'a>>,
    "copyright" => copyright: Text<'a>,
    "cpe" => cpe: Text<'a>,
    "purl" => purl: Text<'a>,
    "externalReferences" => references: List<Reference<'a>>,
    "properties" => properties: Properties<'a>,
    "components" => components: List<Component<'a>>,
    "evidence" => evidence: Evidence<'a>,
    "isExternal" => is_external: Substance,
    "versionRange" => version_range: Text<'a>,
    "swid" => swid: Option<Swid<'a>>,
    "pedigree" => pedigree: Option<Pedigree<'a>>,
});

// These two are only looked at for what is wrong with them.
shape!(Swid {
    "tagId" => id: Text<'a>,
    "name" => name: Text<'a>,
});

shape!(Pedigree { "patches" => patches: List<Patch<'a>>, });

shape!(Patch { "type" => kind: Text<'a>, });

shape!(Party {
    "name" => name: Text<'a>,
    "contact" => contact: List<Contact<'a>>,
});

shape!(Contact {
    "name" => name: Text<'a>,
    "email" => email: Text<'a>,
});

shape!(Hash {
    "alg" => algorithm: Text<'a>,
    "content" => content: Text<'a>,
});

shape!(LicenseChoice {
    "license" => license: License<'a>,
    "expression" => expression: Text<'a>,
    "acknowledgement" => acknowledgement: Text<'a>,
});

shape!(License {
    "id" => id: Text<'a>,
    "name" => name: Text<'a>,
    "url" => url: Text<'a>,
    "text" => text: Attachment<'a>,
    "acknowledgement" => acknowledgement: Text<'a>,
});

shape!(Attachment {
    "content" => content: Text<'a>,
    "encoding" => encoding: Text<'a>,
});

shape!(Reference {
    "type" => kind: Text<'a>,
    "url" => url: Text<'a>,
});

/// The properties that say something to us.
#[derive(Debug, Default)]
pub(super) struct Properties<'a> {
    pub(super) items: Vec<Property<'a>>,
    wrong: bool,
}

impl<'a> FromIterator<Property<'a>> for Properties<'a> {
    fn from_iter<I: IntoIterator<Item = Property<'a>>>(items: I) -> Self {
        Self { items: items.into_iter().collect(), wrong: false }
    }
}

impl Lenient for Properties<'_> {
    fn is_wrong(&self) -> bool {
        self.wrong
    }
}

impl Shape for Properties<'_> {
    type Of<'a> = Properties<'a>;
}

struct PropertiesVisitor;

impl<'de> Visitor<'de> for PropertiesVisitor {
    type Value = Properties<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of properties")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Properties<'de>, A::Error> {
        let mut properties = Properties::default();
        while let Some(property) = list.next_element::<Property<'de>>()? {
            properties.wrong |= property.is_wrong();
            if property.is_nameless || property.name.value.is_some() {
                properties.items.push(property);
            }
        }
        Ok(properties)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Properties<'de>, A::Error> {
        let property = PropertyVisitor.visit_map(object)?;
        Ok(Properties { items: vec![property], wrong: true })
    }

    step_over!(null => Properties::default());
    step_over!(scalars => Properties { items: Vec::new(), wrong: true });
    step_over!(text => Properties { items: Vec::new(), wrong: true });
}

impl<'de> Deserialize<'de> for Properties<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(PropertiesVisitor)
    }
}

/// There are more of these than of anything else, so what says nothing to us is not even kept in passing.
#[derive(Debug, Default)]
pub(super) struct Property<'a> {
    pub(super) name: Text<'a>,
    pub(super) value: Text<'a>,
    pub(super) is_nameless: bool,
    wrong: bool,
}

impl<'a> Property<'a> {
    pub(super) fn of(name: Option<&'a str>, value: &'a str) -> Self {
        let is_nameless = name.is_none();
        Self { name: Text::of(name.unwrap_or_default()), value: Text::of(value), is_nameless, wrong: false }
    }

    fn not_an_object() -> Self {
        Self { wrong: true, ..Self::default() }
    }
}

impl Lenient for Property<'_> {
    fn is_wrong(&self) -> bool {
        self.wrong || self.name.is_wrong() || self.value.is_wrong()
    }
}

enum PropertyKey {
    Name,
    Value,
    Other,
}

struct PropertyKeyVisitor;

impl Visitor<'_> for PropertyKeyVisitor {
    type Value = PropertyKey;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<PropertyKey, E> {
        Ok(match key {
            "name" => PropertyKey::Name,
            "value" => PropertyKey::Value,
            _ => PropertyKey::Other,
        })
    }
}

impl<'de> Deserialize<'de> for PropertyKey {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_str(PropertyKeyVisitor)
    }
}

struct PropertyVisitor;

impl<'de> Visitor<'de> for PropertyVisitor {
    type Value = Property<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a property")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Property<'de>, A::Error> {
        let mut property = Property::default();
        let mut is_named = false;
        while let Some(key) = object.next_key::<PropertyKey>()? {
            match key {
                PropertyKey::Name => {
                    property.name = object.next_value_seed(TextIf(properties::is_read))?;
                    is_named = true;
                }
                PropertyKey::Value if is_named && property.name.value.is_none() => {
                    property.value = object.next_value_seed(TextIf(|_| false))?;
                }
                PropertyKey::Value => property.value = object.next_value()?,
                PropertyKey::Other => {
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

impl<'de> Deserialize<'de> for Property<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(PropertyVisitor)
    }
}

shape!(Evidence {
    "identity" => identity: OneOrMore<Identity<'a>>,
    "occurrences" => occurrences: List<Occurrence<'a>>,
    "licenses" => licenses: List<LicenseChoice<'a>>,
});

shape!(Identity {
    "confidence" => confidence: Number,
    "methods" => methods: List<Method<'a>>,
});

shape!(Method {
    "technique" => technique: Text<'a>,
    "confidence" => confidence: Number,
    "value" => value: Text<'a>,
});

shape!(Occurrence {
    "location" => location: Text<'a>,
    "line" => line: Number,
});

shape!(Dependency {
    "ref" => of: Text<'a>,
    "dependsOn" => depends_on: List<Text<'a>>,
});

shape!(Tool {
    "name" => name: Text<'a>,
    "version" => version: Text<'a>,
});

/// A list of tools up to 1.4, an object of components and services since; both are in use.
#[derive(Debug, Default)]
pub(super) struct Tools<'a> {
    pub(super) list: Vec<Tool<'a>>,
    wrong: bool,
}

impl<'a> Tools<'a> {
    pub(super) fn of(list: Vec<Tool<'a>>) -> Self {
        Self { list, wrong: false }
    }
}

impl Lenient for Tools<'_> {
    fn is_wrong(&self) -> bool {
        self.wrong
    }
}

impl<'de> serde::Deserialize<'de> for Tools<'de> {
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
    "name" => name: Text<'a>,
    "version" => version: Text<'a>,
    "components" => components: List<Tool<'a>>,
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

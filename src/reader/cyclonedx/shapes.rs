//! What we read of a CycloneDX document, in the shapes JSON gives it. One set serves all versions.

use crate::reader::lenient::{Lenient, List, Number, OneOrMore, Text, shape};

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
});

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

shape!(Property {
    "name" => name: Text,
    "value" => value: Text,
});

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

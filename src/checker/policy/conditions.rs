//! What a rule can ask of a component and of a licence.

use super::pattern::Pattern;
use super::range::Range;
use crate::bom::{Basis, Scope};
use crate::licenses::Category;

/// Makes an enum of words: `ALL`, `name`, `from_name`.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$word_about:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$word_about])* $variant,)* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As policies write it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.name() == name)
            }
        }
    };
}

words! {
    /// Whose package manager answers for a component.
    KindOfPackage {
        /// The distribution's: deb, rpm, apk, and what lies inside such packages.
        Os = "os",
        Application = "application",
    }
}

words! {
    /// Who brought a component into the image.
    Origin {
        BaseImage = "base-image",
        AppLayer = "app-layer",
    }
}

words! {
    /// What a component is needed for.
    ScopeOfUse {
        Runtime = "runtime",
        Optional = "optional",
        Dev = "dev",
    }
}

words! {
    /// What happens to the software.
    Distribution {
        /// Only used over a network.
        Saas = "saas",
        /// Handed to others.
        Distributed = "distributed",
        /// Kept in the house.
        Internal = "internal",
    }
}

impl From<Scope> for ScopeOfUse {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Required => Self::Runtime,
            Scope::Optional => Self::Optional,
            Scope::Dev => Self::Dev,
        }
    }
}

/// The conditions of a rule: all that are there must hold, of each list any one item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    pub types: Vec<KindOfPackage>,
    /// Types of package URLs, lower case.
    pub ecosystems: Vec<String>,
    pub purls: Vec<Pattern>,
    pub versions: Option<Range>,
    pub scopes: Vec<ScopeOfUse>,
    pub origins: Vec<Origin>,
    pub hidden: Option<bool>,
    pub owned_by: Vec<Pattern>,
    pub first_party: Option<bool>,
    pub direct: Option<bool>,
    pub distributions: Vec<Distribution>,
    pub categories: Vec<Category>,
    pub ids: Vec<Pattern>,
    pub exceptions: Vec<Pattern>,
    pub bases: Vec<Basis>,
}

impl When {
    /// Whether a condition asks about the licence. A rule without one decides about the component whole, also
    /// where nothing is said of its licence.
    pub fn asks_of_license(&self) -> bool {
        !(self.categories.is_empty()
            && self.ids.is_empty()
            && self.exceptions.is_empty()
            && self.bases.is_empty())
    }
}

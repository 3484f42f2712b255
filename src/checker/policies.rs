//! The policies we ship; the only place that embeds them.

use super::policy::{Policy, PolicyErrors};

/// A shipped policy.
pub struct Shipped {
    /// What `--policy` and `extends` call it.
    pub name: &'static str,
    /// For whom it is.
    pub about: &'static str,
    pub text: &'static str,
}

/// All of them, in order of name.
pub const ALL: &[Shipped] = &[
    Shipped {
        name: "container-baseline",
        about: "any image: the distribution is noted, application packages must not bind your own code",
        text: include_str!("../../policies/container-baseline.toml"),
    },
    Shipped {
        name: "distributed-product",
        about: "an image or appliance that customers get, with proprietary code inside",
        text: include_str!("../../policies/distributed-product.toml"),
    },
    Shipped {
        name: "permissive-only",
        about: "strict: no copyleft and no restriction of use in any application package",
        text: include_str!("../../policies/permissive-only.toml"),
    },
    Shipped {
        name: "saas",
        about: "a service: nothing is handed to users",
        text: include_str!("../../policies/saas.toml"),
    },
];

/// What is used when nobody names a policy.
pub const DEFAULT: &str = "container-baseline";

/// The text of a shipped policy.
pub fn text(name: &str) -> Option<&'static str> {
    ALL.iter().find(|policy| policy.name == name).map(|policy| policy.text)
}

/// A shipped policy, read. Absent when none has that name.
///
/// # Errors
/// Never for a released version: tests read every shipped policy.
pub fn shipped(name: &str) -> Option<Result<Policy, PolicyErrors>> {
    text(name).map(|text| Policy::parse(name, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_policy_can_be_read() {
        assert!(ALL.is_sorted_by(|one, other| one.name < other.name));
        assert!(text(DEFAULT).is_some());
        for policy in ALL {
            let read = Policy::parse(policy.name, policy.text).map_err(|errors| errors.to_string());
            assert_eq!(read.map(|read| read.name).as_deref(), Ok(policy.name));
        }
    }
}

//! What a licence asks of us for what happens to the software.
//!
//! Notices and source are owed to those who are handed a copy. Whoever only lets others use a program over a network
//! hands on nothing, and owes what the licences of the network kind ask for; what stays in the house owes nothing.
//! What a rule of the policy names is asked for in the same cases.

use super::evaluate::Why;
use super::policy::Distribution;
use crate::licenses::{Expression, Obligation, obligations};

/// In the words of the policy file, and in its order.
pub(super) const NAMES: &[&str] =
    &["notice", "source-offer", "relink", "state-changes", "network-source", "no-use"];

/// The duties that the licences bring which bind after every choice.
pub(super) fn of(why: &Why, distribution: Distribution) -> Vec<String> {
    let expressions: Vec<Expression> =
        why.chosen().into_iter().filter_map(|text| Expression::parse(text).ok()).collect();
    let asked: Vec<&str> = expressions
        .iter()
        .flat_map(Expression::leaves)
        .flat_map(obligations)
        .filter_map(|obligation| match obligation {
            Obligation::Attribution | Obligation::Text | Obligation::NoticeFile => Some("notice"),
            Obligation::Changes => Some("state-changes"),
            Obligation::Source => Some("source-offer"),
            Obligation::Network => Some("network-source"),
            Obligation::Patent => None,
        })
        .collect();
    let is_owed = |name: &&&str| asked.contains(*name) && bites(name, distribution);
    NAMES.iter().filter(is_owed).map(|name| (*name).to_owned()).collect()
}

/// Those and what the policy's rule names, each once.
pub(super) fn together(
    of_licenses: &[String],
    of_rule: &[String],
    distribution: Distribution,
) -> Vec<String> {
    let is_owed = |name: &&&str| {
        of_licenses.iter().any(|other| other == **name)
            || (bites(name, distribution) && of_rule.iter().any(|other| other == **name))
    };
    NAMES.iter().filter(is_owed).map(|name| (*name).to_owned()).collect()
}

fn bites(name: &str, distribution: Distribution) -> bool {
    match distribution {
        Distribution::Distributed => true,
        Distribution::Saas => matches!(name, "network-source" | "no-use"),
        Distribution::Internal => name == "no-use",
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::testing::{bom, component, policy, today};
    use super::super::{Case, check};

    /// The duties of the one finding about this licence.
    fn owed(license: &str, distribution: &str) -> String {
        let policy = policy(&format!(
            "distribution = \"{distribution}\"\n[[rule]]\nid = \"all\"\naction = \"info\"\n\
             obligations = [\"relink\"]\n"
        ));
        let bom = bom([component("pkg:npm/x@1", license)]);
        let case = Case { bom: &bom, baseline: None, calendar: None, policy: &policy, today: today() };
        let findings = check(&case);
        let finding = findings.iter().find(|finding| finding.license.is_some()).expect("a finding");
        finding.obligations.join(" ")
    }

    #[test]
    fn what_happens_to_the_software_decides_what_is_owed() {
        assert_eq!(owed("MIT", "distributed"), "notice relink");
        assert_eq!(owed("GPL-2.0-only", "distributed"), "notice source-offer relink state-changes");
        assert_eq!(owed("GPL-2.0-only", "saas"), "");
        assert_eq!(owed("AGPL-3.0-only", "saas"), "network-source");
        assert_eq!(owed("AGPL-3.0-only", "internal"), "");
        assert_eq!(owed("MIT OR GPL-2.0-only", "distributed"), "notice relink");
        assert_eq!(owed("0BSD", "distributed"), "relink");
        assert_eq!(owed("LicenseRef-x", "distributed"), "relink");
    }
}

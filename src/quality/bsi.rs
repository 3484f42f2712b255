//! The technical guideline TR-03183-2 of the German BSI, version 2.1.0.
//!
//! Absent: whether a component is executable, an archive or structured. A bill has no place for that, so it is not
//! judged either way. The guideline's "additional" fields are asked for only "if they exist", which no list can
//! tell.

use super::{Profile, elements};

pub(super) const PROFILE: Profile = Profile {
    name: "bsi-tr-03183-2",
    about: "BSI TR-03183-2, 2.1.0, without its three properties of files",
    spec: "https://www.bsi.bund.de/dok/TR-03183",
    elements: &[
        elements::CURRENT_FORMAT,
        elements::CREATOR,
        elements::TIMESTAMP,
        elements::COMPLETENESS,
        elements::NO_VULNERABILITIES,
        elements::NAME,
        elements::VERSION,
        elements::REACHABLE_SUPPLIER,
        elements::FILE_NAME,
        elements::OWN_DEPENDENCIES,
        elements::LICENSE_EXPRESSION,
        elements::SHA_512,
    ],
    weights: &[],
};

#[cfg(test)]
mod tests {
    use super::PROFILE;
    use crate::quality::check;

    #[test]
    fn a_sound_list_lacks_nothing() {
        check(&PROFILE, |_| {}, &[]);
    }

    #[test]
    fn each_element_of_the_list_is_missed() {
        check(
            &PROFILE,
            |bom| {
                bom.origin.iter_mut().for_each(|origin| {
                    origin.format = "SPDX 2.3 JSON".to_owned();
                    origin.authors = vec!["Acme".to_owned()];
                    origin.created = None;
                    origin.tells_completeness = false;
                    origin.stepped_over.insert("vulnerabilities".to_owned(), 1);
                });
            },
            &["current-format", "creator", "timestamp", "completeness", "no-vulnerabilities"],
        );
    }

    #[test]
    fn each_element_of_a_component_is_missed() {
        check(
            &PROFILE,
            |bom| {
                bom.components.values_mut().for_each(|component| {
                    component.supplier = Some("Acme".to_owned());
                    component.evidence.clear();
                    component.hashes.clear();
                    component.licenses.iter_mut().for_each(|claim| claim.expression = None);
                });
                bom.dependencies.clear();
                bom.origin.iter_mut().for_each(|origin| origin.tells_completeness = false);
            },
            &[
                "completeness",
                "component-creator",
                "component-filename",
                "dependencies",
                "component-licence-expression",
                "component-sha-512",
            ],
        );
    }
}

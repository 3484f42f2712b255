//! The minimum elements of the NTIA, 2021: the seven data fields.

use super::{Profile, elements};

pub(super) const PROFILE: Profile = Profile {
    name: "ntia",
    about: "NTIA minimum elements, 2021",
    spec: "https://www.ntia.gov/report/2021/minimum-elements-software-bill-materials-sbom",
    elements: &[
        elements::AUTHOR,
        elements::TIMESTAMP,
        elements::NAME,
        elements::VERSION,
        elements::IDENTIFIER_IF_ANY,
        elements::SUPPLIER,
        elements::DEPENDENCIES,
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
    fn each_element_is_missed() {
        check(&PROFILE, |bom| bom.origin = None, &["author", "timestamp"]);
        check(
            &PROFILE,
            |bom| bom.origin.iter_mut().for_each(|origin| origin.created = Some("yesterday".to_owned())),
            &["timestamp"],
        );
        check(
            &PROFILE,
            |bom| {
                bom.components.values_mut().for_each(|component| {
                    component.name = "unnamed".to_owned();
                    component.version = None;
                    component.purl = None;
                    component.supplier = None;
                });
                bom.dependencies.clear();
            },
            &[
                "component-name",
                "component-version",
                "component-identifier",
                "component-supplier",
                "dependency-relationship",
            ],
        );
    }
}

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
    use crate::bom::Bom;
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
        let check = |change: fn(&mut Bom), expected: &str| check(&PROFILE, change, &[expected]);
        check(
            |bom| {
                bom.origin.iter_mut().for_each(|origin| {
                    origin.authors.clear();
                    origin.tools.clear();
                });
            },
            "author",
        );
        check(
            |bom| bom.components.values_mut().for_each(|c| c.name = "unnamed".to_owned()),
            "component-name",
        );
        check(|bom| bom.components.values_mut().for_each(|c| c.version = None), "component-version");
        check(|bom| bom.components.values_mut().for_each(|c| c.purl = None), "component-identifier");
        check(|bom| bom.components.values_mut().for_each(|c| c.supplier = None), "component-supplier");
        check(|bom| bom.dependencies.clear(), "dependency-relationship");
    }
}

//! The minimum elements of CISA as drafted in 2025: those of the NTIA, and what was learned since.
//!
//! The draft of August 2025; no final text was known when this was written.

use super::{Profile, elements};

pub(super) const PROFILE: Profile = Profile {
    name: "cisa-2025-draft",
    about: "CISA minimum elements, draft of August 2025",
    spec: "https://www.cisa.gov/resources-tools/resources/2025-minimum-elements-software-bill-materials-sbom",
    elements: &[
        elements::AUTHOR,
        elements::TIMESTAMP,
        elements::TOOL,
        elements::GENERATION_CONTEXT,
        elements::COMPLETENESS,
        elements::NAME,
        elements::VERSION,
        elements::IDENTIFIER,
        elements::SUPPLIER,
        elements::HASH,
        elements::LICENSE,
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
    fn each_element_beyond_the_ntia_is_missed() {
        check(&PROFILE, |_| {}, &[]);
        let check = |change: fn(&mut Bom), expected: &str| check(&PROFILE, change, &[expected]);
        let tool = |bom: &mut Bom| {
            bom.origin.iter_mut().for_each(|origin| origin.tools = vec!["packlist".to_owned()]);
        };
        check(tool, "tool");
        check(|bom| bom.origin.iter_mut().for_each(|origin| origin.phase = None), "generation-context");
        let completeness =
            |bom: &mut Bom| bom.origin.iter_mut().for_each(|origin| origin.tells_completeness = false);
        check(completeness, "completeness");
        check(|bom| bom.components.values_mut().for_each(|c| c.hashes.clear()), "component-hash");
        check(|bom| bom.components.values_mut().for_each(|c| c.licenses.clear()), "component-licence");
        check(|bom| bom.components.values_mut().for_each(|c| c.purl = None), "component-identifier");
    }
}

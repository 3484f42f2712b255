//! The technical guideline TR-03183-2 of the German BSI, version 2.1.0.
//!
//! A component is a file to the guideline (3.2.1), and what cannot be told because of how it was built in is to be
//! left out. So nothing about a file is asked of an operating system, which is a name for many components, of the
//! folder of a project, nor of what was linked into another component; and no file name of what lies in another's files. The guideline's
//! "additional" fields are asked for only "if they exist", which no list can tell.

use super::{Profile, elements};

pub(super) const PROFILE: Profile = Profile {
    name: "bsi-tr-03183-2",
    about: "BSI TR-03183-2, 2.1.0",
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
        elements::EXECUTABLE,
        elements::ARCHIVE,
        elements::STRUCTURED,
    ],
    weights: &[],
};

#[cfg(test)]
mod tests {
    use super::PROFILE;
    use crate::bom::{Bom, Component, Form, Kind, Origin, Owner, Technique};
    use crate::quality::check;

    #[test]
    fn a_sound_list_lacks_nothing() {
        check(&PROFILE, |_| {}, &[]);
    }

    fn change_origin(bom: &mut Bom, change: fn(&mut Origin)) {
        bom.origin.iter_mut().for_each(change);
    }

    fn change_components(bom: &mut Bom, change: fn(&mut Component)) {
        bom.components.values_mut().for_each(change);
    }

    #[test]
    fn each_element_of_the_list_is_missed() {
        let format = |bom: &mut Bom| change_origin(bom, |origin| origin.format = "SPDX 2.3 JSON".to_owned());
        check(&PROFILE, format, &["current-format"]);
        let authors = |bom: &mut Bom| change_origin(bom, |origin| origin.authors = vec!["Acme".to_owned()]);
        check(&PROFILE, authors, &["creator"]);
        check(&PROFILE, |bom| change_origin(bom, |origin| origin.created = None), &["timestamp"]);
        let completeness = |bom: &mut Bom| change_origin(bom, |origin| origin.tells_completeness = false);
        check(&PROFILE, completeness, &["completeness"]);
        let vulnerable = |bom: &mut Bom| {
            change_origin(bom, |origin| {
                origin.stepped_over.insert("vulnerabilities".to_owned(), 1);
            });
        };
        check(&PROFILE, vulnerable, &["no-vulnerabilities"]);
    }

    #[test]
    fn each_element_of_a_component_is_missed() {
        let check = |change: fn(&mut Bom), expected: &str| check(&PROFILE, change, &[expected]);
        check(|bom| change_components(bom, |c| c.name = "unnamed".to_owned()), "component-name");
        check(|bom| change_components(bom, |c| c.version = None), "component-version");
        check(|bom| change_components(bom, |c| c.supplier = Some("Acme".to_owned())), "component-creator");
        check(|bom| change_components(bom, |c| c.form.file_name = None), "component-filename");
        check(
            |bom| change_components(bom, |c| c.licenses.iter_mut().for_each(|l| l.expression = None)),
            "component-licence-expression",
        );
        check(|bom| change_components(bom, |c| c.hashes.clear()), "component-sha-512");
        check(|bom| change_components(bom, |c| c.form.executable = None), "component-executable");
        check(|bom| change_components(bom, |c| c.form.archive = None), "component-archive");
        check(|bom| change_components(bom, |c| c.form.structured = None), "component-structured");
    }

    #[test]
    fn dependencies_are_told_or_said_to_be_unknown() {
        let untold = |bom: &mut Bom| {
            bom.dependencies.clear();
            change_origin(bom, |origin| origin.tells_completeness = false);
        };
        check(&PROFILE, untold, &["completeness", "dependencies"]);
    }

    #[test]
    fn nothing_of_a_file_is_asked_of_what_is_none() {
        let none = |c: &mut Component| {
            c.form = Form::default().into();
            c.hashes.clear();
        };
        let system = |bom: &mut Bom| {
            for c in bom.components.values_mut() {
                c.kind = Kind::OperatingSystem;
                c.licenses.clear();
                c.form = Form::default().into();
                c.hashes.clear();
            }
        };
        check(&PROFILE, system, &[]);
        let mut linked = crate::quality::elements::sound();
        for component in linked.components.values_mut() {
            none(component);
            component.evidence.iter_mut().for_each(|place| place.technique = Technique::BinaryAnalysis);
        }
        assert!(crate::quality::score(&linked, &PROFILE).is_met());
        // Digests of contents will do, and what lies in another's files has no name of its own.
        let inner = |bom: &mut Bom| {
            let owner = bom.components.keys().next().cloned();
            for c in bom.components.values_mut() {
                c.contents = std::mem::take(&mut c.hashes);
                c.form.file_name = None;
                c.owner = owner.clone().map(|component| Owner { component, path: String::new() }.into());
            }
        };
        check(&PROFILE, inner, &[]);
    }
}

//! Skew: what is not the same on all platforms of one image.

use std::collections::{BTreeMap, BTreeSet};

use super::identity;
use crate::bom::Bom;

/// A package that some platforms have in another version, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skewed {
    /// As the first platform that has it writes it: the purl without version and qualifiers, or the bare name.
    pub package: String,
    /// The versions on each platform, in their order. None where it is missing.
    pub versions: Vec<Vec<String>>,
}

impl Skewed {
    pub fn is_missing_somewhere(&self) -> bool {
        self.versions.iter().any(Vec::is_empty)
    }
}

/// What differs between the platforms, and how many packages are the same on all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skew {
    pub packages: Vec<Skewed>,
    pub same: usize,
}

/// Compares the bills of one image, one a platform. Hidden packages and files count for none.
pub fn skew(bills: &[Bom]) -> Skew {
    let mut found: BTreeMap<String, (String, Vec<BTreeSet<String>>)> = BTreeMap::new();
    for (platform, bill) in bills.iter().enumerate() {
        for item in identity::items(bill, &BTreeSet::new()) {
            let component = item.component;
            let written = || match &component.purl {
                Some(purl) => purl.without_version().to_owned(),
                None => component.name.clone(),
            };
            let (_, versions) =
                found.entry(item.identity).or_insert_with(|| (written(), vec![BTreeSet::new(); bills.len()]));
            versions[platform].insert(component.version.clone().unwrap_or_else(|| "no version".to_owned()));
        }
    }
    let mut skew = Skew::default();
    for (package, versions) in found.into_values() {
        if versions.windows(2).all(|pair| pair[0] == pair[1]) {
            skew.same += 1;
            continue;
        }
        let versions = versions.into_iter().map(|versions| versions.into_iter().collect()).collect();
        skew.packages.push(Skewed { package, versions });
    }
    skew.packages.sort_by(|one, other| one.package.cmp(&other.package));
    skew
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bom::{Component, Purl};

    fn bill(packages: &[(&str, &str, &str)]) -> Bom {
        let mut bom = Bom::default();
        for (name, version, arch) in packages {
            let purl =
                Purl::new("deb", Some("debian"), name, Some(version), &[("arch", arch)]).expect("a purl");
            let mut component = Component::new(*name);
            component.version = Some((*version).to_owned());
            component.purl = Some(purl);
            bom.components.insert(component.reference(), component);
        }
        bom
    }

    #[test]
    fn another_architecture_is_no_difference_and_another_version_is() {
        let amd64 = bill(&[("bash", "5.2", "amd64"), ("curl", "8.1", "amd64"), ("intel", "1", "amd64")]);
        let arm64 = bill(&[("bash", "5.2", "arm64"), ("curl", "8.0", "arm64")]);
        let skew = skew(&[amd64, arm64]);
        let lines: Vec<String> =
            skew.packages.iter().map(|skewed| format!("{} {:?}", skewed.package, skewed.versions)).collect();
        let expected = [r#"pkg:deb/debian/curl [["8.1"], ["8.0"]]"#, r#"pkg:deb/debian/intel [["1"], []]"#];
        assert_eq!((lines, skew.same), (expected.map(str::to_owned).to_vec(), 1));
    }

    #[test]
    fn one_platform_differs_from_none() {
        assert_eq!(skew(&[bill(&[("bash", "5.2", "amd64")])]), Skew { packages: Vec::new(), same: 1 });
        assert_eq!(skew(&[]), Skew::default());
    }
}

//! Which distribution a root file system is: `os-release`, looked up in the same root as the database that
//! asks, so that an Alpine tree inside a Debian image stays Alpine.
//!
//! Spec: <https://www.freedesktop.org/software/systemd/man/latest/os-release.html>

use std::collections::BTreeMap;

use crate::layers::Tree;

/// The two places of `os-release`; the first is most often a link to the second.
const PLACES: &[&str] = &["etc/os-release", "usr/lib/os-release"];

/// Distributions by the package manager that is their own.
const FAMILIES: &[(Family, &[&str])] = &[
    (Family::Alpm, &["arch", "archarm", "manjaro"]),
    (Family::Apk, &["alpine", "chainguard", "wolfi"]),
    (Family::Deb, &["debian", "ubuntu"]),
    (
        Family::Rpm,
        &[
            "amzn",
            "azurelinux",
            "centos",
            "fedora",
            "mageia",
            "mariner",
            "ol",
            "opensuse",
            "photon",
            "rhel",
            "sled",
            "sles",
            "suse",
        ],
    ),
    (Family::Other, &["gentoo", "nixos", "slackware", "solus", "void"]),
];

/// The package manager a distribution is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Alpm,
    Apk,
    Deb,
    Rpm,
    Other,
}

/// What `os-release` says, by key.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Distro {
    values: BTreeMap<String, String>,
}

impl Distro {
    /// The distribution of the root at `root` (empty, or ending in a slash).
    pub(super) fn of(tree: &Tree, root: &str) -> Option<Self> {
        let bytes = PLACES.iter().find_map(|place| tree.read(&format!("{root}{place}")))?;
        Some(Self::parse(&String::from_utf8_lossy(bytes)))
    }

    /// Reads shell-like assignments; what is none is passed over, as the specification asks of readers.
    pub(super) fn parse(text: &str) -> Self {
        let assignments = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        let pairs = assignments.filter_map(|line| line.split_once('='));
        Self { values: pairs.map(|(key, value)| (key.trim().to_owned(), unquoted(value.trim()))).collect() }
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// `debian`, `alpine`, in lower case.
    pub(super) fn id(&self) -> Option<String> {
        self.get("ID").map(str::to_ascii_lowercase)
    }

    /// Whether packages of this manager may be the distribution's own. Where they are not (dpkg on Fedora, to
    /// build with), the distribution does not lend them its name.
    pub(super) fn may_be(&self, family: Family) -> bool {
        let own = self.id();
        let like = self.get("ID_LIKE").unwrap_or_default().split_whitespace();
        let known = own.as_deref().into_iter().chain(like).find_map(|id| {
            let family = FAMILIES.iter().find(|(_, ids)| ids.contains(&id));
            family.map(|(family, _)| *family)
        });
        known.is_none_or(|known| known == family)
    }

    /// The distro qualifier of a purl: `debian-12`, or `arch` for a distribution without versions.
    pub(super) fn qualifier(&self) -> Option<String> {
        let id = self.id()?;
        let version = self.get("VERSION_ID").or(self.get("BUILD_ID"));
        Some(version.map_or_else(|| id.clone(), |version| format!("{id}-{version}")))
    }
}

/// A shell word without its quotes and backslashes.
fn unquoted(value: &str) -> String {
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    let inner = match quote {
        Some(quote) => {
            let inner = &value[1..];
            inner.strip_suffix(quote).unwrap_or(inner)
        }
        None => value,
    };
    if quote == Some('\'') {
        return inner.to_owned();
    }
    let mut text = String::with_capacity(inner.len());
    let mut escaped = false;
    for character in inner.chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            text.push(character);
            escaped = false;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_are_the_shells() {
        let distro =
            Distro::parse("# x\nID=\"Debian\"\nVERSION_ID='12'\nNAME=\"A \\\"B\\\"\"\nBROKEN\nX=\"open\n");
        assert_eq!(distro.qualifier().as_deref(), Some("debian-12"));
        assert_eq!(distro.get("NAME"), Some("A \"B\""));
        assert_eq!(distro.get("X"), Some("open"));
    }

    #[test]
    fn a_distribution_is_of_its_own_family_or_of_that_it_is_like() {
        let mint = Distro::parse("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n");
        assert!(mint.may_be(Family::Deb) && !mint.may_be(Family::Rpm));
        let rocky = Distro::parse("ID=rocky\nID_LIKE=\"rhel centos fedora\"\n");
        assert!(rocky.may_be(Family::Rpm) && !rocky.may_be(Family::Deb));
        assert!(Distro::parse("ID=something\n").may_be(Family::Apk));
    }

    #[test]
    fn a_rolling_distribution_has_no_version() {
        assert_eq!(Distro::parse("ID=arch\n").qualifier().as_deref(), Some("arch"));
        assert_eq!(Distro::parse("VERSION_ID=1\n").qualifier(), None);
    }
}

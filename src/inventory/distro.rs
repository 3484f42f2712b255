//! Which distribution a root file system is: `os-release`, looked up in the same root as the database that
//! asks, so that an Alpine tree inside a Debian image stays Alpine. Roots older than `os-release`, and those
//! that were stripped of it, have files of their distribution's own; they are asked in order of how much they
//! say.
//!
//! Spec: <https://www.freedesktop.org/software/systemd/man/latest/os-release.html>

use std::collections::BTreeMap;

use crate::layers::Tree;

/// The two places of `os-release`; the first is most often a link to the second, and right where both differ.
pub(super) const PLACES: &[&str] = &["etc/os-release", "usr/lib/os-release"];

/// Older files, the most telling first: Red Hat's descendants all have `redhat-release` too, and Ubuntu has
/// the `debian_version` of the Debian it was made from.
pub(super) const OLDER_PLACES: &[(&str, Reader)] = &[
    ("etc/alpine-release", alpine),
    ("etc/lsb-release", lsb),
    ("etc/centos-release", sentence),
    ("etc/fedora-release", sentence),
    ("etc/oracle-release", sentence),
    ("etc/system-release", sentence),
    ("etc/redhat-release", sentence),
    ("etc/SuSE-release", suse),
    ("etc/debian_version", debian),
];

/// Id and version of what an older file says.
type Reader = fn(&str) -> Option<(String, String)>;

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
    Opkg,
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
        let text = |place: &str| tree.read(&format!("{root}{place}")).map(String::from_utf8_lossy);
        match PLACES.iter().find_map(|place| text(place)) {
            Some(release) => Some(Self::parse(&release)),
            None => OLDER_PLACES.iter().find_map(|(place, read)| Self::of_older(*read, &text(place)?)),
        }
    }

    /// What an older file says, in the words of `os-release`.
    pub(super) fn of_older(read: Reader, text: &str) -> Option<Self> {
        let (id, version) = read(text)?;
        let pairs = [("ID".to_owned(), id), ("VERSION_ID".to_owned(), version)];
        Some(Self { values: pairs.into() })
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

/// `3.20.1`
fn alpine(text: &str) -> Option<(String, String)> {
    let version = text.trim();
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| ("alpine".to_owned(), version.to_owned()))
}

/// Assignments like those of `os-release`, under other names.
fn lsb(text: &str) -> Option<(String, String)> {
    let release = Distro::parse(text);
    let id = release.get("DISTRIB_ID")?.to_ascii_lowercase();
    Some((id, release.get("DISTRIB_RELEASE").unwrap_or_default().to_owned()))
}

/// `CentOS release 6.10 (Final)`
fn sentence(text: &str) -> Option<(String, String)> {
    const MAKERS: &[(&str, &str)] = &[
        ("AlmaLinux", "almalinux"),
        ("Amazon Linux", "amzn"),
        ("CentOS", "centos"),
        ("Fedora", "fedora"),
        ("Oracle Linux", "ol"),
        ("Red Hat Enterprise Linux", "rhel"),
        ("Rocky Linux", "rocky"),
        ("Scientific Linux", "scientific"),
    ];
    let (maker, rest) = text.lines().next()?.split_once(" release ")?;
    let (_, id) = MAKERS.iter().find(|(name, _)| maker.starts_with(name))?;
    Some(((*id).to_owned(), rest.split_whitespace().next()?.to_owned()))
}

/// A sentence, then `VERSION = 11` and `PATCHLEVEL = 4`.
fn suse(text: &str) -> Option<(String, String)> {
    let name = text.lines().next()?;
    let id = if name.starts_with("openSUSE") { "opensuse" } else { "sles" };
    let release = Distro::parse(text);
    let version = release.get("VERSION")?;
    let level = release.get("PATCHLEVEL").filter(|level| *level != "0");
    Some((id.to_owned(), level.map_or_else(|| version.to_owned(), |level| format!("{version}.{level}"))))
}

/// `12.5` is Debian 12; `trixie/sid` has no number yet.
fn debian(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    let major = text.split('.').next().filter(|major| major.bytes().all(|byte| byte.is_ascii_digit()));
    let is_one = !text.is_empty() && text.lines().count() == 1;
    is_one.then(|| ("debian".to_owned(), major.unwrap_or_default().to_owned()))
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
    fn older_files_say_it_in_their_own_words() {
        let read = |place: &str, text: &str| {
            let (_, read) = OLDER_PLACES.iter().find(|(known, _)| *known == place).expect("a place");
            Distro::of_older(*read, text).and_then(|distro| distro.qualifier())
        };
        assert_eq!(read("etc/alpine-release", "3.4.0\n").as_deref(), Some("alpine-3.4.0"));
        let ubuntu = "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\nDISTRIB_DESCRIPTION=\"Ubuntu 12.04.5 LTS\"\n";
        assert_eq!(read("etc/lsb-release", ubuntu).as_deref(), Some("ubuntu-12.04"));
        assert_eq!(
            read("etc/redhat-release", "CentOS release 6.10 (Final)\n").as_deref(),
            Some("centos-6.10")
        );
        let rhel = "Red Hat Enterprise Linux Server release 6.9 (Santiago)";
        assert_eq!(read("etc/redhat-release", rhel).as_deref(), Some("rhel-6.9"));
        assert_eq!(
            read("etc/system-release", "Amazon Linux AMI release 2018.03").as_deref(),
            Some("amzn-2018.03")
        );
        let suse = "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n";
        assert_eq!(read("etc/SuSE-release", suse).as_deref(), Some("sles-11.4"));
        assert_eq!(read("etc/debian_version", "8.11\n").as_deref(), Some("debian-8"));
        assert_eq!(read("etc/debian_version", "trixie/sid\n").as_deref(), Some("debian"));
    }

    #[test]
    fn older_files_of_rubbish_say_nothing() {
        for (_, read) in OLDER_PLACES {
            assert_eq!(Distro::of_older(*read, ""), None);
            assert_eq!(Distro::of_older(*read, "\u{0}\u{1}\n\n = \n release \n"), None);
        }
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

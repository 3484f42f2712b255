//! Package URLs, kept canonical.
//!
//! Spec: <https://github.com/package-url/purl-spec>

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use packageurl::PackageUrl;
use serde::{Deserialize, Serialize};

/// A package URL in its canonical form: lower case, normalised and percent-encoded as its type asks.
///
/// A large list holds very many, so its parts are places in the one text wherever they stand there as they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Purl {
    canonical: Arc<str>,
    places: Places,
    /// The parts decoded, where one of them is encoded in the text.
    decoded: Option<Box<Parts>>,
}

/// Where the parts end in the canonical text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct Places {
    ty: u32,
    namespace: u32,
    name: u32,
    version: u32,
    qualifiers: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct Parts {
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    qualifiers: BTreeMap<String, String>,
    subpath: Option<String>,
}

/// Types of the package managers of whole systems: Debian's and its kin, Gentoo's, Chromium OS's, Nix and the
/// rest. Flatpak, Homebrew and Conda install beside a system and are not among them.
const OF_SYSTEMS: &[&str] =
    &["alpm", "apk", "cos", "deb", "ebuild", "nix", "opkg", "qpkg", "rpm", "snap", "yocto"];

/// Why a text is not a purl.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a package URL: {reason}")]
pub struct PurlError {
    pub text: String,
    pub reason: String,
}

impl Purl {
    /// A purl from its parts, unencoded. Empty parts count as absent.
    ///
    /// # Errors
    /// When the type's rules refuse the parts, as an empty name.
    pub fn new(
        ty: &str,
        namespace: Option<&str>,
        name: &str,
        version: Option<&str>,
        qualifiers: &[(&str, &str)],
    ) -> Result<Self, PurlError> {
        let build = || -> Result<PackageUrl<'static>, packageurl::Error> {
            let mut purl = PackageUrl::new(ty.to_owned(), name.to_owned())?;
            if let Some(namespace) = namespace.filter(|text| !text.is_empty()) {
                purl.with_namespace(namespace.to_owned())?;
            }
            if let Some(version) = version.filter(|text| !text.is_empty()) {
                purl.with_version(version.to_owned())?;
            }
            for (key, value) in qualifiers.iter().filter(|(_, value)| !value.is_empty()) {
                purl.add_qualifier((*key).to_owned(), (*value).to_owned())?;
            }
            Ok(purl)
        };
        build()
            .and_then(Self::from_crate)
            .map_err(|error| PurlError { text: format!("pkg:{ty}/{name}"), reason: error.to_string() })
    }

    fn from_crate(purl: PackageUrl<'static>) -> Result<Self, packageurl::Error> {
        let purl = settled(purl)?;
        let canonical = with_plain_version(&purl.to_string()).into_owned();
        let places = Places::of(&canonical);
        let mut made = Self { canonical: canonical.into(), places, decoded: None };
        let as_it_stands = made.namespace() == purl.namespace()
            && made.name() == purl.name()
            && made.version() == purl.version()
            && made.subpath() == purl.subpath()
            && purl.qualifiers().iter().all(|(key, value)| made.qualifier(key) == Some(value));
        if !as_it_stands {
            let qualifiers = purl.qualifiers().iter();
            made.decoded = Some(Box::new(Parts {
                namespace: purl.namespace().map(str::to_owned),
                name: purl.name().to_owned(),
                version: purl.version().map(str::to_owned),
                qualifiers: qualifiers.map(|(key, value)| (key.to_string(), value.to_string())).collect(),
                subpath: purl.subpath().map(str::to_owned),
            }));
        }
        Ok(made)
    }

    /// A purl that is canonical as it stands, by a glance: of a common type, and nothing in it that any rule
    /// would change. Most are, and a list holds very many.
    fn plain(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let end = memchr::memchr(b'?', bytes).unwrap_or(bytes.len());
        let at = memchr::memchr(b'@', &bytes[..end])?;
        let slash = SCHEME.len() + memchr::memchr(b'/', bytes[..at].strip_prefix(SCHEME.as_bytes())?)?;
        let last = memchr::memrchr(b'/', &bytes[..at])?;
        let ty = &text[SCHEME.len()..slash];
        let (_, namespace, allowed) = PLAIN.iter().find(|(name, _, _)| *name == ty)?;
        let scope = if ty == "npm" { text[slash + 1..last.max(slash + 1)].strip_prefix("%40") } else { None };
        let namespace_at = slash + 1 + if scope.is_some() { 3 } else { 0 };
        let is_part =
            |part: &[u8]| !matches!(part, [] | [b'.', ..]) && part.iter().all(|byte| allowed(*byte));
        let mut parts = bytes[namespace_at..at].split(|byte| *byte == b'/');
        let is_plain = match namespace {
            Some(is_there) => *is_there == (last > slash),
            None => true,
        };
        let is_plain =
            is_plain && parts.all(is_part) && is_word(&bytes[at + 1..end]) && sorted_pairs(bytes, end);
        let place = |at: usize| u32::try_from(at).ok();
        let places = Places {
            ty: place(slash)?,
            namespace: place(last)?,
            name: place(at)?,
            version: place(end)?,
            qualifiers: place(bytes.len())?,
        };
        let decoded = scope.map(|scope| {
            Box::new(Parts {
                namespace: Some(format!("@{scope}")),
                name: text[last + 1..at].to_owned(),
                version: Some(text[at + 1..end].to_owned()),
                qualifiers: pairs(&text[end..])
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .collect(),
                subpath: None,
            })
        });
        is_plain.then(|| Self { canonical: text.into(), places, decoded })
    }

    /// The ecosystem: `deb`, `npm`, `pypi`.
    pub fn ty(&self) -> &str {
        self.part(SCHEME.len() as u32..self.places.ty)
    }

    /// What stands before the name, decoded: `debian`, `@scope`.
    pub fn namespace(&self) -> Option<&str> {
        match &self.decoded {
            Some(parts) => parts.namespace.as_deref(),
            None => {
                Some(self.part(self.places.ty + 1..self.places.namespace)).filter(|text| !text.is_empty())
            }
        }
    }

    pub fn name(&self) -> &str {
        match &self.decoded {
            Some(parts) => &parts.name,
            None => self.part(self.places.namespace.max(self.places.ty) + 1..self.places.name),
        }
    }

    pub fn version(&self) -> Option<&str> {
        match &self.decoded {
            Some(parts) => parts.version.as_deref(),
            None => {
                Some(self.part(self.places.name + 1..self.places.version)).filter(|text| !text.is_empty())
            }
        }
    }

    pub fn qualifier(&self, key: &str) -> Option<&str> {
        if let Some(parts) = &self.decoded {
            return parts.qualifiers.get(key).map(String::as_str);
        }
        let pairs = self.part(self.places.version + 1..self.places.qualifiers).split('&');
        pairs.filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    pub fn subpath(&self) -> Option<&str> {
        match &self.decoded {
            Some(parts) => parts.subpath.as_deref(),
            None => self.canonical.get(self.places.qualifiers as usize + 1..),
        }
    }

    /// Empty where the part is absent.
    fn part(&self, place: Range<u32>) -> &str {
        self.canonical.get(place.start as usize..place.end as usize).unwrap_or_default()
    }

    /// The canonical text without version, qualifiers and subpath: what stays when a package is upgraded.
    pub fn without_version(&self) -> &str {
        &self.canonical[..self.places.name as usize]
    }

    /// The canonical text, which others may hold too.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.canonical)
    }

    /// Whether packages of this type are what systems are made of, and not what applications are built with.
    pub fn is_os(&self) -> bool {
        OF_SYSTEMS.binary_search(&self.ty()).is_ok()
    }

    pub fn as_str(&self) -> &str {
        &self.canonical
    }
}

const SCHEME: &str = "pkg:";

/// Types, whether they have a namespace (or may), and the bytes that no rule of theirs changes in it or a name.
type Plain = (&'static str, Option<bool>, fn(u8) -> bool);
const PLAIN: &[Plain] = &[
    ("apk", Some(true), is_lower),
    ("cargo", Some(false), is_plain),
    ("deb", Some(true), is_lower),
    ("gem", Some(false), is_plain),
    ("golang", None, is_lower),
    ("maven", Some(true), is_plain),
    ("npm", None, is_lower),
    ("nuget", Some(false), is_plain),
    ("pypi", Some(false), |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')),
    ("rpm", Some(true), is_lower),
];

/// A byte that is never encoded, and means nothing.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

fn is_lower(byte: u8) -> bool {
    is_plain(byte) && !byte.is_ascii_uppercase()
}

fn is_word(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| is_plain(*byte))
}

/// Whether the qualifiers that begin at `from` are as they should be: in order of their keys, each once.
fn sorted_pairs(purl: &[u8], from: usize) -> bool {
    let mut before: &[u8] = b"";
    let Some(pairs) = purl.get(from + 1..) else { return true };
    pairs.split(|byte| *byte == b'&').all(|pair| {
        let Some(equals) = memchr::memchr(b'=', pair) else { return false };
        let key = &pair[..equals];
        let is_next = before < key && key.iter().all(u8::is_ascii_lowercase) && is_word(&pair[equals + 1..]);
        before = key;
        is_next
    })
}

fn pairs(qualifiers: &str) -> impl Iterator<Item = (&str, &str)> {
    qualifiers.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='))
}

/// With the slashes of the version encoded, as in `pkg:composer/a/b@dev-feature%2Fx`: they part nothing there. The crate
/// writes them as they are, and looks for a version only behind the last slash.
fn with_plain_version(text: &str) -> Cow<'_, str> {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let Some(at) = text[..end].rfind('@') else { return Cow::Borrowed(text) };
    // `pkg:npm/@scope/x` has no version.
    if text[..at].ends_with('/') || !text[at..end].contains('/') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}{}{}", &text[..at], text[at..end].replace('/', "%2F"), &text[end..]))
}

impl Places {
    /// In a canonical text what parts two parts stands nowhere else.
    fn of(canonical: &str) -> Self {
        let end = canonical.len();
        let qualifiers = canonical.find('#').unwrap_or(end);
        let version = canonical[..qualifiers].find('?').unwrap_or(qualifiers);
        let name = canonical[..version].find('@').unwrap_or(version);
        let ty = canonical[..name].find('/').unwrap_or(name);
        let namespace = canonical[..name].rfind('/').unwrap_or(ty);
        // Nobody makes four gigabytes of one; if somebody does, its parts are read as absent.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX - 1);
        Self {
            ty: place(ty),
            namespace: place(namespace),
            name: place(name),
            version: place(version),
            qualifiers: place(qualifiers),
        }
    }
}

fn climbs(part: &str) -> bool {
    matches!(part, "" | "." | "..")
}

/// Without a subpath that leads nowhere, as in `pkg:npm/x#` and `pkg:npm/x#./`, which the crate refuses.
fn without_empty_subpath(text: &str) -> &str {
    match text.rsplit_once('#') {
        Some((before, subpath)) if subpath.split('/').all(climbs) => before,
        _ => text,
    }
}

/// With what the crate leaves open settled, so that a package has one name.
///
/// # Errors
/// When nothing is left of a namespace that the type asks for, as in `pkg:composer/./x`.
fn settled(mut purl: PackageUrl<'static>) -> Result<PackageUrl<'static>, packageurl::Error> {
    // What climbs means nothing, but the crate keeps its slash, and what was encoded: `pkg:npm/%2E%2E/x`.
    if purl.namespace().is_some_and(|namespace| namespace.split('/').any(climbs)) {
        let parts = purl.namespace().into_iter().flat_map(|namespace| namespace.split('/'));
        let left = parts.filter(|part| !climbs(part)).collect::<Vec<_>>().join("/");
        match left.as_str() {
            "" => purl.without_namespace(),
            _ => purl.with_namespace(left)?,
        };
    }
    // `pkg:npm/x@` says no more than `pkg:npm/x`.
    if purl.version() == Some("") {
        purl.without_version();
    }
    // Go's names are lower case too: the spec's text says so of both parts, the tables behind the crate only of the
    // namespace. One module must not be two for the spelling of an import.
    if purl.ty() == "golang" && purl.name().contains(char::is_uppercase) {
        purl = with_lower_case_name(&purl)?;
    }
    purl.validate()?;
    Ok(purl)
}

fn with_lower_case_name(purl: &PackageUrl<'static>) -> Result<PackageUrl<'static>, packageurl::Error> {
    let mut lower = PackageUrl::new(purl.ty().to_owned(), purl.name().to_lowercase())?;
    if let Some(namespace) = purl.namespace() {
        lower.with_namespace(namespace.to_owned())?;
    }
    if let Some(version) = purl.version() {
        lower.with_version(version.to_owned())?;
    }
    for (key, value) in purl.qualifiers() {
        lower.add_qualifier(key.to_string(), value.to_string())?;
    }
    if let Some(subpath) = purl.subpath() {
        lower.with_subpath(subpath.to_owned())?;
    }
    Ok(lower)
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        if let Some(plain) = Self::plain(text) {
            return Ok(plain);
        }
        PackageUrl::from_str(&with_plain_version(without_empty_subpath(text)))
            .and_then(Self::from_crate)
            .map_err(|error| PurlError { text: text.to_owned(), reason: error.to_string() })
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        text.parse::<Purl>().map_or_else(|error| error.to_string(), |purl| purl.to_string())
    }

    #[test]
    fn a_type_brings_its_own_rules() {
        assert_eq!(canonical("pkg:PyPI/Django_Allauth@1.0"), "pkg:pypi/django-allauth@1.0");
        assert_eq!(
            canonical("pkg:deb/Debian/libstdc++6@12.2.0-14"),
            "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14"
        );
        assert_eq!(
            canonical("pkg:golang/github.com/BurntSushi/Toml@v1.0.0-RC1?type=module#Cmd/x"),
            "pkg:golang/github.com/burntsushi/toml@v1.0.0-RC1?type=module#Cmd/x"
        );
    }

    #[test]
    fn an_epoch_stays_in_the_version() {
        let purl =
            Purl::new("deb", Some("debian"), "nginx", Some("1:2.0-1"), &[("arch", "amd64"), ("distro", "")]);
        assert_eq!(purl.expect("valid parts").as_str(), "pkg:deb/debian/nginx@1:2.0-1?arch=amd64");
    }

    #[test]
    fn a_branch_with_a_slash_is_a_version() {
        let purl = Purl::new(
            "composer",
            Some("a"),
            "b",
            Some("dev-feature/x"),
            &[("vcs_url", "git+https://x.org/y")],
        );
        let purl = purl.expect("valid parts");
        assert_eq!(purl.as_str(), "pkg:composer/a/b@dev-feature%2Fx?vcs_url=git%2Bhttps:%2F%2Fx.org%2Fy");
        for text in [purl.as_str(), "pkg:composer/a/b@dev-feature/x?vcs_url=git+https://x.org/y"] {
            let again: Purl = text.parse().expect("valid");
            assert_eq!((&again, again.name(), again.version()), (&purl, "b", Some("dev-feature/x")));
        }
        assert_eq!(canonical("pkg:npm/@scope/x"), "pkg:npm/%40scope/x");
        assert_eq!(canonical("pkg:golang/a/g@v1%2f.0#/x"), "pkg:golang/a/g@v1%2F.0#x");
        assert_eq!(canonical("pkg:x/./g@/#b"), "pkg:x/g@%2F#b");
    }

    /// Texts of whatever means something in a purl, each from a number: the same in every run.
    #[test]
    fn what_is_read_reads_as_itself() {
        const PIECES: &[&str] = &[
            "/", "/", "@", "#", "?", "&", "=", ":", ".", "..", "%2F", "%2f", "%40", "%2E", "%00", "a", "B",
            "1", "v1.0", "_", "+", "npm", "golang", "\u{1}", "ä",
        ];
        let mut random = 1_u64;
        let mut next = |bound: usize| {
            // Marsaglia's xorshift.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random >> 16).unwrap_or_default() % bound
        };
        let mut read = 0;
        for _ in 0..60_000 {
            let kind = ["npm", "golang", "pypi", "deb", "x", "composer", "cargo", "swift"][next(8)];
            let rest: String = (0..1 + next(14)).map(|_| PIECES[next(PIECES.len())]).collect();
            let Ok(purl) = format!("pkg:{kind}/{rest}").parse::<Purl>() else { continue };
            read += 1;
            let again: Result<Purl, _> = purl.as_str().parse();
            assert_eq!(again.as_ref().map(Purl::as_str), Ok(purl.as_str()), "pkg:{kind}/{rest}");
        }
        assert!(read > 10_000, "{read} of them were purls");
    }

    #[test]
    fn what_stays_when_a_package_is_upgraded() {
        let purl: Purl = "pkg:npm/%40scope/x@1.0?a=b#c".parse().expect("valid");
        assert_eq!(purl.without_version(), "pkg:npm/%40scope/x");
        assert_eq!(purl.namespace(), Some("@scope"));
    }

    #[test]
    fn parts_are_decoded() {
        let purl = |text: &str| text.parse::<Purl>().expect("valid");
        let plain = purl("pkg:golang/github.com/a/b@v1.0?type=module#sub/path");
        assert_eq!((plain.ty(), plain.namespace(), plain.name()), ("golang", Some("github.com/a"), "b"));
        assert_eq!((plain.version(), plain.subpath()), (Some("v1.0"), Some("sub/path")));
        assert_eq!((plain.qualifier("type"), plain.qualifier("typ")), (Some("module"), None));
        let bare = purl("pkg:npm/x");
        assert_eq!((bare.namespace(), bare.name(), bare.version(), bare.subpath()), (None, "x", None, None));
        let encoded = purl("pkg:deb/debian/g%2B%2B@1%2B2?vcs_url=git%2Bhttps://x.org/y");
        assert_eq!((encoded.ty(), encoded.name(), encoded.version()), ("deb", "g++", Some("1+2")));
        assert_eq!(encoded.qualifier("vcs_url"), Some("git+https://x.org/y"));
        assert_eq!(encoded.without_version(), "pkg:deb/debian/g%2B%2B");
    }

    #[test]
    fn what_is_canonical_by_a_glance_is_so_by_the_rules() {
        let types = PLAIN.iter().map(|(ty, _, _)| *ty).chain(["generic", "NPM", "swift", ""]);
        let names = [
            "a", "A", "a/b", "a/B", "a/b/c", "a.b-c_d", ".a", "a/.b", "../a", "a//b", "a~b", "%40a/b",
            "@a/b", "a+",
        ];
        let versions = ["", "@", "@1", "@1.0-RC1", "@1:2", "@1_2", "@1+2", "@a/b", "@1@2", "@%31"];
        let ends = [
            "", "?", "?a=b", "?a=b&c=d", "?c=d&a=b", "?a=b&a=c", "?A=b", "?a=", "?a", "?a=b%20", "?a=b?c=d",
            "#x", "?a=b#x",
        ];
        for (ty, name) in types.flat_map(|ty| names.map(|name| (ty, name))) {
            for (version, end) in versions.into_iter().flat_map(|version| ends.map(|end| (version, end))) {
                let text = format!("pkg:{ty}/{name}{version}{end}");
                let by_the_rules =
                    PackageUrl::from_str(without_empty_subpath(&text)).and_then(Purl::from_crate).ok();
                if let Some(plain) = Purl::plain(&text) {
                    assert_eq!(Some(plain), by_the_rules, "{text}");
                }
            }
        }
        assert!(Purl::plain("pkg:deb/debian/zlib1g@1.2?arch=amd64&distro=debian-12").is_some());
        assert!(Purl::plain("pkg:golang/github.com/a/b@v1.0.0-RC1").is_some());
    }

    #[test]
    fn what_systems_are_made_of() {
        assert!(OF_SYSTEMS.is_sorted());
        let is_os = |text: &str| text.parse::<Purl>().is_ok_and(|purl| purl.is_os());
        for text in ["pkg:ebuild/sys-apps/less@1", "pkg:cos/bash@5", "pkg:nix/glibc@2", "pkg:rpm/fedora/x@1"]
        {
            assert!(is_os(text), "{text}");
        }
        for text in ["pkg:npm/x@1", "pkg:brew/jq@1", "pkg:conda/python@3", "pkg:generic/nginx@1"] {
            assert!(!is_os(text), "{text}");
        }
    }

    /// What is canonical is so once and for all: a ban knows a package by it.
    #[test]
    fn parts_that_climb_leave_nothing_behind() {
        for text in
            ["pkg:npm/../x@1", "pkg:npm/./x@1", "pkg:npm//x@1", "pkg:npm/..//../x@1", "pkg:npm/%2E%2E/x@1"]
        {
            assert_eq!(canonical(text), "pkg:npm/x@1", "{text}");
        }
        assert_eq!(canonical("pkg:golang/a/../b@1"), "pkg:golang/a/b@1");
        assert_eq!(canonical("pkg:npm/a/%2E/x@1"), "pkg:npm/a/x@1");
        let refused = "is not a package URL: namespace required for type \"composer\"";
        for text in ["pkg:composer/./x@1", "pkg:composer/%2E./x", "pkg:composer/x"] {
            assert_eq!(canonical(text), format!("`{text}` {refused}"));
        }
        assert_eq!(canonical("pkg:composer/./a/x"), "pkg:composer/a/x");
    }

    #[test]
    fn a_part_that_is_empty_is_absent() {
        for text in ["pkg:npm/x@", "pkg:npm/x#", "pkg:npm/x@?a=#/", "pkg:npm/x?", "pkg:npm/x#./.."] {
            assert_eq!(canonical(text), "pkg:npm/x", "{text}");
        }
        assert_eq!("pkg:npm/x@#".parse::<Purl>().expect("valid").version(), None);
    }

    #[test]
    fn what_is_not_a_purl_says_why() {
        assert!("pkg:deb".parse::<Purl>().is_err());
        assert!("lodash@4".parse::<Purl>().is_err());
        assert!(Purl::new("npm", None, "", None, &[]).is_err());
    }
}

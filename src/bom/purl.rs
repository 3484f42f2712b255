//! Package URLs, kept canonical.
//!
//! Spec: <https://github.com/package-url/purl-spec>

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use packageurl::PackageUrl;

/// A package URL in its canonical form: lower case, normalised and percent-encoded as its type asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl {
    ty: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    qualifiers: BTreeMap<String, String>,
    subpath: Option<String>,
    canonical: String,
}

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
            .map(|purl| Self::from_crate(&purl))
            .map_err(|error| PurlError { text: format!("pkg:{ty}/{name}"), reason: error.to_string() })
    }

    fn from_crate(purl: &PackageUrl<'_>) -> Self {
        Self {
            ty: purl.ty().to_owned(),
            namespace: purl.namespace().map(str::to_owned),
            name: purl.name().to_owned(),
            version: purl.version().map(str::to_owned),
            qualifiers: purl
                .qualifiers()
                .iter()
                .map(|(key, value)| (key.to_string(), value.to_string()))
                .collect(),
            subpath: purl.subpath().map(str::to_owned),
            canonical: purl.to_string(),
        }
    }

    /// The ecosystem: `deb`, `npm`, `pypi`.
    pub fn ty(&self) -> &str {
        &self.ty
    }

    /// What stands before the name, decoded: `debian`, `@scope`.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.get(key).map(String::as_str)
    }

    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    /// The canonical text without version, qualifiers and subpath: what stays when a package is upgraded.
    pub fn without_version(&self) -> &str {
        let end = self.canonical.find(['@', '?', '#']).unwrap_or(self.canonical.len());
        &self.canonical[..end]
    }

    pub fn as_str(&self) -> &str {
        &self.canonical
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        PackageUrl::from_str(text)
            .map(|purl| Self::from_crate(&purl))
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
    }

    #[test]
    fn an_epoch_stays_in_the_version() {
        let purl =
            Purl::new("deb", Some("debian"), "nginx", Some("1:2.0-1"), &[("arch", "amd64"), ("distro", "")]);
        assert_eq!(purl.expect("valid parts").as_str(), "pkg:deb/debian/nginx@1:2.0-1?arch=amd64");
    }

    #[test]
    fn what_stays_when_a_package_is_upgraded() {
        let purl: Purl = "pkg:npm/%40scope/x@1.0?a=b#c".parse().expect("valid");
        assert_eq!(purl.without_version(), "pkg:npm/%40scope/x");
        assert_eq!(purl.namespace(), Some("@scope"));
    }

    #[test]
    fn what_is_not_a_purl_says_why() {
        assert!("pkg:deb".parse::<Purl>().is_err());
        assert!("lodash@4".parse::<Purl>().is_err());
        assert!(Purl::new("npm", None, "", None, &[]).is_err());
    }
}

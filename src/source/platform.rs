//! `OS/ARCH[/VARIANT]`, as `docker --platform` writes it.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
    pub variant: Option<String>,
}

impl Platform {
    /// Whether an image of platform `offered` is what was asked for. Asked without a variant, any will do.
    pub fn accepts(&self, offered: &Self) -> bool {
        self.os == offered.os
            && self.architecture == offered.architecture
            && (self.variant.is_none() || self.variant == offered.variant || self.is_default_variant(offered))
    }

    /// `arm64` and `arm64/v8` are one platform.
    fn is_default_variant(&self, offered: &Self) -> bool {
        self.architecture == "arm64" && self.variant.as_deref() == Some("v8") && offered.variant.is_none()
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a platform; write it as linux/amd64 or linux/arm/v7")]
pub struct PlatformError(String);

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let mut parts = text.split('/').map(str::to_owned);
        let platform = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(os), Some(architecture), variant, None) => Self { os, architecture, variant },
            _ => return Err(PlatformError(text.to_owned())),
        };
        let empty = [Some(&platform.os), Some(&platform.architecture), platform.variant.as_ref()];
        if empty.into_iter().flatten().any(String::is_empty) {
            return Err(PlatformError(text.to_owned()));
        }
        Ok(platform)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        text.parse().expect("a platform")
    }

    #[test]
    fn a_platform_without_variant_accepts_any() {
        assert!(platform("linux/arm").accepts(&platform("linux/arm/v7")));
        assert!(!platform("linux/arm/v6").accepts(&platform("linux/arm/v7")));
        assert!(platform("linux/arm64/v8").accepts(&platform("linux/arm64")));
        assert!(!platform("linux/amd64").accepts(&platform("windows/amd64")));
    }

    #[test]
    fn what_is_no_platform_is_refused() {
        for text in ["", "linux", "linux/", "/amd64", "a/b/c/d", "linux/arm/"] {
            assert!(text.parse::<Platform>().is_err(), "{text}");
        }
    }
}

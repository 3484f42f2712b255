//! Names of images, as Docker reads them: `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.
//!
//! The first part is a host only if it could be nothing else: it has a point or a port, or is `localhost`. All other
//! names are Docker Hub's, whose own images lie below `library/` and whose registry has another name than it says.
//! Spec: <https://github.com/distribution/reference/blob/main/reference.go>

use std::fmt;

use super::RegistryError;
use crate::source::Digest;

/// Docker Hub, as names say it.
const HUB: &str = "docker.io";
/// Docker Hub's registry.
const HUB_HOST: &str = "registry-1.docker.io";
/// What old names of Docker Hub say.
const OLD_HUB: &str = "index.docker.io";
/// Where images of Docker Hub lie that name no owner.
const OFFICIAL: &str = "library/";

const MAX_NAME: usize = 255;
const MAX_TAG: usize = 128;

/// The name of an image in a registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// # Errors
    /// When the text is no name of an image, with the reason.
    pub fn parse(text: &str) -> Result<Self, RegistryError> {
        parse(text).map_err(|reason| RegistryError::BadReference { text: text.to_owned(), reason })
    }

    /// The registry as names say it, with its port: `docker.io`, `localhost:5000`.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The host that is asked, with its port.
    pub fn host(&self) -> &str {
        if self.registry == HUB { HUB_HOST } else { &self.registry }
    }

    /// The path in the registry: `library/alpine`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, if one is named; where neither it nor a digest is, `latest`.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// What the registry is asked for: the digest where there is one, else the tag.
    pub fn pointer(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, tag) => tag.clone().unwrap_or_default(),
        }
    }

    /// Another image of the same repository.
    #[must_use]
    pub fn with_digest(&self, digest: &Digest) -> Self {
        Self { tag: None, digest: Some(digest.clone()), ..self.clone() }
    }

    /// Another image of the same repository.
    #[must_use]
    pub fn with_tag(&self, tag: &str) -> Self {
        Self { tag: Some(tag.to_owned()), digest: None, ..self.clone() }
    }

    /// The same image, by the name that people know it by: `alpine`, `registry.example.com/app`.
    pub fn familiar_repository(&self) -> String {
        match (self.registry.as_str(), self.repository.strip_prefix(OFFICIAL)) {
            (HUB, Some(official)) if !official.contains('/') => official.to_owned(),
            (HUB, _) => self.repository.clone(),
            (registry, _) => format!("{registry}/{}", self.repository),
        }
    }

    /// The name with its tag, or its digest where it has none.
    pub fn familiar(&self) -> String {
        let repository = self.familiar_repository();
        match (&self.tag, &self.digest) {
            (Some(tag), _) => format!("{repository}:{tag}"),
            (None, Some(digest)) => format!("{repository}@{digest}"),
            (None, None) => repository,
        }
    }
}

/// All of it, with the registry.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

fn parse(text: &str) -> Result<Reference, &'static str> {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => {
            (name, Some(Digest::parse(digest).map_err(|_| "what follows the `@` is no digest")?))
        }
        None => (text, None),
    };
    let last_slash = name.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match name[last_slash..].find(':') {
        Some(colon) => (&name[..last_slash + colon], Some(&name[last_slash + colon + 1..])),
        None => (name, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Err("its tag is none: letters, digits, `_`, `.` and `-`, at most 128");
    }
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if is_host_like(first) => (first, rest),
        _ => (HUB, name),
    };
    let registry = if registry == OLD_HUB { HUB } else { registry };
    if registry != HUB && !is_host(registry) {
        return Err("its registry is no host");
    }
    let is_official = registry == HUB && !path.contains('/');
    let repository = if is_official { format!("{OFFICIAL}{path}") } else { path.to_owned() };
    if path.is_empty() {
        return Err("it names no repository");
    }
    if !repository.split('/').all(is_component) {
        return Err("a repository is lower-case letters and digits, with `.`, `_`, `-` and `/` between them");
    }
    if registry.len() + 1 + repository.len() > MAX_NAME {
        return Err("it is longer than 255 characters");
    }
    if registry == HUB && path.len() == 64 && path.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("it is the ID of an image, which registries do not know");
    }
    let tag = tag.map(str::to_owned);
    let tag = tag.or_else(|| digest.is_none().then(|| "latest".to_owned()));
    Ok(Reference { registry: registry.to_owned(), repository, tag, digest })
}

fn is_host_like(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            ("", port.strip_prefix(':'))
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let is_label = |label: &str| {
        let inside = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        inside && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    let bracketed = text.starts_with('[');
    (bracketed || host.split('.').all(is_label)) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn is_tag(tag: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let begins = tag.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    begins && tag.len() <= MAX_TAG && tag.bytes().all(inside)
}

/// Letters and digits, with one `.`, one or two `_`, or any number of `-` between them.
fn is_component(part: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut rest = part.as_bytes();
    loop {
        let word = rest.iter().take_while(|byte| is_word(**byte)).count();
        rest = &rest[word..];
        if word == 0 {
            return false;
        }
        let between = rest.iter().take_while(|byte| !is_word(**byte)).count();
        let (separator, after) = rest.split_at(between);
        rest = after;
        match separator {
            [] => return true,
            b"." | b"_" | b"__" => {}
            dashes if dashes.iter().all(|byte| *byte == b'-') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        expected.assert_eq(&match Reference::parse(text) {
            Ok(name) => {
                format!("{name} at {}, asks for {}, is {}", name.host(), name.pointer(), name.familiar())
            }
            Err(error) => error.to_string(),
        });
    }

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn short_names_are_docker_hubs() {
        check(
            "alpine",
            expect![
                "docker.io/library/alpine:latest at registry-1.docker.io, asks for latest, is alpine:latest"
            ],
        );
        check(
            "alpine:3.20",
            expect!["docker.io/library/alpine:3.20 at registry-1.docker.io, asks for 3.20, is alpine:3.20"],
        );
        check(
            "grafana/loki:2.9",
            expect!["docker.io/grafana/loki:2.9 at registry-1.docker.io, asks for 2.9, is grafana/loki:2.9"],
        );
        check(
            "index.docker.io/library/alpine",
            expect![
                "docker.io/library/alpine:latest at registry-1.docker.io, asks for latest, is alpine:latest"
            ],
        );
        check(
            "docker.io/alpine",
            expect![
                "docker.io/library/alpine:latest at registry-1.docker.io, asks for latest, is alpine:latest"
            ],
        );
    }

    #[test]
    fn a_first_part_with_a_point_or_a_port_is_a_host() {
        check(
            "registry.example.com:5000/team/app:1",
            expect![
                "registry.example.com:5000/team/app:1 at registry.example.com:5000, asks for 1, is registry.example.com:5000/team/app:1"
            ],
        );
        check(
            "localhost/app",
            expect!["localhost/app:latest at localhost, asks for latest, is localhost/app:latest"],
        );
        check(
            "[::1]:5000/app",
            expect!["[::1]:5000/app:latest at [::1]:5000, asks for latest, is [::1]:5000/app:latest"],
        );
        check(
            "Registry/app",
            expect!["Registry/app:latest at Registry, asks for latest, is Registry/app:latest"],
        );
        check(
            "registry/app",
            expect![
                "docker.io/registry/app:latest at registry-1.docker.io, asks for latest, is registry/app:latest"
            ],
        );
    }

    #[test]
    fn a_digest_wins_over_a_tag() {
        check(
            &format!("ghcr.io/o/app@{DIGEST}"),
            expect![
                "ghcr.io/o/app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 at ghcr.io, asks for sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, is ghcr.io/o/app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            ],
        );
        check(
            &format!("ghcr.io/o/app:1@{DIGEST}"),
            expect![
                "ghcr.io/o/app:1@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 at ghcr.io, asks for sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, is ghcr.io/o/app:1"
            ],
        );
    }

    #[test]
    fn what_is_no_name_says_why() {
        let cases = [
            "",
            "App",
            "a//b",
            "a..b",
            "a___b",
            "-a",
            "a:",
            "a:.x",
            "a@sha256:00",
            "x.y:port/a",
            "localhost:1/",
        ];
        for text in cases {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
        check(
            "App",
            expect![
                "`App` is no name of an image: a repository is lower-case letters and digits, with `.`, `_`, `-` and `/` between them"
            ],
        );
        check(
            &DIGEST[7..],
            expect![
                "`e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855` is no name of an image: it is the ID of an image, which registries do not know"
            ],
        );
        assert!(Reference::parse(&["a"; 150].join("/")).is_err());
        assert!(Reference::parse(&format!("a:{}", "b".repeat(129))).is_err());
        assert!(Reference::parse("a/b__c--d.e/f").is_ok());
    }
}

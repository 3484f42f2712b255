//! Mirrors: who is asked before the registry itself.

use std::str::FromStr;

use super::client::Place;
use super::{Reference, RegistryError};

/// `HOST=MIRROR[/FOLDER]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    registry: String,
    /// With nothing but a host and perhaps a folder in it.
    host: String,
    folder: String,
}

impl FromStr for Mirror {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, RegistryError> {
        let bad = || RegistryError::BadMirror { text: text.to_owned() };
        let (registry, mirror) = text.split_once('=').ok_or_else(bad)?;
        let registry_of = |name: &str| Reference::parse(&format!("{name}/x/y")).map_err(|_| bad());
        let from = registry_of(registry)?;
        if from.repository() != "x/y" || !registry.contains(['.', ':']) && registry != "localhost" {
            return Err(bad());
        }
        let to = registry_of(mirror.trim_end_matches('/'))?;
        let folder = to.repository().strip_suffix("x/y").ok_or_else(bad)?;
        if !mirror.starts_with(to.registry()) {
            return Err(bad());
        }
        Ok(Self {
            registry: from.registry().to_owned(),
            host: to.registry().to_owned(),
            folder: folder.to_owned(),
        })
    }
}

impl Mirror {
    /// Where it has the image, if it mirrors its registry.
    pub(super) fn place(&self, reference: &Reference) -> Option<Place> {
        (self.registry == reference.registry()).then(|| Place {
            registry: self.host.clone(),
            host: self.host.clone(),
            repository: format!("{}{}", self.folder, reference.repository()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(mirror: &str, image: &str) -> Option<String> {
        let mirror: Mirror = mirror.parse().expect("a mirror");
        let place = mirror.place(&Reference::parse(image).expect("an image"))?;
        Some(format!("{}/{}", place.host, place.repository))
    }

    #[test]
    fn a_mirror_has_the_images_of_one_registry() {
        let hub = "docker.io=mirror.example.com:5000";
        assert_eq!(place(hub, "alpine").as_deref(), Some("mirror.example.com:5000/library/alpine"));
        assert_eq!(place(hub, "quay.io/team/app"), None);
        let folder = "quay.io=localhost:5000/cache/quay/";
        assert_eq!(place(folder, "quay.io/team/app").as_deref(), Some("localhost:5000/cache/quay/team/app"));
    }

    #[test]
    fn what_is_no_mirror_is_refused() {
        for text in [
            "docker.io",
            "=x.y",
            "docker.io=",
            "docker.io=mirror",
            "hub=x.y",
            "docker.io=https://x.y",
            "a.b/c=x.y",
        ] {
            assert!(text.parse::<Mirror>().is_err(), "{text}");
        }
    }
}

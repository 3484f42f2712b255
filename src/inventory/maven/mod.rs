//! What everything that reads Java knows of Maven: coordinates, its project files, and manifests of archives.

mod groups;
mod manifest;
mod pom;
mod project;

pub(super) use groups::{group_of, group_of_folder, split_name};
pub(super) use manifest::Manifest;
pub(super) use pom::{Dependency, Pom};
pub(super) use project::Project;

use pom::License;

use super::claims::declared;
use crate::bom::{Component, LicenseClaim, Purl};
use crate::licenses::Dialect;

/// How licences are written in Maven's files: names in the words of whoever wrote them.
pub(super) const DIALECT: Dialect = Dialect::Maven;

/// An artefact: who publishes it, what it is called, and which one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Coordinates {
    pub(super) group: String,
    pub(super) artifact: String,
    pub(super) version: Option<String>,
}

impl Coordinates {
    /// Coordinates as Maven leaves them: `groupId=…`, `artifactId=…`, `version=…`, in any order.
    pub(super) fn of_properties(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let value = |key: &str| {
            let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '!']));
            let mut pairs = lines.filter_map(|line| line.split_once(['=', ':']));
            let (_, value) = pairs.find(|(name, _)| name.trim() == key)?;
            Some(value.trim().to_owned()).filter(|value| is_plain(value))
        };
        Some(Self { group: value("groupId")?, artifact: value("artifactId")?, version: value("version") })
    }

    /// `group:artifact`, the name by which people know it.
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.group, self.artifact)
    }

    /// A library of these coordinates. `kind` and `classifier` are Maven's, where they are not the usual.
    ///
    /// # Errors
    /// Why they are no package URL.
    pub(super) fn component(&self, kind: &str, classifier: &str) -> Result<Component, String> {
        let kind = if kind == "jar" { "" } else { kind };
        let qualifiers = [("type", kind), ("classifier", classifier)];
        let version = self.version.as_deref();
        let mut component = Component::new(self.name());
        component.version = self.version.clone();
        component.purl = Some(
            Purl::new("maven", Some(&self.group), &self.artifact, version, &qualifiers)
                .map_err(|error| error.to_string())?,
        );
        Ok(component)
    }
}

/// Whether a text can be part of coordinates: no placeholder is left in it, and no blank.
pub(super) fn is_plain(text: &str) -> bool {
    let plain = |letter: char| letter.is_alphanumeric() || "._-+~$@!".contains(letter);
    !text.is_empty() && text.len() <= 255 && !text.contains("${") && text.chars().all(plain)
}

impl License {
    /// The claim it makes in the file at `path`. A name that says nothing may have a URL that does.
    pub(super) fn claim(&self, path: &str) -> Option<LicenseClaim> {
        let by_url = || declared(&self.url, DIALECT);
        let mut claim = declared(&self.name, DIALECT).or_else(by_url)?;
        if claim.expression.is_none() {
            claim.expression = by_url().and_then(|claim| claim.expression);
        }
        Some(LicenseClaim { path: Some(path.to_owned()), line: Some(self.line), ..claim })
    }
}

//! `renv.lock`: the library of an R project, as renv recorded it.
//!
//! Edges stand in it as `Requirements`, later as the lists of `DESCRIPTION`; where there are none, nobody
//! says. `Hash` is of a package's description and no digest of ours.
//! Spec: <https://rstudio.github.io/renv/articles/lockfile.html>

use super::super::json;
use super::super::lines::Lines;
use super::super::value::Value;
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, git, nothing_beside};
use crate::bom::{Component, Kind, Presence, Purl, PurlError};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "renv",
    about: "R packages locked in renv.lock",
    reads: &["**/renv.lock"],
    beside: &[],
    spec: "https://rstudio.github.io/renv/articles/lockfile.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let lock = json::parse(&text)?;
    let lines = Lines::of(&text);
    let packages = lock.get("Packages").ok_or_else(|| ParseError::new(None, "has no `Packages`"))?;
    let address = |name: &str| format!("renv:{}#{name}", file.path);
    let mut parsed = Parsed::default();
    for member in packages.members() {
        let line = lines.line(member.at);
        match component(&member.key, &member.value) {
            Ok(component) => {
                let mut package = Package::new(component);
                package.line = Some(line);
                package.addresses = vec![address(&member.key)];
                package.needs = needs(&member.value)
                    .map(|names| names.into_iter().map(|name| Need::of(address(name))).collect());
                parsed.packages.push(package);
            }
            Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
        }
    }
    Ok(parsed)
}

fn needs<'a>(entry: &'a Value<'_>) -> Option<Vec<&'a str>> {
    const LISTS: &[&str] = &["Requirements", "Depends", "Imports", "LinkingTo"];
    if LISTS.iter().all(|list| entry.get(list).is_none()) {
        return None;
    }
    let relations = LISTS.iter().flat_map(|list| entry.texts(list));
    let names = relations.map(|relation| relation.split('(').next().unwrap_or_default().trim());
    Some(names.filter(|name| !matches!(*name, "" | "R")).collect())
}

fn component(key: &str, entry: &Value<'_>) -> Result<Component, PurlError> {
    let name = entry.field("Package").unwrap_or(key);
    let version = entry.field("Version");
    let mut component = Component::new(name);
    component.version = version.map(str::to_owned);
    component.presence = Presence::Declared;
    if entry.field("Source") == Some("Local") {
        component.kind = Kind::Application;
        component.first_party = true;
        return Ok(component);
    }
    component.vcs = repository(entry);
    let ty = if entry.field("Source") == Some("Bioconductor") { "bioconductor" } else { "cran" };
    let qualifier = component.vcs.as_deref().map(|url| ("vcs_url", url));
    component.purl = Some(Purl::new(ty, None, name, version, qualifier.as_slice())?);
    Ok(component)
}

fn repository(entry: &Value<'_>) -> Option<String> {
    let commit = entry.field("RemoteSha").unwrap_or_default();
    if let Some(url) = entry.field("RemoteUrl").filter(|_| entry.field("RemoteType") == Some("git")) {
        return Some(git::url(url, commit));
    }
    let host = match entry.field("Source")? {
        "GitHub" => "github.com",
        "GitLab" => "gitlab.com",
        _ => return None,
    };
    let (user, name) = (entry.field("RemoteUsername")?, entry.field("RemoteRepo")?);
    Some(git::url(&format!("https://{host}/{user}/{name}"), commit))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn packages_are_listed_with_what_they_require() {
        let lock = r#"{
  "R": {"Version": "4.2.3"},
  "Packages": {
    "markdown": {
      "Package": "markdown",
      "Version": "1.0",
      "Source": "Repository",
      "Repository": "CRAN",
      "Hash": "4584a57f565dd7987d59dda3a02cfb41",
      "Requirements": ["R", "mime"]
    },
    "mime": {
      "Package": "mime",
      "Version": "0.7",
      "Source": "Repository"
    }
  }
}"#;
        check(
            &ECOSYSTEM,
            &[("renv.lock", lock)],
            expect![[r#"
            pkg:cran/markdown@1.0 line 4 needs [mime@0.7]
            pkg:cran/mime@0.7 line 12
        "#]],
        );
    }

    #[test]
    fn other_sources_and_the_later_lists_are_read() {
        let lock = r#"{"Packages": {
            "far": {"Package": "far", "Version": "1.0", "Source": "GitHub", "RemoteUsername": "o", "RemoteRepo": "far-r", "RemoteSha": "abc123", "Imports": ["Biobase (>= 2)", "R (>= 4)"]},
            "Biobase": {"Version": "2.60.0", "Source": "Bioconductor"},
            "mine": {"Package": "mine", "Version": "0.1", "Source": "Local"}}}"#;
        check(
            &ECOSYSTEM,
            &[("a/renv.lock", lock)],
            expect![[r#"
            application:mine@0.1 line 4 application first-party
            pkg:bioconductor/Biobase@2.60.0 line 3
            pkg:cran/far@1.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Ffar-r%40abc123 line 2 needs [Biobase@2.60.0]
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("renv.lock", "{\"Packages\": {\"a\": "),
                ("b/renv.lock", "{}"),
                ("c/renv.lock", "{\"Packages\": {\"\": 1, \"a\": []}}"),
            ],
            expect![[r#"
                pkg:cran/a line 1
                gap b/renv.lock: has no `Packages`
                gap c/renv.lock:1: `pkg:cran/` is not a package URL: missing name
                gap renv.lock:1: is not the JSON expected here: expected a value, found the end
            "#]],
        );
    }
}

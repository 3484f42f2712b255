//! `DESCRIPTION`: what a package of R says of itself, installed or as source.
//!
//! A package that was built says so (`Built:`); any other file is a project's own. Packages need each other by
//! name from every library that R looks into. Those that come with R have its version, and its licence.
//! Spec: <https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file>

use super::super::claims::declared;
use super::super::deb822::{self, Stray};
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, git, nothing_beside};
use crate::bom::{Component, Kind, Presence, Purl};
use crate::layers::{Tree, parent};
use crate::licenses::Dialect;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "r",
    about: "R packages installed in a library",
    reads: &["**/DESCRIPTION"],
    beside: &[],
    spec: "https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let mut parsed = Parsed::default();
    let stanzas = deb822::stanzas(&text, Stray::Continues, &mut parsed.problems);
    // Other things are called so too.
    let Some(description) = stanzas.first().filter(|stanza| stanza.get("Package").is_some()) else {
        return Ok(Parsed::default());
    };
    let field = |name: &str| description.get(name);
    let name = field("Package").and_then(|name| name.lines().next()).unwrap_or_default();
    let line = text.lines().position(|line| line.starts_with("Package:")).unwrap_or(0) + 1;
    let line = u32::try_from(line).unwrap_or(u32::MAX);
    let mut component = Component::new(name);
    component.version = field("Version").map(str::to_owned);
    component.description = field("Title").map(on_one_line);
    component.author = field("Author").or_else(|| field("Maintainer")).map(on_one_line);
    component.homepage = field("URL").and_then(|urls| urls.split([',', '\n', ' ']).next()).map(str::to_owned);
    component.licenses.extend(field("License").and_then(|text| declared(text, Dialect::R)));
    if field("Built").is_some() {
        let repository = repository(&field);
        let qualifier = repository.as_deref().map(|url| ("vcs_url", url));
        match Purl::new("cran", None, name, field("Version"), qualifier.as_slice()) {
            Ok(purl) => component.purl = Some(purl),
            Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
        }
        component.vcs = repository;
    } else {
        component.kind = Kind::Application;
        component.first_party = true;
        component.presence = Presence::Declared;
    }
    let library = parent(file.folder());
    let addresses = |name: &str| vec![format!("r:{library}:{name}"), format!("r::{name}")];
    let mut package = Package::new(component);
    package.line = Some(line);
    package.addresses = addresses(name);
    let lists = ["Depends", "Imports", "LinkingTo"].into_iter().filter_map(field);
    let names = lists.flat_map(|list| list.split(',')).map(bare).filter(|name| !matches!(*name, "" | "R"));
    package.needs = Some(names.map(|name| Need { any_of: addresses(name) }).collect());
    parsed.packages.push(package);
    Ok(parsed)
}

/// `rlang (>= 1.0.0)` becomes `rlang`.
fn bare(relation: &str) -> &str {
    relation.split('(').next().unwrap_or_default().trim()
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where `remotes` or `pak` took it from, when that was no repository of packages.
fn repository<'a>(field: &impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let host = match field("RemoteType")? {
        "github" => "github.com",
        "gitlab" => "gitlab.com",
        _ => return None,
    };
    let (user, name) = (field("RemoteUsername")?, field("RemoteRepo")?);
    Some(git::url(&format!("https://{host}/{user}/{name}"), field("RemoteSha").unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn installed_packages_need_each_other() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "usr/lib/R/library/base/DESCRIPTION",
                    "Package: base\nVersion: 4.3.0\nPriority: base\nLicense: Part of R 4.3.0\nBuilt: R 4.3.0; ; 2023-04-21 11:33:09 UTC; unix\n",
                ),
                (
                    "usr/local/lib/R/site-library/stringr/DESCRIPTION",
                    "Package: stringr\nTitle: Simple, Consistent Wrappers for\n    Common String Operations\nVersion: 1.5.0\nLicense: MIT + file LICENSE\n\
                     URL: https://stringr.tidyverse.org, https://github.com/tidyverse/stringr\nDepends: \n    R (>= 3.3), base\nImports: \n    cli,\n    glue (>= 1.6.1)\nSuggests: dplyr\nBuilt: R 4.3.0\n",
                ),
                (
                    "usr/local/lib/R/site-library/glue/DESCRIPTION",
                    "Package: glue\nVersion: 1.6.2\nLicense: GPL-2 | GPL-3\nBuilt: R 4.3.0\n",
                ),
            ],
            expect![[r#"
                pkg:cran/base@4.3.0 line 1 declared `Part of R 4.3.0` = GPL-2.0-only OR GPL-3.0-only needs []
                pkg:cran/glue@1.6.2 line 1 declared `GPL-2 | GPL-3` = GPL-2.0-only OR GPL-3.0-only needs []
                pkg:cran/stringr@1.5.0 line 1 declared `MIT + file LICENSE` = MIT needs [base@4.3.0, glue@1.6.2]
            "#]],
        );
    }

    #[test]
    fn sources_and_other_places_are_told_apart() {
        check(
            &ECOSYSTEM,
            &[
                ("DESCRIPTION", "Package: mine\nVersion: 0.0.0.9000\nImports: far\n"),
                (
                    "renv/library/R-4.3/x86_64-pc-linux-gnu/far/DESCRIPTION",
                    "Package: far\nVersion: 1-2\nBuilt: R 4\nRemoteType: github\nRemoteUsername: o\nRemoteRepo: far\nRemoteSha: abc123\n",
                ),
                ("other/DESCRIPTION", "This folder holds a thing.\n"),
            ],
            expect![[r#"
                application:mine@0.0.0.9000 line 1 application first-party needs [far@1-2]
                pkg:cran/far@1-2?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Ffar%40abc123 line 1 needs []
            "#]],
        );
    }

    #[test]
    fn a_broken_description_says_what_it_can() {
        check(
            &ECOSYSTEM,
            &[
                ("a/DESCRIPTION", "Package: a\nVersion"),
                ("b/DESCRIPTION", "Package: \nBuilt: R\n"),
                ("c/DESCRIPTION", "\u{1}\n\n"),
            ],
            expect![[r#"
                application:a line 1 application first-party needs []
            "#]],
        );
    }
}

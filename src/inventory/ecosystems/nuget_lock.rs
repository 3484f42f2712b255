//! `packages.lock.json`: what NuGet resolved for a .NET project.
//!
//! A list of packages for each target framework, with one version of each; the framework may have a runtime
//! behind it (`net8.0/linux-x64`), and then has only what differs. Digests are of the archives' content.
//! Spec: <https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies>

use std::collections::HashMap;

use super::super::json;
use super::super::lines::Lines;
use super::super::locked::{self, Locked};
use super::super::nuget::{self, Names};
use super::super::value::{Member, Value};
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::Presence;
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "nuget-lock",
    about: "packages locked by NuGet in packages.lock.json",
    reads: &["**/packages.lock.json", "**/packages.*.lock.json"],
    beside: &[],
    spec: "https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let document = json::parse(&text)?;
    let Some(frameworks) = document.get("dependencies").filter(|frameworks| frameworks.is_map()) else {
        return Err(ParseError::new(1, "has no `dependencies`, which a packages.lock.json has"));
    };
    let lines = Lines::of(&text);
    let mut problems = Problems::new();
    let mut list = Vec::new();
    let mut entries: Vec<(&str, &Value<'_>)> = Vec::new();
    let mut names: HashMap<&str, Names> = HashMap::new();
    for framework in frameworks.members() {
        let here = names.entry(&*framework.key).or_default();
        for member in framework.value.members() {
            let line = lines.line(member.at);
            match package(member, line) {
                Ok(locked) => {
                    here.insert(&member.key, list.len());
                    list.push(locked);
                    entries.push((&framework.key, &member.value));
                }
                Err(reason) => problems.push(Problem::new(line, reason)),
            }
        }
    }
    for (locked, (framework, value)) in list.iter_mut().zip(entries) {
        let base = framework.split('/').next().unwrap_or(framework);
        let mut needs = names.get(framework).map(|names| names.needs(value)).unwrap_or_default();
        if base != framework {
            let of_base = names.get(base).map(|names| names.needs(value)).unwrap_or_default();
            needs.extend(of_base);
        }
        locked.needs = Some(needs);
    }
    Ok(Parsed { packages: locked::packages(file.path, list), problems })
}

fn package(member: &Member<'_>, line: u32) -> Result<Locked, String> {
    let (name, value) = (&member.key, &member.value);
    if value.field("type") == Some("Project") {
        return Ok(Locked::new(locked::own(name, None), line));
    }
    let shown = || name.chars().take(80).collect::<String>();
    let version = value.field("resolved").ok_or_else(|| format!("`{}` has no version", shown()))?;
    let digest = value.field("contentHash").unwrap_or_default();
    let mut component = nuget::named(name, version, digest, Presence::Declared)?;
    component.asked_for = value.field("type") == Some("Direct");
    Ok(Locked::new(component, line))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn each_framework_has_its_own_versions() {
        let lock = r#"{"version": 1, "dependencies": {
  "net472": {
    "Newtonsoft.Json": {"type": "Direct", "requested": "[12.0.3, )", "resolved": "12.0.3",
      "contentHash": "6mgjfnRB4jKMlzHSl+VD+oUc1IebOZabkbyWj2RiTgWwYPPuaK1H97G1sHqGwPlS5npiF5Q0OrxN1wni2n5QWg=="},
    "my.project": {"type": "Project", "dependencies": {"newtonsoft.json": "12.0.3"}}
  },
  "net8.0": {
    "Newtonsoft.Json": {"type": "CentralTransitive", "resolved": "13.0.1"},
    "Base": {"type": "Transitive", "resolved": "1.0.0", "dependencies": {"Newtonsoft.Json": "13.0.0"}}
  },
  "net8.0/linux-x64": {
    "Native": {"type": "Transitive", "resolved": "2.0.0", "dependencies": {"Base": "1.0.0"}}
  }
}}"#;
        check(
            &ECOSYSTEM,
            &[("packages.lock.json", lock)],
            expect![[r#"
            application:my.project line 5 application first-party needs [Newtonsoft.Json@12.0.3]
            pkg:nuget/Base@1.0.0 line 9 needs [Newtonsoft.Json@13.0.1]
            pkg:nuget/Native@2.0.0 line 12 needs [Base@1.0.0]
            pkg:nuget/Newtonsoft.Json@12.0.3 line 3 SHA-512:ea68237e needs []
            pkg:nuget/Newtonsoft.Json@13.0.1 line 8 needs []
        "#]],
        );
    }

    #[test]
    fn what_has_no_version_is_a_gap() {
        let lock = "{\"version\": 2, \"dependencies\": {\"net8.0\": {\n\"A\": {\"type\": \"Direct\"},\n\"B c\": {\"resolved\": \"1\"},\n\"D\": {\"resolved\": \"1.0\", \"dependencies\": []}}, \"x\": []}}";
        check(
            &ECOSYSTEM,
            &[("packages.app.lock.json", lock)],
            expect![[r#"
            pkg:nuget/D@1.0 line 4 needs []
            gap packages.app.lock.json:2: `A` has no version
            gap packages.app.lock.json:3: `B c` is no name of a package
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap_with_its_line() {
        check(
            &ECOSYSTEM,
            &[
                ("a/packages.lock.json", "{\"dependencies\":\n{\"net8.0\": {\"A\""),
                ("b/packages.lock.json", "{}"),
            ],
            expect![[r#"
                gap a/packages.lock.json:2: is not the JSON expected here: expected `:` after a key
                gap b/packages.lock.json:1: has no `dependencies`, which a packages.lock.json has
            "#]],
        );
    }
}

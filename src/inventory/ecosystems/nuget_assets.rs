//! `obj/project.assets.json`: what NuGet's restore found for a .NET project, with the project itself.
//!
//! A list of packages for each target framework. What a project keeps to itself (`PrivateAssets="all"`, here
//! `suppressParent`) serves its build; what the SDK adds of its own accord is kept so too, and is not.
//! Spec: <https://learn.microsoft.com/nuget/concepts/package-installation-process>

use std::collections::HashMap;

use super::super::json;
use super::super::lines::Lines;
use super::super::locked::{self, Locked};
use super::super::nuget::{self, Names};
use super::super::value::{Member, Value};
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::{Component, Presence, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "nuget-assets",
    about: "packages restored by NuGet, by project.assets.json",
    reads: &["**/project.assets.json"],
    beside: &[],
    spec: "https://learn.microsoft.com/nuget/concepts/package-installation-process",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let document = json::parse(&text)?;
    let (Some(targets), Some(libraries)) = (document.get("targets"), document.get("libraries")) else {
        return Err(ParseError::new(1, "has no `targets` and `libraries`, which a project.assets.json has"));
    };
    let lines = Lines::of(&text);
    let mut problems = Problems::new();
    let mut list: Vec<Locked> = Vec::new();
    let mut project = project(&document, &lines);
    let direct = direct(&document);
    let mut asked = Vec::new();
    let places: HashMap<&str, &Member<'_>> =
        libraries.members().iter().map(|member| (&*member.key, member)).collect();
    for target in targets.members() {
        let first = list.len();
        let mut names = Names::default();
        let mut entries = Vec::new();
        for member in target.value.members() {
            let library = places.get(&*member.key).copied().unwrap_or(member);
            let line = lines.line(library.at);
            match component(&member.key, &library.value) {
                Ok(component) => {
                    let name = component.name.clone();
                    names.insert(&name, list.len());
                    asked.extend(direct.get(&name.to_lowercase()).map(|scope| (list.len(), *scope)));
                    list.push(Locked::new(component, line));
                    entries.push(&member.value);
                }
                Err(reason) => problems.push(Problem::new(line, reason)),
            }
        }
        for (locked, entry) in list[first..].iter_mut().zip(entries) {
            locked.needs = Some(names.needs(entry));
        }
    }
    project.needs = Some(asked);
    list.push(project);
    locked::work_out_scopes(&mut list);
    problems.dedup();
    Ok(Parsed { packages: locked::packages(file.path, list), problems })
}

fn component(key: &str, library: &Value<'_>) -> Result<Component, String> {
    let shown = || key.chars().take(80).collect::<String>();
    let (name, version) = nuget::split(key).ok_or_else(|| format!("`{}` has no version", shown()))?;
    if library.field("type") == Some("project") {
        return Ok(locked::own(name, Some(version)));
    }
    nuget::named(name, version, library.field("sha512").unwrap_or_default(), Presence::Declared)
}

fn project(document: &Value<'_>, lines: &Lines) -> Locked {
    let project = document.get("project");
    let name =
        project.and_then(|project| project.get("restore")).and_then(|restore| restore.field("projectName"));
    let version = project.and_then(|project| project.field("version"));
    Locked::new(
        locked::own(name.unwrap_or_default(), version),
        lines.line(project.map_or(0, |project| project.at)),
    )
}

/// What the project asks for in any of its frameworks, by names without case.
fn direct(document: &Value<'_>) -> HashMap<String, Scope> {
    let frameworks = document.get("project").and_then(|project| project.get("frameworks"));
    let mut direct = HashMap::new();
    for framework in frameworks.map_or(&[][..], Value::members) {
        for member in framework.value.get("dependencies").map_or(&[][..], Value::members) {
            let is_private = member.value.field("suppressParent") == Some("All");
            let is_for_build = is_private && !member.value.flag("autoReferenced");
            let scope = if is_for_build { Scope::Dev } else { Scope::Required };
            let known = direct.entry(member.key.to_lowercase()).or_insert(scope);
            *known = scope.min(*known);
        }
    }
    direct
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_project_with_its_packages() {
        let assets = r#"{"version": 3,
  "targets": {
    "net472": {"SourceLink/1.0.0": {"type": "package", "dependencies": {"Tasks.Git": "1.0.0"}}, "Tasks.Git/1.0.0": {"type": "package"}},
    "net8.0": {"Json/13.0.1": {"type": "package", "runtime": {"lib/x.dll": {}}}, "NETStandard.Library/2.0.3": {"type": "package", "dependencies": {"json": "[1, )"}},
               "Lib/2.0.0": {"type": "project", "dependencies": {"Json": "13.0.1"}}}
  },
  "libraries": {
    "SourceLink/1.0.0": {"type": "package", "sha512": ""},
    "Tasks.Git/1.0.0": {"type": "package"},
    "Json/13.0.1": {"sha512": "ppPFpBcvxdsfUonNcvITKqLl3bqxWbDCZIzDWHzjpdAHRFfZe0Dw9HmA0+za13IdyrgJwpkDTDA9fHaxOrt20A==", "type": "package"},
    "NETStandard.Library/2.0.3": {"type": "package"},
    "Lib/2.0.0": {"type": "project", "path": "../Lib/Lib.csproj"}
  },
  "project": {"version": "5.5.0", "restore": {"projectName": "App"}, "frameworks": {
    "net472": {"dependencies": {"SourceLink": {"suppressParent": "All", "target": "Package"}}},
    "net8.0": {"dependencies": {"NETStandard.Library": {"suppressParent": "All", "autoReferenced": true}}}}}
}"#;
        check(
            &ECOSYSTEM,
            &[("obj/project.assets.json", assets)],
            expect![[r#"
            application:App@5.5.0 line 14 application first-party needs [NETStandard.Library@2.0.3, SourceLink@1.0.0]
            application:Lib@2.0.0 line 12 application first-party needs [Json@13.0.1]
            pkg:nuget/Json@13.0.1 line 10 SHA-512:a693c5a4 needs []
            pkg:nuget/NETStandard.Library@2.0.3 line 11 needs [Json@13.0.1]
            pkg:nuget/SourceLink@1.0.0 line 8 dev needs [Tasks.Git@1.0.0]
            pkg:nuget/Tasks.Git@1.0.0 line 9 dev needs []
        "#]],
        );
    }

    #[test]
    fn one_odd_library_does_not_cost_the_rest() {
        let assets = "{\"targets\": {\"a\": {\"X\": {}, \"Y/1.0\": [], \"Z/1/2\": {}}}, \"libraries\": {}}";
        check(
            &ECOSYSTEM,
            &[("project.assets.json", assets)],
            expect![[r#"
            pkg:nuget/Y@1.0 line 1 needs []
            pkg:nuget/Z@1%2F2 line 1 needs []
            gap project.assets.json:1: `X` has no version
        "#]],
        );
    }

    #[test]
    fn what_is_no_assets_file_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("a/project.assets.json", "{\"targets\":\n"), ("b/project.assets.json", "{\"targets\": {}}")],
            expect![[r#"
                gap a/project.assets.json:2: is not the JSON expected here: expected a value, found the end
                gap b/project.assets.json:1: has no `targets` and `libraries`, which a project.assets.json has
            "#]],
        );
    }
}

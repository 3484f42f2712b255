//! `*.deps.json`: what a .NET program is made of, written beside it when it is built.
//!
//! `libraries` lists everything with its type, `targets` what each needs and which files of it are shipped. A
//! package without a file there is only a name on the way to others: it is declared, not installed. Runtime
//! packs are the packages of the runtime that a self-contained program carries.
//! Spec: <https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md>

use std::collections::HashMap;

use super::super::json;
use super::super::lines::Lines;
use super::super::locked::{self, Locked};
use super::super::nuget::{self, Names};
use super::super::value::{Member, Value};
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::{Component, Presence};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "nuget-deps",
    about: "packages that a .NET program is made of, by its deps.json",
    reads: &["**/*.deps.json"],
    beside: &[],
    spec: "https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md",
    parse,
    enrich: nothing_beside,
};

const RUNTIME_PACK: &str = "runtimepack.";

/// Files of these kinds are shipped.
const SHIPPED: &[&str] = &["runtime", "runtimeTargets", "native", "resources"];

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let document = json::parse(&text)?;
    let Some(libraries) = document.get("libraries").filter(|libraries| libraries.is_map()) else {
        return Err(ParseError::new(1, "has no `libraries`, which a deps.json has"));
    };
    let target: HashMap<&str, &Value<'_>> =
        target(&document).iter().map(|member| (&*member.key, &member.value)).collect();
    let lines = Lines::of(&text);
    let mut problems = Problems::new();
    let mut list = Vec::new();
    let mut keys = Vec::new();
    let mut names = Names::default();
    for member in libraries.members() {
        let line = lines.line(member.at);
        let entry = target.get(&*member.key).copied();
        match component(&member.key, &member.value, entry) {
            Ok(component) => {
                names.insert(nuget::split(&member.key).map_or(&*member.key, |(name, _)| name), list.len());
                list.push(Locked::new(component, line));
                keys.push(entry);
            }
            Err(reason) => problems.push(Problem::new(line, reason)),
        }
    }
    for (locked, entry) in list.iter_mut().zip(keys) {
        locked.needs = entry.map(|entry| names.needs(entry));
    }
    Ok(Parsed { packages: locked::packages(file.path, list), problems })
}

/// The target that the program runs on; the only one where none is named, or another is.
fn target<'a>(document: &'a Value<'a>) -> &'a [Member<'a>] {
    let Some(targets) = document.get("targets") else { return &[] };
    let name =
        document.get("runtimeTarget").and_then(|target| target.as_str().or_else(|| target.field("name")));
    let largest =
        || targets.members().iter().map(|member| &member.value).max_by_key(|value| value.members().len());
    let target = name.and_then(|name| targets.get(name)).or_else(largest);
    target.map_or(&[][..], Value::members)
}

fn component(key: &str, library: &Value<'_>, entry: Option<&Value<'_>>) -> Result<Component, String> {
    let shown = || key.chars().take(80).collect::<String>();
    let (name, version) = nuget::split(key).ok_or_else(|| format!("`{}` has no version", shown()))?;
    match library.field("type").unwrap_or("package") {
        "project" => {
            let mut component = locked::own(name, Some(version));
            component.presence = Presence::Installed;
            Ok(component)
        }
        // An assembly that lay beside the project, of no package.
        "reference" | "referenceassembly" => {
            let mut component = Component::new(name);
            component.version = Some(version.to_owned());
            Ok(component)
        }
        _ => {
            let is_shipped =
                entry.is_none_or(|entry| SHIPPED.iter().any(|kind| entry.keys(kind).next().is_some()));
            let presence = if is_shipped { Presence::Installed } else { Presence::Declared };
            let id = name.strip_prefix(RUNTIME_PACK).unwrap_or(name);
            nuget::named(id, version, library.field("sha512").unwrap_or_default(), presence)
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_self_contained_program_carries_its_runtime() {
        let deps = r#"{
  "runtimeTarget": {"name": ".NETCoreApp,Version=v8.0/linux-x64", "signature": ""},
  "targets": {
    ".NETCoreApp,Version=v8.0": {},
    ".NETCoreApp,Version=v8.0/linux-x64": {
      "App/1.0.0": {"dependencies": {"newtonsoft.json": "13.0.1", "Meta": "1.0.0", "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64": "8.0.0"}, "runtime": {"App.dll": {}}},
      "Newtonsoft.Json/13.0.1": {"runtime": {"lib/netstandard2.0/Newtonsoft.Json.dll": {}}},
      "Meta/1.0.0": {"dependencies": {"Libuv": "1.9.1"}},
      "Libuv/1.9.1": {"runtimeTargets": {"runtimes/linux-x64/native/libuv.so": {"rid": "linux-x64"}}},
      "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.0": {"runtime": {"System.Private.CoreLib.dll": {}}},
      "Old/2.0.0.0": {"runtime": {"Old.dll": {}}}
    }
  },
  "libraries": {
    "App/1.0.0": {"type": "project", "serviceable": false, "sha512": ""},
    "Newtonsoft.Json/13.0.1": {"type": "package", "serviceable": true,
      "sha512": "sha512-ppPFpBcvxdsfUonNcvITKqLl3bqxWbDCZIzDWHzjpdAHRFfZe0Dw9HmA0+za13IdyrgJwpkDTDA9fHaxOrt20A==", "path": "newtonsoft.json/13.0.1"},
    "Meta/1.0.0": {"type": "package"},
    "Libuv/1.9.1": {"type": "package"},
    "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.0": {"type": "runtimepack", "sha512": ""},
    "Old/2.0.0.0": {"type": "reference"}
  }
}"#;
        check(
            &ECOSYSTEM,
            &[("app/App.deps.json", deps)],
            expect![[r#"
            application:App@1.0.0 line 15 application first-party needs [Meta@1.0.0, Microsoft.NETCore.App.Runtime.linux-x64@8.0.0, Newtonsoft.Json@13.0.1]
            library:Old@2.0.0.0 line 21 needs []
            pkg:nuget/Libuv@1.9.1 line 19 needs []
            pkg:nuget/Meta@1.0.0 line 18 needs [Libuv@1.9.1]
            pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.0 line 20 needs []
            pkg:nuget/Newtonsoft.Json@13.0.1 line 16 SHA-512:a693c5a4 needs []
        "#]],
        );
    }

    #[test]
    fn a_target_that_is_not_there_is_the_one_that_is() {
        let deps = "\u{feff}{\"runtimeTarget\": {\"name\": \"gone\"}, \"targets\": {\"a\": {}, \"b\": {\"X/1.0.0\": {\"dependencies\": {\"Y\": \"2.0.0\"}}}},\n\
                    \"libraries\": {\"X/1.0.0\": {\"type\": \"package\"},\n\"Y/2.0.0\": {}, \"Z\": {}, \"a b/1\": []}}";
        check(
            &ECOSYSTEM,
            &[("x.deps.json", deps)],
            expect![[r#"
            pkg:nuget/X@1.0.0 line 2 needs [Y@2.0.0]
            pkg:nuget/Y@2.0.0 line 3
            gap x.deps.json:3: `Z` has no version
            gap x.deps.json:3: `a b` is no name of a package
        "#]],
        );
    }

    #[test]
    fn what_is_no_deps_json_is_a_gap_with_its_line() {
        check(
            &ECOSYSTEM,
            &[
                ("a.deps.json", "{\"libraries\": {\n\"X/1.0.0\": {\"ty"),
                ("b.deps.json", "{\"libraries\": 1}"),
            ],
            expect![[r#"
                gap a.deps.json:2: is not the JSON expected here: a text is never closed
                gap b.deps.json:1: has no `libraries`, which a deps.json has
            "#]],
        );
    }
}

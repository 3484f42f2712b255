//! Project files of .NET (`*.csproj` and its kin) and `Directory.Packages.props`: packages a project asks for.
//!
//! A plain version is the lowest that will do, and NuGet takes the lowest: it is what the project gets, where
//! its feed has it. Ranges and versions from variables are not known here. What these packages need in turn is
//! written nowhere but in a lockfile; where one lies beside a project, the project is not asked.
//! Spec: <https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files>

use roxmltree::{Document, Node};

use super::super::locked::{self, Locked};
use super::super::nuget;
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Presence, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "nuget-project",
    about: "packages that .NET projects ask for, where no lockfile lies beside",
    reads: &["**/*.csproj", "**/*.fsproj", "**/*.vbproj", "**/*Packages.props"],
    beside: &["**/packages.lock.json", "**/project.assets.json"],
    spec: "https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files",
    parse,
    enrich: nothing_beside,
};

/// Elements that name a package.
const REFERENCES: &[&str] = &["PackageReference", "PackageVersion", "GlobalPackageReference"];

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    if has_lockfile(file, tree) {
        return Ok(Parsed::default());
    }
    let text = file.text();
    let document = Document::parse(&text).map_err(|error| {
        ParseError::new(error.pos().row, format!("is not the XML expected here: {error}"))
    })?;
    let root = document.root_element();
    if root.tag_name().name() != "Project" {
        return Err(ParseError::new(1, "has no `Project` at its root"));
    }
    let mut parsed = Parsed::default();
    let mut list = Vec::new();
    let mut needs = Vec::new();
    for node in root.descendants().filter(|node| REFERENCES.contains(&node.tag_name().name())) {
        let line = document.text_pos_at(node.range().start).row;
        match package(node, line) {
            Ok(Some((locked, scope))) => {
                needs.push((list.len(), scope));
                list.push(locked);
            }
            Ok(None) => {}
            Err(reason) => parsed.problems.push(Problem::new(line, reason)),
        }
    }
    let is_project = !file.path.ends_with(".props");
    if is_project {
        let mut project = project(root, file.path);
        // Nothing is known to be needed only where nothing was left unsaid.
        project.needs = (!needs.is_empty() || parsed.problems.is_empty()).then_some(needs);
        if !list.is_empty() {
            parsed.problems.push(Problem::new(None, "no lockfile beside says what its packages need"));
        }
        list.push(project);
    }
    parsed.packages = locked::packages(file.path, list);
    Ok(parsed)
}

fn has_lockfile(file: &File<'_>, tree: &Tree) -> bool {
    let folder = file.folder();
    let slash = if folder.is_empty() { "" } else { "/" };
    let lockfiles = ["packages.lock.json", "obj/project.assets.json"];
    lockfiles.iter().any(|name| tree.read(&format!("{folder}{slash}{name}")).is_some())
}

/// An attribute, or the child element of that name.
fn property<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let child = || node.children().find(|child| child.tag_name().name() == name)?.text();
    node.attribute(name).or_else(child).map(str::trim).filter(|text| !text.is_empty())
}

/// `None` where nothing exact is said: a version may be managed elsewhere.
fn package(node: Node<'_, '_>, line: u32) -> Result<Option<(Locked, Scope)>, String> {
    let id = property(node, "Include").or_else(|| property(node, "Update"));
    let version = property(node, "VersionOverride").or_else(|| property(node, "Version"));
    let (Some(id), Some(version)) = (id, version) else { return Ok(None) };
    // `[1.2.3]` is exactly that.
    let exact = version.strip_prefix('[').and_then(|version| version.strip_suffix(']')).unwrap_or(version);
    if id.contains("$(")
        || !exact.starts_with(|first: char| first.is_ascii_digit())
        || exact.contains([',', '*'])
    {
        let shown = |text: &str| text.chars().take(80).collect::<String>();
        return Err(format!("`{}` in version `{}` is nothing exact", shown(id), shown(version)));
    }
    let mut locked = Locked::new(nuget::named(id, exact, "", Presence::Declared)?, line);
    let is_private = property(node, "PrivateAssets").is_some_and(|assets| assets.eq_ignore_ascii_case("all"));
    let scope = if is_private { Scope::Dev } else { Scope::Required };
    locked.scope = Some(scope);
    Ok(Some((locked, scope)))
}

/// The project is called as its file, unless it says otherwise.
fn project(root: Node<'_, '_>, path: &str) -> Locked {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let find = |name: &str| {
        let mut nodes = root.descendants().filter(|node| node.tag_name().name() == name);
        let text = nodes.find(|node| {
            node.parent_element().is_some_and(|parent| parent.tag_name().name() == "PropertyGroup")
        });
        text?.text().map(str::trim).filter(|text| !text.is_empty() && !text.contains("$("))
    };
    let component =
        locked::own(find("PackageId").or_else(|| find("AssemblyName")).unwrap_or(stem), find("Version"));
    Locked { component, line: None, scope: None, needs: None }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_project_and_what_it_asks_for() {
        let project = "<Project Sdk=\"Microsoft.NET.Sdk\">\n  <PropertyGroup>\n    <Version>1.4.0</Version>\n  </PropertyGroup>\n  <ItemGroup>\n    \
            <PackageReference Include=\"LiteDB\" Version=\"5.0.12\" />\n    <PackageReference Include=\"Exact\">\n      <Version>[2.0.0]</Version>\n    </PackageReference>\n    \
            <PackageReference Include=\"Analyzer\" Version=\"3.0.0\" PrivateAssets=\"All\" />\n    <PackageReference Include=\"Central\" />\n  </ItemGroup>\n</Project>\n";
        let central = "\u{feff}<Project>\n<ItemGroup>\n<PackageVersion Include=\"Central\" Version=\"6.2.3\" />\n</ItemGroup></Project>";
        check(
            &ECOSYSTEM,
            &[
                ("src/Notes.csproj", project),
                ("Directory.Packages.props", central),
                ("locked/Other.csproj", project),
                ("locked/packages.lock.json", "{}"),
            ],
            expect![[r#"
                application:Notes@1.4.0 application first-party needs [Analyzer@3.0.0, Exact@2.0.0, LiteDB@5.0.12]
                pkg:nuget/Analyzer@3.0.0 line 10 dev
                pkg:nuget/Central@6.2.3 line 3
                pkg:nuget/Exact@2.0.0 line 7
                pkg:nuget/LiteDB@5.0.12 line 6
                gap src/Notes.csproj: no lockfile beside says what its packages need
            "#]],
        );
    }

    #[test]
    fn what_is_nothing_exact_is_a_gap() {
        let project = "<Project>\n<PackageReference Include=\"A\" Version=\"$(V)\" />\n<PackageReference Include=\"B\" Version=\"[1,2)\" />\n\
            <PackageReference Include=\"C\" Version=\"1.*\" />\n<PackageReference Include=\"\" Version=\"1\" />\n<PackageReference Include=\"$(D)\" Version=\"1\" /></Project>";
        check(
            &ECOSYSTEM,
            &[("A.fsproj", project)],
            expect![[r#"
                application:A application first-party
                gap A.fsproj:2: `A` in version `$(V)` is nothing exact
                gap A.fsproj:3: `B` in version `[1,2)` is nothing exact
                gap A.fsproj:4: `C` in version `1.*` is nothing exact
                gap A.fsproj:6: `$(D)` in version `1` is nothing exact
            "#]],
        );
    }

    #[test]
    fn what_is_no_project_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("A.csproj", "<Project>\n<Item"), ("Directory.Packages.props", "<Packages/>")],
            expect![[r#"
                gap A.csproj:1: is not the XML expected here: the root node was opened but never closed
                gap Directory.Packages.props:1: has no `Project` at its root
            "#]],
        );
    }
}

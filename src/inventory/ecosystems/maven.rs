//! `pom.xml`: what a project of Maven declares.
//!
//! Read without a network: versions that come from a parent or a bill of materials which is not in the tree are
//! not known, and each such dependency is a gap. Ranges are no versions. What a dependency needs in turn is not
//! in the file. Profiles are left alone, because which of them was active is not written down. A dependency on
//! another module of the same tree is no library.
//! Spec: <https://maven.apache.org/pom.html>

use super::super::maven::{Dependency, Pom, Project, is_plain};
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::{Component, Kind, Presence, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "maven",
    about: "dependencies declared in pom.xml",
    reads: &["**/pom.xml"],
    beside: &["**/.m2/repository/**/*.pom"],
    spec: "https://maven.apache.org/pom.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    // Those of archives say what was packed, and are read with the archive; so are those left of a build.
    if file.path.contains("!/") || file.folder().contains("META-INF/maven/") {
        return Ok(Parsed::default());
    }
    let project = Project::of(file.path, Pom::parse(&file.text())?, tree);
    let mut parsed = Parsed::default();
    if let Some(missing) = &project.missing_parent {
        let line = project.pom().line;
        parsed.problems.push(Problem::new(
            line,
            format!("the parent `{missing}` is not here: what it manages is unknown"),
        ));
    }
    for missing in &project.missing_imports {
        parsed.problems.push(Problem::new(None, format!("the bill of materials `{missing}` is not here")));
    }
    let mut needs = Vec::new();
    for dependency in project.dependencies() {
        let module = format!("maven-module:{}:{}", dependency.group, dependency.artifact);
        if is_module(&project, &dependency, tree) {
            needs.push(Need::of(module));
            continue;
        }
        match package(file.path, &dependency, &mut parsed.problems) {
            Ok(package) => {
                needs.extend(package.addresses.first().map(Need::of));
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(line_of(&dependency), reason)),
        }
    }
    parsed.packages.extend(own_package(&project, needs));
    Ok(parsed)
}

/// The project itself. No registry need know it.
fn own_package(project: &Project, needs: Vec<Need>) -> Option<Package> {
    let coordinates = project.coordinates()?;
    let mut component = Component::new(coordinates.name());
    component.version = coordinates.version.clone();
    component.kind = Kind::Application;
    component.presence = Presence::Declared;
    component.first_party = true;
    let (path, licenses) = project.licenses();
    component.licenses.extend(licenses.iter().filter_map(|license| license.claim(path)));
    let mut package = Package::new(component);
    package.line = project.pom().line;
    package.addresses = vec![format!("maven-module:{}", coordinates.name())];
    package.needs = Some(needs);
    Some(package)
}

/// Whether a dependency is built in this tree: modules lie in folders named after them, below the project that
/// lists them.
fn is_module(project: &Project, dependency: &Dependency, tree: &Tree) -> bool {
    is_plain(&dependency.artifact)
        && project.folders().any(|folder| {
            let path = [folder, &dependency.artifact, "pom.xml"];
            let path: Vec<&str> = path.into_iter().filter(|part| !part.is_empty()).collect();
            let pom =
                tree.read(&path.join("/")).and_then(|bytes| Pom::parse(&String::from_utf8_lossy(bytes)).ok());
            pom.is_some_and(|pom| {
                let group = pom.group.or(pom.parent.map(|parent| parent.group));
                pom.artifact.as_deref() == Some(&dependency.artifact)
                    && group.as_deref() == Some(&dependency.group)
            })
        })
}

fn package(path: &str, dependency: &Dependency, problems: &mut Problems) -> Result<Package, String> {
    let Dependency { group, artifact, kind, classifier, .. } = dependency;
    if !is_plain(group) || !is_plain(artifact) {
        return Err(format!("`{group}:{artifact}` cannot be told: a placeholder in it is not filled here"));
    }
    let coordinates = dependency.coordinates();
    if coordinates.version.is_none() {
        let reason = format!("the version of `{}` cannot be told from what is here", coordinates.name());
        problems.push(Problem::new(line_of(dependency), reason));
    }
    let plain = |text: &str| if is_plain(text) { text.to_owned() } else { String::new() };
    let mut component = coordinates.component(&plain(kind), &plain(classifier))?;
    component.presence = Presence::Declared;
    let mut package = Package::new(component);
    package.line = line_of(dependency);
    package.scope = Some(match dependency.scope.as_deref() {
        Some("test") => Scope::Dev,
        // Whatever runs the project has to bring it.
        Some("provided" | "system") => Scope::Optional,
        _ if dependency.optional => Scope::Optional,
        _ => Scope::Required,
    });
    package.addresses = vec![format!("maven:{path}#{}:{kind}:{classifier}", coordinates.name())];
    Ok(package)
}

/// Lines of inherited dependencies are those of another file.
fn line_of(dependency: &Dependency) -> Option<u32> {
    Some(dependency.line).filter(|line| *line > 0)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn dependencies_are_listed_with_scope_and_line() {
        let pom = "<project>\n<groupId>org.example</groupId><artifactId>app</artifactId><version>${revision}</version>\n\
                   <properties><revision>1.0</revision><slf4j>2.0.9</slf4j></properties>\n\
                   <licenses><license><name>MIT</name></license></licenses>\n<dependencies>\n\
                   <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><version>${slf4j}</version></dependency>\n\
                   <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>[4.13]</version><scope>test</scope></dependency>\n\
                   <dependency><groupId>javax</groupId><artifactId>javaee-api</artifactId><version>8</version><scope>provided</scope></dependency>\n\
                   <dependency><groupId>io.netty</groupId><artifactId>netty</artifactId><version>4</version><type>zip</type><classifier>linux</classifier></dependency>\n\
                   </dependencies></project>";
        check(
            &ECOSYSTEM,
            &[("pom.xml", pom)],
            expect![[r#"
            application:org.example:app@1.0 line 2 application first-party declared `MIT` needs [io.netty/netty@4, javax/javaee-api@8, junit/junit@4.13, org.slf4j/slf4j-api@2.0.9]
            pkg:maven/io.netty/netty@4?classifier=linux&type=zip line 9
            pkg:maven/javax/javaee-api@8 line 8 optional
            pkg:maven/junit/junit@4.13 line 7 dev
            pkg:maven/org.slf4j/slf4j-api@2.0.9 line 6
        "#]],
        );
    }

    #[test]
    fn what_parents_and_bills_of_materials_manage_is_filled_in() {
        let root = "<project><groupId>org.example</groupId><artifactId>root</artifactId><version>1</version>\
                    <properties><a>1.1</a></properties><licenses><license><name>Apache-2.0</name></license></licenses>\
                    <dependencyManagement><dependencies>\
                    <dependency><groupId>g</groupId><artifactId>a</artifactId><version>${a}</version><scope>test</scope></dependency>\
                    <dependency><groupId>bom</groupId><artifactId>bom</artifactId><version>1</version><type>pom</type><scope>import</scope></dependency>\
                    </dependencies></dependencyManagement>\
                    <dependencies><dependency><groupId>g</groupId><artifactId>inherited</artifactId><version>${a}</version></dependency></dependencies></project>";
        let module = "<project><parent><groupId>org.example</groupId><artifactId>root</artifactId><version>1</version></parent>\n\
                      <artifactId>module</artifactId><properties><a>1.2</a></properties><dependencies>\n\
                      <dependency><groupId>g</groupId><artifactId>a</artifactId></dependency>\n\
                      <dependency><groupId>g</groupId><artifactId>managed</artifactId></dependency>\n\
                      <dependency><groupId>${project.groupId}</groupId><artifactId>other</artifactId><version>${project.version}</version></dependency>\n\
                      </dependencies></project>";
        let other = "<project><parent><groupId>org.example</groupId><artifactId>root</artifactId><version>1</version></parent>\
                     <artifactId>other</artifactId></project>";
        let bill = "<project><groupId>bom</groupId><artifactId>bom</artifactId><version>1</version><dependencyManagement><dependencies>\
                    <dependency><groupId>bom</groupId><artifactId>inner</artifactId><version>2</version><type>pom</type><scope>import</scope></dependency>\
                    </dependencies></dependencyManagement></project>";
        let inner = "<project><groupId>bom</groupId><artifactId>inner</artifactId><version>1</version><dependencyManagement><dependencies>\
                   <dependency><groupId>g</groupId><artifactId>managed</artifactId><version>${project.version}.5</version></dependency>\
                   </dependencies></dependencyManagement></project>";
        check(
            &ECOSYSTEM,
            &[
                ("pom.xml", root),
                ("module/pom.xml", module),
                ("other/pom.xml", other),
                (".m2/repository/bom/bom/1/bom-1.pom", bill),
                (".m2/repository/bom/inner/2/inner-2.pom", inner),
            ],
            expect![[r#"
                application:org.example:module@1 line 2 application first-party declared `Apache-2.0` needs [application:org.example:other@1, g/a@1.2, g/inherited@1.2, g/managed@1.5]
                application:org.example:other@1 line 1 application first-party declared `Apache-2.0` needs [g/inherited@1.1]
                application:org.example:root@1 line 1 application first-party declared `Apache-2.0` needs [g/inherited@1.1]
                pkg:maven/g/a@1.2 line 3 dev
                pkg:maven/g/inherited@1.1 line 1
                pkg:maven/g/inherited@1.2
                pkg:maven/g/managed@1.5 line 4
            "#]],
        );
    }

    #[test]
    fn what_is_not_in_the_tree_is_a_gap() {
        let pom = "<project><parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>\
                   <version>3.2.0</version></parent>\n<artifactId>app</artifactId>\n<dependencies>\
                   <dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency>\n\
                   <dependency><groupId>g</groupId><artifactId>ranged</artifactId><version>[1,2)</version></dependency>\n\
                   <dependency><groupId>${nowhere}</groupId><artifactId>x</artifactId></dependency></dependencies></project>";
        check(
            &ECOSYSTEM,
            &[("pom.xml", pom), ("x.jar!/META-INF/maven/a/b/pom.xml", pom)],
            expect![[r#"
            application:org.springframework.boot:app@3.2.0 line 2 application first-party needs [g/ranged, org.springframework.boot/spring-boot-starter-web]
            pkg:maven/g/ranged line 4
            pkg:maven/org.springframework.boot/spring-boot-starter-web line 3
            gap pom.xml:2: the parent `org.springframework.boot:spring-boot-starter-parent:3.2.0` is not here: what it manages is unknown
            gap pom.xml:3: the version of `org.springframework.boot:spring-boot-starter-web` cannot be told from what is here
            gap pom.xml:4: the version of `g:ranged` cannot be told from what is here
            gap pom.xml:5: `${nowhere}:x` cannot be told: a placeholder in it is not filled here
        "#]],
        );
    }

    #[test]
    fn rings_end_and_what_is_no_project_is_a_gap() {
        let ring = "<project><parent><groupId>g</groupId><artifactId>ring</artifactId><version>1</version><relativePath>pom.xml</relativePath></parent>\
                    <artifactId>ring</artifactId><properties><a>${b}${b}</a><b>${a}${a}</b></properties>\
                    <dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${a}</version></dependency></dependencies></project>";
        let turned = |to: &str| ring.replace("<relativePath>pom.xml", &format!("<relativePath>../{to}"));
        check(
            &ECOSYSTEM,
            &[
                ("a/pom.xml", &turned("b")),
                ("b/pom.xml", &turned("a")),
                ("c/pom.xml", ring),
                ("d/pom.xml", "<html>"),
            ],
            expect![[r#"
                application:g:ring@1 line 1+1+1 application first-party needs [g/a]
                pkg:maven/g/a line 1+1+1
                gap a/pom.xml:1: the version of `g:a` cannot be told from what is here
                gap b/pom.xml:1: the version of `g:a` cannot be told from what is here
                gap c/pom.xml:1: the parent `g:ring:1` is not here: what it manages is unknown
                gap c/pom.xml:1: the version of `g:a` cannot be told from what is here
                gap d/pom.xml:1: is not the XML expected here: the root node was opened but never closed
            "#]],
        );
    }
}

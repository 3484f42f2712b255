//! Applications of Java that were unpacked: a web archive in its server's folder, a Spring Boot archive in its
//! layers.
//!
//! Images are often built so, that the libraries make a layer of their own. The libraries are archives as
//! before; what is left of the application's are the properties that Maven wrote. What a build leaves in
//! `target` is the project's, and is not read.
//! Spec: <https://docs.spring.io/spring-boot/specification/executable-jar/nested-jars.html>

use super::super::maven::Coordinates;
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::Kind;
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "java-folder",
    about: "applications of Java that were unpacked",
    reads: &["**/META-INF/maven/*/*/pom.properties"],
    beside: &["**/{BOOT,WEB}-INF/lib/*.jar!/.archive"],
    spec: "https://docs.spring.io/spring-boot/specification/executable-jar/nested-jars.html",
    parse,
    enrich: nothing_beside,
};

/// Where libraries lie, seen from the root of the application.
const LIBRARIES: &[&str] = &["BOOT-INF/lib", "WEB-INF/lib"];

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let Some(root) = root(file.path) else { return Ok(Parsed::default()) };
    let mut parsed = Parsed::default();
    let package = Coordinates::of_properties(file.bytes)
        .ok_or_else(|| "names no artefact".to_owned())
        .and_then(|coordinates| coordinates.component("", ""));
    match package {
        Ok(mut component) => {
            component.kind = Kind::Application;
            let mut package = Package::new(component);
            package.needs = libraries(root, tree);
            parsed.packages.push(package);
        }
        Err(reason) => parsed.problems.push(Problem::new(None, reason)),
    }
    Ok(parsed)
}

/// The application's folder, ending in a slash or empty. `None` for files of archives and builds.
fn root(path: &str) -> Option<&str> {
    let root = &path[..path.rfind("META-INF/maven/")?];
    let is_build = root.split('/').any(|name| name == "target");
    (!root.contains("!/") && !is_build).then_some(root)
}

/// The archives beside it. `None` where there are none: what it needs then lies elsewhere.
fn libraries(root: &str, tree: &Tree) -> Option<Vec<Need>> {
    let files = LIBRARIES.iter().flat_map(|folder| tree.below(&format!("{root}{folder}")));
    let archives = files.filter_map(|(path, _)| path.strip_suffix("!/.archive"));
    let direct = archives.filter(|path| !path.contains("!/"));
    let needs: Vec<Need> = direct.map(|path| Need::of(format!("jar:{path}"))).collect();
    (!needs.is_empty()).then_some(needs)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;
    use crate::layers::{Entry, Extract, Node};

    const APP: &str = "groupId=org.example\nartifactId=app\nversion=1.0\n";

    #[test]
    fn an_unpacked_application_is_listed() {
        check(
            &ECOSYSTEM,
            &[
                ("app/META-INF/maven/org.example/app/pom.properties", APP),
                ("app/BOOT-INF/lib/x-1.jar!/.archive", "members 1\n"),
                ("app/BOOT-INF/lib/x-1.jar!/lib/y.jar!/.archive", "members 1\n"),
            ],
            expect![[r#"
                pkg:maven/org.example/app@1.0 application needs []
            "#]],
        );
    }

    #[test]
    fn its_libraries_are_those_beside_it() {
        let files = [
            Entry { path: "a/WEB-INF/lib/x-1.jar!/.archive".into(), node: Node::File((*b"").into()) },
            Entry { path: "a/WEB-INF/lib/x-1.jar!/y.jar!/.archive".into(), node: Node::File((*b"").into()) },
            Entry { path: "WEB-INF/lib/z.jar!/.archive".into(), node: Node::File((*b"").into()) },
        ];
        let tree = Tree::stack([&Extract { entries: files.into(), ..Extract::default() }]);
        assert_eq!(libraries("a/", &tree), Some(vec![Need::of("jar:a/WEB-INF/lib/x-1.jar")]));
        assert_eq!(libraries("", &tree), Some(vec![Need::of("jar:WEB-INF/lib/z.jar")]));
        assert_eq!(libraries("b/", &tree), None);
    }

    #[test]
    fn files_of_archives_and_builds_are_not_read() {
        check(
            &ECOSYSTEM,
            &[
                ("x.jar!/META-INF/maven/org.example/app/pom.properties", APP),
                ("app/target/classes/META-INF/maven/org.example/app/pom.properties", APP),
                ("META-INF/maven/a/b/pom.properties", "groupId=\n\u{0}"),
            ],
            expect![[r#"
                gap META-INF/maven/a/b/pom.properties: names no artefact
            "#]],
        );
    }
}

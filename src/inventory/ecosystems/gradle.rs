//! Gradle's lockfiles: what was resolved for each configuration of a build.
//!
//! Since Gradle 6.8 one `gradle.lockfile` a project, lines of `group:artifact:version=configurations`, and one
//! of the build script itself; before, a file for each configuration. Which library needs which is not in
//! them. A library that only configurations for tests, annotation processors or the build script name is not
//! needed to run.
//! Spec: <https://docs.gradle.org/current/userguide/dependency_locking.html>

use super::super::maven::{Coordinates, is_plain};
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Presence, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "gradle",
    about: "libraries locked by Gradle",
    reads: &[
        "**/buildscript-gradle.lockfile",
        "**/gradle.lockfile",
        "**/gradle/dependency-locks/*.lockfile",
        "**/settings-gradle.lockfile",
    ],
    beside: &[],
    spec: "https://docs.gradle.org/current/userguide/dependency_locking.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let name = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".lockfile");
    let mut parsed = Parsed::default();
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("empty=") {
            continue;
        }
        match package(line, name) {
            Ok(mut package) => {
                package.line = Some(number);
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(number, reason)),
        }
    }
    Ok(parsed)
}

fn package(line: &str, file: &str) -> Result<Package, String> {
    let (module, configurations) = line.split_once('=').unwrap_or((line, file));
    let mut parts = module.split(':');
    let coordinates = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(group), Some(artifact), Some(version), None)
            if [group, artifact, version].into_iter().all(is_plain) =>
        {
            Coordinates { group: group.into(), artifact: artifact.into(), version: Some(version.into()) }
        }
        _ => return Err(format!("`{module}` is not `group:artifact:version`")),
    };
    let mut component = coordinates.component("", "")?;
    component.presence = Presence::Declared;
    let mut package = Package::new(component);
    let is_build_script = matches!(file, "buildscript-gradle" | "settings-gradle");
    let to_run = !is_build_script && configurations.split(',').map(str::trim).any(is_to_run);
    package.scope = Some(if to_run { Scope::Required } else { Scope::Dev });
    Ok(package)
}

/// Configurations are named after the set of sources they are for: `testRuntimeClasspath`,
/// `debugUnitTestCompileClasspath`. A bare `classpath` is the build script's.
fn is_to_run(configuration: &str) -> bool {
    let name = configuration.to_ascii_lowercase();
    !name.contains("test") && !name.contains("annotationprocessor") && name != "classpath"
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn locked_libraries_are_listed_with_what_they_are_for() {
        let lock = "# This is a Gradle generated file for dependency locking.\n\
                    joda-time:joda-time:2.2=compileClasspath,testCompileClasspath\n\
                    junit:junit:4.13.2=testCompileClasspath, debugUnitTestRuntimeClasspath\n\
                    org.projectlombok:lombok:1.18.30=annotationProcessor\n\
                    empty=kapt\n";
        check(
            &ECOSYSTEM,
            &[
                ("app/gradle.lockfile", lock),
                ("app/buildscript-gradle.lockfile", "com.android.tools.build:gradle:8.1=classpath\n"),
            ],
            expect![[r#"
                pkg:maven/com.android.tools.build/gradle@8.1 line 1 dev
                pkg:maven/joda-time/joda-time@2.2 line 2
                pkg:maven/junit/junit@4.13.2 line 3 dev
                pkg:maven/org.projectlombok/lombok@1.18.30 line 4 dev
            "#]],
        );
    }

    #[test]
    fn before_there_was_a_file_for_each_configuration() {
        check(
            &ECOSYSTEM,
            &[
                ("gradle/dependency-locks/runtimeClasspath.lockfile", "a:b:1\n"),
                ("gradle/dependency-locks/testRuntimeClasspath.lockfile", "a:b:1\r\na:c:2\r\n"),
            ],
            expect![[r#"
                pkg:maven/a/b@1 line 1+1
                pkg:maven/a/c@2 line 2 dev
            "#]],
        );
    }

    #[test]
    fn a_line_that_is_none_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("gradle.lockfile", "a:b=x\na:b:1:2=x\n: : =\n=\nc:d:1=\n")],
            expect![[r#"
            pkg:maven/c/d@1 line 5
            gap gradle.lockfile:1: `a:b` is not `group:artifact:version`
            gap gradle.lockfile:2: `a:b:1:2` is not `group:artifact:version`
            gap gradle.lockfile:3: `: : ` is not `group:artifact:version`
            gap gradle.lockfile:4: `` is not `group:artifact:version`
        "#]],
        );
    }
}

//! `uses:` of workflows and actions: what GitHub runs to build a project.
//!
//! Read line by line, not as YAML: a value is all we need, and its comment, which names the release a commit
//! stands for, is lost on a YAML reader. The version is what is written behind `@`, commits included; what a
//! comment says is no pin. Actions are for building only. Workflows of packages installed in the tree are not
//! the project's.
//! Spec: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses>

use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, nothing_beside};
use crate::bom::{Component, Presence, Purl, PurlError, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "github-actions",
    about: "actions and workflows that GitHub runs for a project",
    reads: &[
        "**/.github/workflows/*.{yml,yaml}",
        "**/.github/actions/**/action.{yml,yaml}",
        "action.{yml,yaml}",
    ],
    beside: &[],
    spec: "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses",
    parse,
    enrich: nothing_beside,
};

/// Folders that hold other people's projects.
const NOT_OURS: &[&str] =
    &["node_modules/", "vendor/", "site-packages/", "dist-packages/", "pkg/mod/", ".cargo/", "/gems/"];

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let mut parsed = Parsed::default();
    if NOT_OURS.iter().any(|folder| file.path.contains(folder)) {
        return Ok(parsed);
    }
    let text = file.text();
    // The indentation of the key whose value is a block of text, in which nothing is a key.
    let mut block: Option<usize> = None;
    for (index, line) in text.lines().enumerate() {
        let indentation = line.len() - line.trim_start().len();
        if block.is_some_and(|block| line.trim().is_empty() || indentation > block) {
            continue;
        }
        block = begins_block(line).then_some(indentation);
        let Some(value) = uses(line) else { continue };
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        match package(value) {
            Some(Ok(mut package)) => {
                package.line = Some(number);
                parsed.packages.push(package);
            }
            Some(Err(error)) => parsed.problems.push(Problem::new(number, error.to_string())),
            None => {}
        }
    }
    Ok(parsed)
}

/// `run: |`
fn begins_block(line: &str) -> bool {
    let Some((_, value)) = line.split_once(": ") else { return false };
    let value = value.split(" #").next().unwrap_or_default().trim();
    value.starts_with(['|', '>']) && value[1..].chars().all(|c| "+-123456789".contains(c))
}

/// The value of the key, without quotes and comment.
fn uses(line: &str) -> Option<&str> {
    let line = line.trim_start().trim_start_matches("- ").trim_start();
    let value = line.strip_prefix("uses:").or_else(|| line.strip_prefix("\"uses\":"))?;
    let value = value.split(" #").next()?.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then_some(value)
}

/// `None` for what lies in the project itself, and for values that are only known when it runs.
fn package(value: &str) -> Option<Result<Package, PurlError>> {
    if value.starts_with('.') || value.contains("${{") {
        return None;
    }
    Some(component(value).map(|mut component| {
        component.presence = Presence::Declared;
        component.asked_for = true;
        let mut package = Package::new(component);
        package.scope = Some(Scope::Dev);
        package
    }))
}

fn component(value: &str) -> Result<Component, PurlError> {
    if let Some(image) = value.strip_prefix("docker://") {
        let (name, version) = match image.rsplit_once('@').or_else(|| image.rsplit_once(':')) {
            Some((name, version)) if !version.contains('/') => (name, Some(version)),
            _ => (image, None),
        };
        let (namespace, bare) = name.rsplit_once('/').unwrap_or(("", name));
        let mut component = Component::new(name);
        component.version = version.map(str::to_owned);
        component.purl = Some(Purl::new("docker", Some(namespace), bare, version, &[])?);
        return Ok(component);
    }
    let (place, version) = value.split_once('@').map_or((value, None), |(place, at)| (place, Some(at)));
    // `owner/name/path/to/action`
    let mut parts = place.splitn(3, '/');
    let (owner, name, path) = (parts.next(), parts.next().unwrap_or_default(), parts.next());
    let mut component = Component::new(place.split('/').take(2).collect::<Vec<_>>().join("/"));
    component.version = version.map(str::to_owned);
    let mut purl = Purl::new("github", owner, name, version, &[])?;
    if let Some(path) = path.filter(|path| !path.is_empty()) {
        purl = format!("{purl}#{path}").parse()?;
    }
    component.purl = Some(purl);
    Ok(component)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_commit_is_kept_and_its_comment_is_not_a_version() {
        let workflow = "on: push\njobs:\n  build:\n    steps:\n      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2\n\
                        \x20     - name: cache\n        uses: \"actions/cache/restore@v3\"\n      - uses: ./.github/actions/local\n      - uses: docker://ghcr.io/o/lint:1.2\n\
                        \x20 call:\n    uses: octo-org/another-repo/.github/workflows/workflow.yml@v1\n";
        check(
            &ECOSYSTEM,
            &[(".github/workflows/ci.yml", workflow)],
            expect![[r#"
            pkg:docker/ghcr.io/o/lint@1.2 line 9 dev
            pkg:github/actions/cache@v3#restore line 7 dev
            pkg:github/actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 line 5 dev
            pkg:github/octo-org/another-repo@v1#.github/workflows/workflow.yml line 11 dev
        "#]],
        );
    }

    #[test]
    fn scripts_and_other_peoples_workflows_are_not_read() {
        let action = "runs:\n  using: composite\n  steps:\n  - run: |\n      cat <<END\n      - uses: not/this@v1\n\n      uses: nor/this@v1\n      END\n  - uses: yes/this@main\n\
                      \x20   with: {x: y}\n  - uses: ${{ matrix.action }}\n  - uses: docker://alpine@sha256:abc\n";
        check(
            &ECOSYSTEM,
            &[
                (".github/actions/a/b/action.yaml", action),
                ("node_modules/x/.github/workflows/ci.yml", "- uses: other/people@v1\n"),
            ],
            expect![[r#"
                pkg:docker/alpine@sha256:abc line 13 dev
                pkg:github/yes/this@main line 10 dev
            "#]],
        );
    }

    #[test]
    fn what_names_no_action_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("action.yml", "uses:\nuses: a\n- uses: /b@v1\n  uses: c/d\n- uses: e/@x\nuses: '"),
                (".github/workflows/x.yml", "run: |"),
            ],
            expect![[r#"
                pkg:github/b@v1 line 3 dev
                pkg:github/c/d line 4 dev
                gap action.yml:2: `pkg:github/` is not a package URL: missing name
                gap action.yml:5: `pkg:github/` is not a package URL: missing name
            "#]],
        );
    }
}

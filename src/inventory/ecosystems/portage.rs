//! Portage's database: what is installed on Gentoo.
//!
//! One folder a package, `<category>/<name>-<version>`, one small file a fact. Licences and dependencies are
//! in one notation: `|| ( A B )` is a choice, `use? ( A )` holds where a flag is set (Portage has settled most
//! of them by the time it records them), `@GROUP` stands for many licences.
//! Spec: <https://projects.gentoo.org/pms/8/pms.html>

use std::collections::HashSet;

use super::super::distro::{Distro, Family};
use super::super::{Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, Problems};
use crate::bom::{Basis, Component, Hash, HashAlgorithm, LicenseClaim, Purl};
use crate::layers::Tree;
use crate::licenses::{Dialect, read};

/// Deeper nesting, of groups or of parentheses, is no real package's.
const MAX_DEPTH: usize = 32;

/// Groups that name others many times over would grow without end.
const MAX_WORDS: usize = 10_000;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "portage",
    about: "packages installed by Portage (Gentoo)",
    reads: &["**/var/db/pkg/*/*/CONTENTS"],
    beside: &[
        "**/etc/os-release",
        "**/usr/lib/os-release",
        "**/var/db/pkg/*/*/{DESCRIPTION,HOMEPAGE,LICENSE,RDEPEND,SLOT,USE}",
        "**/var/lib/portage/world",
        "**/etc/portage/license_groups",
        "**/var/db/repos/gentoo/profiles/license_groups",
    ],
    spec: "https://projects.gentoo.org/pms/8/pms.html",
    parse,
    enrich,
};

/// Where a package is recorded: root, category, name and version.
fn place<'a>(file: &File<'a>) -> Option<(&'a str, &'a str, &'a str, &'a str)> {
    let folder = file.folder();
    let start = folder.rfind("var/db/pkg/")?;
    let (category, package) = folder[start + "var/db/pkg/".len()..].split_once('/')?;
    let (name, version) = split(package)?;
    Some((&folder[..start], category, name, version))
}

/// `font-100dpi-1.0.3-r1` is version `1.0.3-r1` of `font-100dpi`: names may hold what looks like a version,
/// but do not end in one.
fn split(package: &str) -> Option<(&str, &str)> {
    let is_revision = |text: &str| text.strip_prefix('r').is_some_and(|digits| digits.parse::<u64>().is_ok());
    let (before, last) = package.rsplit_once('-')?;
    let name = if is_revision(last) { before.rsplit_once('-')?.0 } else { before };
    let version = &package[name.len() + 1..];
    version.starts_with(|c: char| c.is_ascii_digit()).then_some((name, version))
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let Some((root, category, name, version)) = place(file) else {
        return Err(ParseError::new(None, "lies in no folder of the form `category/name-version`"));
    };
    let beside = |name: &str| {
        let bytes = tree.read(&format!("{}/{name}", file.folder())).unwrap_or_default();
        String::from_utf8_lossy(bytes).trim().to_owned()
    };
    let distro = Distro::of(tree, root).filter(|distro| distro.may_be(Family::Other));
    let distro = distro.as_ref().and_then(Distro::qualifier).unwrap_or_default();
    let purl = Purl::new("ebuild", Some(category), name, Some(version), &[("distro", &distro)])
        .map_err(|error| ParseError::new(None, error.to_string()))?;
    let mut component = Component::new(format!("{category}/{name}"));
    component.version = Some(version.to_owned());
    component.purl = Some(purl);
    component.homepage = beside("HOMEPAGE").split_whitespace().next().map(str::to_owned);
    component.description = beside("DESCRIPTION").lines().next().map(str::to_owned);
    component.asked_for = world(tree, root).contains(&component.name);
    let flags = beside("USE");
    let flags: HashSet<&str> = flags.split_whitespace().collect();
    let depends = beside("RDEPEND");
    let mut package = Package::new(component);
    package.addresses = vec![format!("ebuild:{root}:{category}/{name}")];
    package.needs = Some(needs(&nodes(&depends, &flags), root));
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

fn world(tree: &Tree, root: &str) -> HashSet<String> {
    let bytes = tree.read(&format!("{root}var/lib/portage/world")).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    text.lines().filter_map(|atom| named(atom.trim())).map(str::to_owned).collect()
}

/// Part of a licence or a dependency.
#[derive(Debug, PartialEq)]
enum Node<'a> {
    Leaf(&'a str),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// What a text asks for when these flags are set.
fn nodes<'a>(text: &'a str, flags: &HashSet<&str>) -> Vec<Node<'a>> {
    level(&mut text.split_whitespace(), flags, 0)
}

fn level<'a>(
    tokens: &mut std::str::SplitWhitespace<'a>,
    flags: &HashSet<&str>,
    depth: usize,
) -> Vec<Node<'a>> {
    let mut nodes = Vec::new();
    let (mut is_choice, mut holds) = (false, true);
    while let Some(token) = tokens.next() {
        match token {
            ")" if depth > 0 => return nodes,
            "||" | "^^" | "??" => is_choice = true,
            "(" if depth < MAX_DEPTH => {
                let inner = level(tokens, flags, depth + 1);
                let node = if is_choice { Node::Any(inner) } else { Node::All(inner) };
                nodes.extend(Some(node).filter(|_| holds));
                (is_choice, holds) = (false, true);
            }
            "(" | ")" => {}
            token => match token.strip_suffix('?') {
                Some(flag) => {
                    let (flag, wanted) = flag.strip_prefix('!').map_or((flag, true), |flag| (flag, false));
                    holds = flags.contains(flag) == wanted;
                }
                None => nodes.push(Node::Leaf(token)),
            },
        }
    }
    nodes
}

fn needs(nodes: &[Node<'_>], root: &str) -> Vec<Need> {
    let mut needs = Vec::new();
    let mut open: Vec<&Node<'_>> = nodes.iter().collect();
    while let Some(node) = open.pop() {
        match node {
            Node::Leaf(_) | Node::Any(_) => needs.push(Need { any_of: addresses(node, root) }),
            Node::All(inner) => open.extend(inner),
        }
    }
    needs.retain(|need| !need.any_of.is_empty());
    needs
}

/// Every package that could serve; of a choice between groups the first that is there will do.
fn addresses(node: &Node<'_>, root: &str) -> Vec<String> {
    match node {
        Node::Leaf(atom) => named(atom).map(|name| format!("ebuild:{root}:{name}")).into_iter().collect(),
        Node::All(inner) | Node::Any(inner) => inner.iter().flat_map(|node| addresses(node, root)).collect(),
    }
}

/// `>=dev-libs/openssl-1.1.1:0/1.1=[-bindist]` is about `dev-libs/openssl`; `!x` is a conflict.
fn named(atom: &str) -> Option<&str> {
    if atom.starts_with('!') {
        return None;
    }
    let name = atom.trim_start_matches(['<', '>', '=', '~']);
    let is_bounded = name.len() < atom.len();
    let name = name.split([':', '[']).next()?;
    let name = name.strip_suffix('*').unwrap_or(name);
    let name = if is_bounded { split(name)?.0 } else { name };
    name.contains('/').then_some(name)
}

fn enrich(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    let root = place(file).map_or("", |(root, ..)| root);
    package.files = file.text().lines().filter_map(|line| owned(line, root)).collect();
    let beside = |name: &str| {
        let bytes = tree.read(&format!("{}/{name}", file.folder())).unwrap_or_default();
        String::from_utf8_lossy(bytes).trim().to_owned()
    };
    let (text, flags) = (beside("LICENSE"), beside("USE"));
    let flags: HashSet<&str> = flags.split_whitespace().collect();
    if !text.is_empty() {
        let groups = Groups::of(tree, root);
        let words =
            expression(&nodes(&text, &flags), " AND ", &groups, &mut Bounds { depth: 0, words: MAX_WORDS });
        package.component.licenses.push(LicenseClaim {
            expression: words.as_deref().and_then(|words| read(words, Dialect::Debian)),
            text,
            basis: Basis::Declared,
            path: Some(format!("{}/LICENSE", file.folder())),
            line: None,
        });
    }
    Vec::new()
}

/// `obj /usr/bin/x <md5> <time>`, `sym /usr/lib/x -> y <time>`; paths may hold spaces.
fn owned(line: &str, root: &str) -> Option<OwnedFile> {
    let (kind, rest) = line.split_once(' ')?;
    let (path, digest) = match kind {
        "obj" => {
            let mut words = rest.rsplitn(3, ' ');
            let (_, digest) = (words.next()?, words.next()?);
            (words.next()?, Hash::from_hex(HashAlgorithm::Md5, digest))
        }
        "sym" => (rest.split(" -> ").next()?, None),
        _ => return None,
    };
    Some(OwnedFile { path: format!("{root}{}", path.trim_start_matches('/')).into(), digest })
}

/// Groups of licences as the machine's owner and Gentoo define them.
struct Groups(Vec<(String, Vec<String>)>);

impl Groups {
    fn of(tree: &Tree, root: &str) -> Self {
        let places = ["etc/portage/license_groups", "var/db/repos/gentoo/profiles/license_groups"];
        let texts = places.iter().filter_map(|place| tree.read(&format!("{root}{place}")));
        let mut groups = Vec::new();
        for text in texts.map(String::from_utf8_lossy) {
            let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
            for mut words in lines.map(|line| line.split_whitespace().map(str::to_owned)) {
                groups.extend(words.next().map(|name| (name, words.collect())));
            }
        }
        Self(groups)
    }

    fn members(&self, name: &str) -> &[String] {
        self.0.iter().find(|(group, _)| group == name).map_or(&[], |(_, members)| members)
    }
}

/// How deep a licence is already nested, and how many words it may still have.
struct Bounds {
    depth: usize,
    words: usize,
}

/// The expression in words that SPDX knows. `None` where nothing is left, or where groups name each other
/// without end.
fn expression(nodes: &[Node<'_>], joined_by: &str, groups: &Groups, bounds: &mut Bounds) -> Option<String> {
    if bounds.depth > MAX_DEPTH {
        return None;
    }
    bounds.depth += 1;
    let mut parts = Vec::new();
    for node in nodes {
        bounds.words = bounds.words.checked_sub(1)?;
        parts.push(match node {
            Node::Leaf(word) => match word.strip_prefix('@') {
                Some(group) => {
                    let members: Vec<Node<'_>> =
                        groups.members(group).iter().map(|member| Node::Leaf(member)).collect();
                    expression(&members, " AND ", groups, bounds)?
                }
                None => (*word).to_owned(),
            },
            Node::All(inner) => format!("({})", expression(inner, " AND ", groups, bounds)?),
            Node::Any(inner) => format!("({})", expression(inner, " OR ", groups, bounds)?),
        });
    }
    bounds.depth -= 1;
    (!parts.is_empty()).then(|| parts.join(joined_by))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check, owned as owned_files};
    use super::*;

    #[test]
    fn a_package_is_a_folder_of_small_files() {
        check(
            &ECOSYSTEM,
            &[
                ("etc/os-release", "ID=gentoo\n"),
                ("var/db/pkg/app-containers/skopeo-1.5.1-r2/CONTENTS", "dir /usr\n"),
                (
                    "var/db/pkg/app-containers/skopeo-1.5.1-r2/LICENSE",
                    "Apache-2.0 || ( MIT ISC ) doc? ( X11 )\n",
                ),
                (
                    "var/db/pkg/app-containers/skopeo-1.5.1-r2/RDEPEND",
                    ">=app-crypt/gpgme-1.5.5:=[x] || ( dev-libs/gone dev-libs/libgpg-error:0 ) !app-old/x lvm? ( sys-fs/lvm2 )\n",
                ),
                ("var/db/pkg/app-crypt/gpgme-1.14.0/CONTENTS", ""),
                ("var/db/pkg/dev-libs/libgpg-error-1.46/CONTENTS", ""),
                ("var/db/pkg/sys-fs/lvm2-2/CONTENTS", ""),
            ],
            expect![[r#"
                pkg:ebuild/app-containers/skopeo@1.5.1-r2?distro=gentoo declared `Apache-2.0 || ( MIT ISC ) doc? ( X11 )` = Apache-2.0 AND (MIT OR ISC) needs [app-crypt/gpgme@1.14.0, dev-libs/libgpg-error@1.46]
                pkg:ebuild/app-crypt/gpgme@1.14.0?distro=gentoo needs []
                pkg:ebuild/dev-libs/libgpg-error@1.46?distro=gentoo needs []
                pkg:ebuild/sys-fs/lvm2@2?distro=gentoo needs []
            "#]],
        );
    }

    #[test]
    fn licences_may_be_groups_of_groups() {
        check(
            &ECOSYSTEM,
            &[
                ("var/db/pkg/a/b-1/CONTENTS", ""),
                ("var/db/pkg/a/b-1/LICENSE", "@GROUP1 @MIT-LIKE"),
                (
                    "etc/portage/license_groups",
                    "# x\nGROUP1 Apache-2.0 @BSD-LIKE\nBSD-LIKE BSD-2-Clause\nMIT-LIKE ISC MIT\n",
                ),
                ("x/var/db/pkg/a/b-1/CONTENTS", ""),
                ("x/var/db/pkg/a/b-1/LICENSE", "@RING"),
                ("x/etc/portage/license_groups", "RING @RING\n"),
            ],
            expect![[r#"
                pkg:ebuild/a/b@1 declared `@GROUP1 @MIT-LIKE` = Apache-2.0 AND BSD-2-Clause AND ISC AND MIT declared `@RING` = ? needs []
            "#]],
        );
    }

    #[test]
    fn files_may_have_spaces_in_their_names() {
        let contents = b"dir /usr\nobj /usr/a file 376c02bd3b22804df8fdfdc895e7dbfb 1649284374\nsym /usr/lib/x -> y 1\nfif /x\n";
        let files: &[(&str, &[u8])] = &[
            ("x/var/db/pkg/a/font-100dpi-1.0.3/CONTENTS", contents),
            ("x/var/lib/portage/world", b"a/font-100dpi:0\n"),
        ];
        expect![[r#"
            a/font-100dpi asked-for
              x/usr/a file MD5:376c02bd
              x/usr/lib/x
        "#]]
        .assert_eq(&owned_files(&ECOSYSTEM, files));
    }

    #[test]
    fn groups_that_double_twenty_times_end() {
        let group = |index: usize| (format!("G{index}"), vec![format!("@G{}", index + 1); 2]);
        let groups = Groups((0..20).map(group).chain([("G20".to_owned(), vec!["MIT".to_owned()])]).collect());
        let words =
            expression(&[Node::Leaf("@G0")], " AND ", &groups, &mut Bounds { depth: 0, words: MAX_WORDS });
        assert_eq!(words, None);
    }

    #[test]
    fn a_folder_that_is_no_package_is_a_gap_and_deep_nesting_ends() {
        check(
            &ECOSYSTEM,
            &[("var/db/pkg/a/noversion/CONTENTS", "")],
            expect![[r#"
            gap var/db/pkg/a/noversion/CONTENTS: lies in no folder of the form `category/name-version`
        "#]],
        );
        let deep = "( ".repeat(100_000);
        assert!(needs(&nodes(&deep, &HashSet::new()), "").is_empty());
        assert_eq!(named(">="), None);
        assert_eq!(split("a-r1"), None);
    }
}

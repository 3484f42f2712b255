//! Licence files that lie beside what names a package: `node_modules/x/LICENSE`, `x-1.dist-info/licenses/COPYING`,
//! `x.jar!/META-INF/LICENSE.txt`. In an archive with several packages' classes nobody knows whose they are.
//!
//! Only beside a package's own manifest. Beside a lockfile lies the licence of the project that wrote it, which
//! is nobody else's.

use super::Package;
use super::claims::detected;
use super::ecosystem::as_text;
use crate::layers::{Tree, parent};
use crate::licenses::copyright_summary;

/// What licence files are called. Other ways of writing them are rare enough.
pub(super) const PATTERNS: &[&str] = &[
    "**/COPYING*",
    "**/COPYRIGHT*",
    "**/Copyright*",
    "**/LICENCE*",
    "**/LICENSE*",
    "**/License*",
    "**/MIT-LICENSE*",
    "**/NOTICE*",
    "**/UNLICENSE*",
    "**/copying*",
    "**/licence*",
    "**/license*",
];
/// The same beginnings.
const BEGINNINGS: &[&str] = &[
    "COPYING",
    "COPYRIGHT",
    "Copyright",
    "LICENCE",
    "LICENSE",
    "License",
    "MIT-LICENSE",
    "NOTICE",
    "UNLICENSE",
    "copying",
    "licence",
    "license",
];
/// Of those, what tells whose it is and of others' parts, and need not hold the licence.
const NOTICES: &[&str] = &["copyright", "notice"];
/// What READMEs are called: small packages say there, and nowhere else, whose they are.
pub const READMES: &[&str] = &["**/README*", "**/Readme*", "**/readme*"];
const README_BEGINNINGS: &[&str] = &["README", "Readme", "readme"];
/// Files by which a package lies where it is installed.
const MANIFESTS: &[&str] = &["Cargo.toml", "DESCRIPTION", "METADATA", "PKG-INFO", "package.json"];
/// Endings of archives of Java that are one artefact.
const OF_JAVA: &[&str] = &["aar", "hpi", "jar", "jpi", "nar", "war"];
/// Endings of names that begin like a licence file's and are programs or data.
const NO_TEXT: &[&str] = &[".class", ".cjs", ".css", ".js", ".json", ".map", ".mjs", ".py", ".pyc", ".ts"];
/// A longer part of a README is about more than its licence, in bytes.
const LONGEST_SECTION: usize = 20_000;
/// The same of what follows a statement of copyright.
const LONGEST_STATEMENT: usize = 2000;
/// The folder of a wheel's metadata that holds its licence files.
const LICENSES: &str = "licenses";

/// The licence files and notices beside the manifest at `path`, in order of name. Empty where the file is no
/// package's own manifest.
pub fn license_files<'a>(path: &str, tree: &'a Tree) -> Vec<(String, &'a [u8])> {
    if let Some(archive) = archive_of_one(path, tree) {
        return in_archive(archive, tree);
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let folder = parent(path);
    if !MANIFESTS.contains(&name) || folder.is_empty() {
        return Vec::new();
    }
    let is_beside = |path: &str| {
        let beside = parent(path);
        beside == folder || parent(beside) == folder && beside.ends_with(LICENSES)
    };
    let mut files = begun(folder, tree);
    files.retain(|(path, _)| is_beside(path));
    files.sort_unstable();
    files
}

/// Files whose names begin like a licence file's, in a folder and below those beginnings.
fn begun<'a>(folder: &str, tree: &'a Tree) -> Vec<(String, &'a [u8])> {
    let mut files = Vec::new();
    for begin in BEGINNINGS {
        let start = format!("{folder}/{begin}");
        for file in tree.beginning_with(&start).filter(|path| is_text(path)) {
            files.extend(tree.read(file).map(|bytes| (file.to_owned(), bytes)));
        }
    }
    files
}

/// The archive of Java that a place lies in, unless the classes of several artefacts were packed into it.
fn archive_of_one<'a>(place: &'a str, tree: &Tree) -> Option<&'a str> {
    let archive = place.rsplit_once("!/").map_or(place, |(archive, _)| archive);
    let has_java_name = archive.rsplit_once('.').is_some_and(|(_, ending)| OF_JAVA.contains(&ending));
    if !has_java_name || tree.read(&format!("{archive}!/.archive")).is_none() {
        return None;
    }
    let start = format!("{archive}!/META-INF/maven/");
    let artifacts = tree.beginning_with(&start).filter(|path| path.ends_with("/pom.properties"));
    (artifacts.take(2).count() < 2).then_some(archive)
}

/// Those at the top of an archive and in the folder of its manifest.
fn in_archive<'a>(archive: &str, tree: &'a Tree) -> Vec<(String, &'a [u8])> {
    let folders = [format!("{archive}!"), format!("{archive}!/META-INF")];
    let mut files: Vec<_> = folders
        .iter()
        .flat_map(|folder| begun(folder, tree).into_iter().filter(move |(path, _)| parent(path) == folder))
        .collect();
    files.sort_unstable();
    files
}

/// What the README beside the manifest at `path` says of licence and copyright. Absent where there is none, where it
/// says nothing of them, and where nobody asked for [`READMES`].
pub fn readme_notice<'a>(path: &str, tree: &'a Tree) -> Option<(String, &'a str)> {
    let folder = parent(path);
    if !MANIFESTS.contains(&path.rsplit('/').next()?) || folder.is_empty() {
        return None;
    }
    let starts = README_BEGINNINGS.iter().map(|begin| format!("{folder}/{begin}"));
    let mut files = starts.flat_map(|start| {
        let beside = tree.beginning_with(&start).filter(|path| parent(path) == folder && is_text(path));
        beside.map(str::to_owned).collect::<Vec<_>>()
    });
    files.find_map(|file| {
        let text = std::str::from_utf8(tree.read(&file)?).ok()?;
        license_section(text).or_else(|| copyright_part(text)).map(|section| (file, section))
    })
}

/// The last part of a README that is headed by a word for licence or copyright.
fn license_section(readme: &str) -> Option<&str> {
    let mut begin = None;
    let mut end = readme.len();
    let mut at = 0;
    let mut before = (0, "");
    for line in readme.split_inclusive('\n') {
        let heading = match line.trim_end() {
            underline if is_underline(underline) && !before.1.is_empty() => Some(before),
            marked => marked.strip_prefix('#').map(|heading| (at, heading.trim_matches(['#', ' ']))),
        };
        if let Some((start, heading)) = heading {
            let heading = heading.to_lowercase();
            let is_of_license =
                ["license", "licence", "copyright", "legal"].iter().any(|word| heading.contains(word));
            if is_of_license {
                begin = Some(start);
                end = readme.len();
            } else if begin.is_some() && end == readme.len() {
                end = start;
            }
        }
        before = (at, line.trim());
        at += line.len();
    }
    let section = readme.get(begin?..end)?.trim();
    (section.len() <= LONGEST_SECTION).then_some(section)
}

/// From the first statement of copyright in a README to the end of its section: some stand under "Credits". Only that
/// paragraph, where much else follows.
fn copyright_part(readme: &str) -> Option<&str> {
    let mut begin = None;
    let mut paragraph_end = None;
    let mut before = (0, "");
    let mut at = 0;
    let mut end = readme.len();
    for line in readme.split_inclusive('\n') {
        let trimmed = line.trim();
        if begin.is_none() && says_whose(trimmed) {
            begin = Some(at);
        } else if begin.is_some() && trimmed.is_empty() {
            paragraph_end = paragraph_end.or(Some(at));
        } else if begin.is_some() && is_underline(trimmed) && !before.1.is_empty() {
            end = before.0;
            break;
        } else if begin.is_some() && trimmed.starts_with('#') {
            end = at;
            break;
        }
        before = (at, trimmed);
        at += line.len();
    }
    let begin = begin?;
    let end = if end - begin > LONGEST_STATEMENT { paragraph_end.unwrap_or(end) } else { end };
    let part = readme.get(begin..end)?.trim();
    (part.len() <= LONGEST_STATEMENT).then_some(part)
}

/// `Copyright (c) 2013, Jo`, `© Jo`: no more of a line than that is looked at.
fn says_whose(line: &str) -> bool {
    let line = line.trim_start_matches(['*', '_', '-', '>', ' ']);
    let begins = |word: &str| line.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    let is_signed =
        line.contains('©') || line.contains("(c)") || line.contains("(C)") || line.contains("&copy;");
    let has_year = line.as_bytes().windows(4).any(|four| four.iter().all(u8::is_ascii_digit));
    let begins = begins("copyright ") || begins("(c) ") || begins("© ") || begins("&copy; ");
    begins
        && (is_signed || has_year)
        && !["[yyyy]", "<year>", "[year]"].iter().any(|blank| line.contains(blank))
}

/// Of the line above, which makes a heading of it.
fn is_underline(line: &str) -> bool {
    line.len() >= 3 && (line.bytes().all(|byte| byte == b'=') || line.bytes().all(|byte| byte == b'-'))
}

/// Where distributions put the licence files of their packages, a folder for each.
pub(super) const SHARED: &str = "**/usr/share/licenses/**";

/// Adds what the licence files hold that a distribution's package owns: rpm's `%license` and pacman's are all
/// put into one place. Each licence once, with the first file that holds it.
pub(super) fn claim_shared(package: &mut Package, root: &str, tree: &Tree) {
    let place = format!("{root}usr/share/licenses/");
    for file in package.files.iter().filter(|file| file.path.starts_with(&place)) {
        let Some(bytes) = tree.read(&file.path) else { continue };
        let text = as_text(bytes);
        let copyright = &mut package.component.copyright;
        *copyright = copyright.take().or_else(|| copyright_summary([&*text].into_iter()));
        for claim in detected(&file.path, &text) {
            let licenses = &mut package.component.licenses;
            if !licenses
                .iter()
                .any(|known| known.basis == claim.basis && known.expression == claim.expression)
            {
                licenses.push(claim);
            }
        }
    }
}

fn is_text(path: &str) -> bool {
    !NO_TEXT.iter().any(|end| path.ends_with(end))
}

/// Whether a licence file at this path is one that is asked for, unless the package has no manifest or something hides
/// it: those beside manifests in the places where packages are installed, and those in archives of Java.
pub(super) fn is_of_a_package(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_license = BEGINNINGS.iter().any(|begin| name.starts_with(begin)) && is_text(path);
    if !is_license || NOTICES.iter().any(|begin| name.to_lowercase().starts_with(begin)) {
        return false;
    }
    let archive = folder.strip_suffix("/META-INF").unwrap_or(folder).strip_suffix('!');
    let ending = archive.and_then(|archive| Some(archive.rsplit_once('.')?.1));
    let package = folder.strip_suffix("/licenses").unwrap_or(folder);
    let modules = parent(package);
    let modules = if modules.rsplit('/').next().is_some_and(|scope| scope.starts_with('@')) {
        parent(modules)
    } else {
        modules
    };
    ending.is_some_and(|ending| OF_JAVA.contains(&ending))
        || package.ends_with(".dist-info")
        || modules.rsplit('/').next() == Some("node_modules")
}

/// Adds what the files beside a package hold to what the package says of itself.
pub(super) fn claim(package: &mut Package, path: &str, tree: &Tree) {
    let files = license_files(path, tree);
    let texts: Vec<_> = files.iter().map(|(path, bytes)| (path.as_str(), as_text(bytes))).collect();
    for (path, text) in &texts {
        let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
        if !NOTICES.iter().any(|begin| name.starts_with(begin)) {
            package.component.licenses.extend(detected(path, text));
        }
    }
    let copyright = copyright_summary(texts.iter().map(|(_, text)| &**text));
    package.component.copyright = package.component.copyright.take().or(copyright);
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::layers::{Entry, Extract, Node};

    fn tree(files: &[(&str, &str)]) -> Tree {
        let entry = |(path, text): &(&str, &str)| Entry {
            path: (*path).into(),
            node: Node::File(text.as_bytes().into()),
        };
        Tree::stack([&Extract { entries: files.iter().map(entry).collect(), ..Extract::default() }])
    }

    #[test]
    fn licence_files_lie_beside_the_manifest() {
        let tree = tree(&[
            ("srv/node_modules/x/package.json", "{}"),
            ("srv/node_modules/x/MIT-LICENSE.txt", "mit"),
            ("srv/node_modules/x/CopyrightNotice.txt", "notice"),
            ("srv/node_modules/x/license.js", "no text"),
            ("srv/node_modules/x/lib/LICENSE", "of a part"),
            ("srv/node_modules/xy/LICENSE", "another's"),
        ]);
        let files = license_files("srv/node_modules/x/package.json", &tree);
        let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(names, ["srv/node_modules/x/CopyrightNotice.txt", "srv/node_modules/x/MIT-LICENSE.txt"]);
        assert_eq!(license_files("srv/package-lock.json", &tree), []);
    }

    #[test]
    fn which_licence_files_will_be_asked_for() {
        for path in [
            "srv/node_modules/x/MIT-LICENSE.txt",
            "node_modules/@a/x/node_modules/y/license",
            "usr/lib/python3/dist-packages/x-1.dist-info/LICENSE",
            "x-1.dist-info/licenses/COPYING",
            "srv/app.war!/WEB-INF/lib/x.jar!/META-INF/LICENSE.txt",
            "x.jar!/LICENSE",
        ] {
            assert!(is_of_a_package(path), "{path}");
        }
        for path in [
            "LICENSE",
            "srv/LICENSE",
            "srv/node_modules/x/license.js",
            "srv/node_modules/x/NOTICE",
            "srv/node_modules/x/lib/LICENSE",
            "srv/node_modules/LICENSE",
            "x.zip!/LICENSE",
            "x.jar!/org/LICENSE",
        ] {
            assert!(!is_of_a_package(path), "{path}");
        }
    }

    #[test]
    fn a_readme_tells_of_its_licence_under_a_heading() {
        let check = |readme: &str, expected: expect_test::Expect| {
            expected.assert_eq(&format!("{:?}", license_section(readme)));
        };
        check(
            "# x\n\nDoes.\n\n## License\n\nMIT (c) X\n",
            expect![[r###"Some("## License\n\nMIT (c) X")"###]],
        );
        check(
            "x\n=\n\nLicense\n-------\n\n(The MIT License)\n\nCopyright (c) 2013 X\n\nUsage\n-----\n\nx()\n",
            expect![[r#"Some("License\n-------\n\n(The MIT License)\n\nCopyright (c) 2013 X")"#]],
        );
        check(
            "## Licence\n\nsee below\n\n## Use\n\n## Copyright and license\n\n(c) X\n",
            expect![[r###"Some("## Copyright and license\n\n(c) X")"###]],
        );
        check("# x\n\nMIT\n", expect!["None"]);
        check("---\n\n# LICENSE", expect![[r##"Some("# LICENSE")"##]]);
        check(&format!("# License\n{}", "x".repeat(LONGEST_SECTION)), expect!["None"]);
    }

    #[test]
    fn a_readme_may_tell_whose_it_is_under_another_heading() {
        let check = |readme: &str, expected: expect_test::Expect| {
            let parts = license_section(readme).or_else(|| copyright_part(readme));
            expected.assert_eq(&format!("{parts:?}"));
        };
        check(
            "# x ##\n\nDoes.\n\n## Credits and collaboration ##\n\nCopyright (c) 2013, [Jo](http://x).\n\nThe software is \
             licensed under an [MIT licence](http://y).\n\n## More\n\nx\n",
            expect![[
                r#"Some("Copyright (c) 2013, [Jo](http://x).\n\nThe software is licensed under an [MIT licence](http://y).")"#
            ]],
        );
        check(
            "x\n=\n\n(c) 2014 Jo\nand Jane\n\nUse\n---\n\nx()\n",
            expect![[r#"Some("(c) 2014 Jo\nand Jane")"#]],
        );
        check(
            &format!("# x\n\n* © 2013 Jo, MIT\n\n{}", "x ".repeat(LONGEST_STATEMENT)),
            expect![[r#"Some("* © 2013 Jo, MIT")"#]],
        );
        check("# x\n\nCopyright notices are kept.\n\n```\n// Copyright 2013 Jo\n```\n", expect!["None"]);
        check("Copyright (c) [yyyy] [name]\n", expect!["None"]);
        check("Copyright ©", expect![[r#"Some("Copyright ©")"#]]);
    }

    fn found(place: &str, files: &[&str]) -> Vec<String> {
        let files: Vec<(&str, &str)> = files.iter().map(|path| (*path, "text")).collect();
        let tree = tree(&files);
        license_files(place, &tree).into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn an_archive_with_one_artefact_carries_its_licence() {
        let one =
            ["a.jar!/.archive", "a.jar!/META-INF/LICENSE.txt", "a.jar!/META-INF/maven/g/a/pom.properties"];
        for place in ["a.jar", "a.jar!/.archive", "a.jar!/META-INF/maven/g/a/pom.properties"] {
            assert_eq!(found(place, &one), ["a.jar!/META-INF/LICENSE.txt"], "{place}");
        }
        let shaded = [&one[..], &["a.jar!/META-INF/maven/g/b/pom.properties"]].concat();
        assert!(found("a.jar!/.archive", &shaded).is_empty());
        assert!(found("a.jar!/META-INF/maven/g/b/pom.properties", &shaded).is_empty());
    }

    #[test]
    fn what_lies_deeper_in_an_archive_is_of_something_else() {
        let files = [
            "a.jar!/.archive",
            "a.jar!/LICENSE/x.txt",
            "a.jar!/META-INF/lib/LICENSE",
            "a.jar!/LICENSE.class",
        ];
        assert!(found("a.jar", &files).is_empty());
        assert!(found("a.jar", &["LICENSE"]).is_empty());
    }
}

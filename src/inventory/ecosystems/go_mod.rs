//! Go modules as a source tree declares them: `go.mod`, `go.sum` and `vendor/modules.txt`.
//!
//! Since Go 1.17 `go.mod` names every module a build needs, those that others need marked `// indirect`;
//! which of the others, no file says. Older ones leave them out: then what `go.sum` has content for is
//! listed too, less surely, for `go.sum` forgets nothing that was ever needed. `go.sum` without `go.mod`
//! gives the highest version of each name. A module replaced by a folder is the project's own; the release
//! that a `toolchain` or `go` line asks for is that of the standard library. A sum (`h1:`) is of a list of files, not of an archive,
//! and is no digest of ours. Files in the module cache speak of other people's builds and are not read.
//! Spec: <https://go.dev/ref/mod#go-mod-file>

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::golang;
use super::super::{
    Ecosystem, File, Need, Package, Packages, ParseError, Parsed, Problem, Problems, nothing_beside,
};
use crate::bom::{Component, Kind, Presence, Purl, PurlError};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "go-mod",
    about: "Go modules required in go.mod, summed in go.sum or vendored",
    reads: &["**/go.mod", "**/go.sum", "**/vendor/modules.txt"],
    beside: &[],
    spec: "https://go.dev/ref/mod#go-mod-file",
    parse,
    enrich: nothing_beside,
};

/// How sure we are of a module that only `go.sum` names.
const ONLY_SUMMED: u8 = 50;

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    if file.path.contains("pkg/mod/") || file.path.contains("/testdata/") {
        return Ok(Parsed::default());
    }
    let text = file.text();
    if file.path.ends_with("modules.txt") {
        return Ok(vendored(&text));
    }
    if file.path.ends_with("go.sum") {
        let module = read_beside(file, tree, "go.mod");
        return Ok(if module.is_some() { Parsed::default() } else { summed(&text, |_| true) });
    }
    let module = Module::read(&text)?;
    let mut parsed = module.packages(file);
    if module.is_incomplete()
        && let Some(sums) = read_beside(file, tree, "go.sum")
    {
        let required = module.required.iter().map(|required| required.path);
        let known: HashSet<&str> = required.chain(module.replaced.keys().map(|(path, _)| *path)).collect();
        let sums = String::from_utf8_lossy(sums);
        let with_content: String =
            sums.lines().filter(|line| !line.contains("/go.mod ")).collect::<Vec<_>>().join("\n");
        let more = summed(&with_content, |name| !known.contains(name));
        // The lines are those of another file.
        parsed.packages.extend(more.packages.into_iter().map(|package| Package { line: None, ..package }));
    }
    Ok(parsed)
}

fn read_beside<'a>(file: &File<'_>, tree: &'a Tree, name: &str) -> Option<&'a [u8]> {
    let folder = file.folder();
    tree.read(&if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") })
}

/// A `go.mod`, as far as we need it.
#[derive(Default)]
struct Module<'a> {
    path: Option<(&'a str, u32)>,
    /// The language version: `1.16`. Since 1.21 it may be a release, `1.22.3`, older than which no Go will do.
    go: Option<(&'a str, u32)>,
    /// `go1.22.5`.
    toolchain: Option<(&'a str, u32)>,
    required: Vec<Required<'a>>,
    /// What stands in a module's place, for one of its versions or (`None`) for all.
    replaced: HashMap<(&'a str, Option<&'a str>), Replacement<'a>>,
    /// Versions that may not be chosen: a requirement of one is as good as not there.
    excluded: HashSet<(&'a str, &'a str)>,
    problems: Problems,
}

struct Required<'a> {
    path: &'a str,
    version: &'a str,
    is_indirect: bool,
    line: u32,
}

#[derive(Clone, Copy)]
enum Replacement<'a> {
    Folder,
    Module(&'a str, &'a str),
}

impl<'a> Module<'a> {
    /// # Errors
    /// When no line says which module it is, nor what it requires.
    fn read(text: &'a str) -> Result<Self, ParseError> {
        let mut module = Self::default();
        let mut block: Option<&str> = None;
        for (index, line) in text.lines().enumerate() {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let (code, comment) = line.split_once("//").unwrap_or((line, ""));
            let mut words: Vec<&str> =
                code.split_whitespace().map(|word| word.trim_matches(['"', '`'])).collect();
            match (block, words.as_slice()) {
                (_, []) => {}
                (Some(_), [")"]) => block = None,
                (None, [verb, "("]) => block = Some(verb),
                (Some(verb), _) => module.directive(verb, &words, comment, number),
                (None, _) => {
                    let verb = words.remove(0);
                    module.directive(verb, &words, comment, number);
                }
            }
        }
        if module.path.is_none() && module.required.is_empty() {
            return Err(ParseError::new(None, "names no module and requires none"));
        }
        let excluded = std::mem::take(&mut module.excluded);
        module.required.retain(|required| !excluded.contains(&(required.path, required.version)));
        Ok(module)
    }

    fn directive(&mut self, verb: &'a str, words: &[&'a str], comment: &str, line: u32) {
        match (verb, words) {
            ("module", [path, ..]) => self.path = Some((path, line)),
            ("go", [version, ..]) => self.go = Some((version, line)),
            ("toolchain", [version, ..]) => self.toolchain = Some((version, line)),
            ("require", [path, version]) if version.starts_with('v') => {
                let is_indirect = comment.trim_start().starts_with("indirect");
                self.required.push(Required { path, version, is_indirect, line });
            }
            ("replace", [old, "=>", new @ ..]) => self.replace(old, None, new),
            ("replace", [old, version, "=>", new @ ..]) => self.replace(old, Some(version), new),
            ("exclude", [path, version]) => {
                self.excluded.insert((path, version));
            }
            ("require" | "replace", _) => {
                self.problems.push(Problem::new(line, format!("is not a `{verb}` as Go writes it")));
            }
            // `retract` names versions of the module itself.
            _ => {}
        }
    }

    fn replace(&mut self, old: &'a str, version: Option<&'a str>, new: &[&'a str]) {
        let replacement = match new {
            [path, version] => Replacement::Module(path, version),
            _ => Replacement::Folder,
        };
        self.replaced.insert((old, version), replacement);
    }

    /// A replacement for this version goes before one for all.
    fn replacement(&self, required: &Required<'a>) -> Option<Replacement<'a>> {
        let of = |version: Option<&'a str>| self.replaced.get(&(required.path, version)).copied();
        of(Some(required.version)).or_else(|| of(None))
    }

    /// Whether modules that only others need are left out: before Go 1.17.
    fn is_incomplete(&self) -> bool {
        let version = self.go.map_or("1.0", |(version, _)| version);
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        (parts.next(), parts.next()) < (Some(1), Some(17))
    }

    fn packages(&self, file: &File<'_>) -> Parsed {
        let mut parsed = Parsed { packages: Packages::new(), problems: self.problems.clone() };
        let mut needs = Vec::new();
        let address = |index: usize| format!("go-mod:{}#{index}", file.path);
        for (index, required) in self.required.iter().enumerate() {
            let package = match self.replacement(required) {
                Some(Replacement::Folder) => Ok(own(required.path)),
                Some(Replacement::Module(path, version)) => package(path, Some(version)),
                None => package(required.path, Some(required.version)),
            };
            match package {
                Ok(mut package) => {
                    package.line = Some(required.line);
                    package.component.asked_for = !required.is_indirect && !package.component.first_party;
                    package.addresses = vec![address(index)];
                    needs.push(Need::of(address(index)));
                    parsed.packages.push(package);
                }
                Err(error) => parsed.problems.push(Problem::new(required.line, error.to_string())),
            }
        }
        let toolchain = self.toolchain.and_then(|(version, line)| Some((version.strip_prefix("go")?, line)));
        let release = self.go.filter(|(version, _)| version.split('.').count() == 3);
        if let Some((version, line)) = toolchain.or(release)
            && let Ok(mut library) = package("stdlib", Some(version))
        {
            library.line = Some(line);
            library.needs = Some(Vec::new());
            library.addresses = vec![address(usize::MAX)];
            needs.push(Need::of(address(usize::MAX)));
            parsed.packages.push(library);
        }
        if let Some((path, line)) = self.path {
            let mut module = own(path);
            module.line = Some(line);
            module.needs = Some(needs);
            parsed.packages.push(module);
        }
        parsed
    }
}

/// A module of the project's own.
fn own(path: &str) -> Package {
    let mut component = Component::new(path);
    component.kind = Kind::Application;
    component.first_party = true;
    component.presence = Presence::Declared;
    Package::new(component)
}

fn package(path: &str, version: Option<&str>) -> Result<Package, PurlError> {
    let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut component = Component::new(path);
    component.version = version.map(str::to_owned);
    component.purl = Some(Purl::new("golang", Some(namespace), name, version, &[])?);
    component.vcs = golang::repository(path);
    component.presence = Presence::Declared;
    Ok(Package::new(component))
}

/// Lines of `path version[/go.mod] h1:sum`: the highest version of each path.
fn summed(text: &str, wanted: impl Fn(&str) -> bool) -> Parsed {
    let mut parsed = Parsed::default();
    let mut highest: BTreeMap<&str, (&str, u32)> = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [] => {}
            [path, version, sum] if sum.starts_with("h1:") => {
                let version = version.trim_end_matches("/go.mod");
                let known = highest.entry(path).or_insert((version, number));
                if compare(known.0, version) == Ordering::Less {
                    *known = (version, number);
                }
            }
            _ => parsed.problems.push(Problem::new(number, "is not `module version sum`")),
        }
    }
    for (path, (version, line)) in highest.into_iter().filter(|(path, _)| wanted(path)) {
        match package(path, Some(version)) {
            Ok(mut package) => {
                package.line = Some(line);
                package.confidence = ONLY_SUMMED;
                parsed.packages.push(package);
            }
            Err(error) => parsed.problems.push(Problem::new(line, error.to_string())),
        }
    }
    parsed
}

/// Semantic versions; a pre-release comes before its release.
fn compare(one: &str, other: &str) -> Ordering {
    let key = |version: &str| {
        let version = version.trim_start_matches('v').split('+').next().unwrap_or_default().to_owned();
        let (release, pre) = version.split_once('-').unwrap_or((&version, ""));
        let numbers: Vec<u64> = release.split('.').map(|part| part.parse().unwrap_or(0)).collect();
        let parts: Vec<(bool, u64, String)> = pre
            .split('.')
            .map(|part| match part.parse() {
                Ok(number) => (false, number, String::new()),
                Err(_) => (true, 0, part.to_owned()),
            })
            .collect();
        (numbers, pre.is_empty(), parts)
    };
    key(one).cmp(&key(other))
}

/// `vendor/modules.txt`: `# module version [=> replacement]`, then its packages. A module without packages
/// has no files there.
fn vendored(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut open: Option<(u32, Vec<&str>)> = None;
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if line.starts_with("## ") || line.trim().is_empty() {
            continue;
        }
        if let Some(module) = line.strip_prefix("# ") {
            open = Some((number, module.split_whitespace().collect()));
        } else if let Some((line, words)) = open.take() {
            // The first of its packages.
            match vendored_module(&words) {
                Some(Ok(mut package)) => {
                    package.line = Some(line);
                    package.component.presence = Presence::Installed;
                    parsed.packages.push(package);
                }
                Some(Err(error)) => parsed.problems.push(Problem::new(line, error.to_string())),
                None => parsed.problems.push(Problem::new(line, "is not `# module version`")),
            }
        }
    }
    parsed
}

fn vendored_module(words: &[&str]) -> Option<Result<Package, PurlError>> {
    match words {
        [path, version] | [_, "=>", path, version] | [_, _, "=>", path, version] => {
            Some(package(path, Some(version)))
        }
        [path, "=>", _] | [path, _, "=>", _] => Some(Ok(own(path))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn requirements_are_listed_as_they_are_replaced() {
        let module = "module github.com/org/repo // ours\n\ngo 1.22.0\ntoolchain go1.22.5\n\n\
                      require github.com/aquasecurity/Go-Version v0.0.0-20240603093900-cf8a8d29271d\n\n\
                      require (\n\t// gone v1\n\tgithub.com/a/b/v3 v3.5.1\n\tgithub.com/c/d v1.0.0+incompatible // indirect; old\n\
                      \t\"golang.org/x/xerrors\" v0.1.0\n\tgopkg.in/yaml.v3 v3.0.0\n)\n\n\
                      replace github.com/a/b/v3 v3.5.1 => github.com/fork/b/v3 v3.5.2\n\
                      replace (\n\tgolang.org/x/xerrors => ../xerrors\n\tgopkg.in/yaml.v3 v2.0.0 => ./yaml\n)\n\
                      exclude github.com/c/d v1.0.0+incompatible\nretract [v1.0.0, v1.9.9]\ntool golang.org/x/tools/cmd/stringer\n";
        check(
            &ECOSYSTEM,
            &[("go.mod", module), ("go.sum", "github.com/z/z v1.0.0 h1:x=\n")],
            expect![[r#"
                application:github.com/org/repo line 1 application first-party needs [application:golang.org/x/xerrors, github.com/aquasecurity/go-version@v0.0.0-20240603093900-cf8a8d29271d, github.com/fork/b/v3@v3.5.2, gopkg.in/yaml.v3@v3.0.0, stdlib@1.22.5]
                application:golang.org/x/xerrors line 12 application first-party
                pkg:golang/github.com/aquasecurity/go-version@v0.0.0-20240603093900-cf8a8d29271d line 6
                pkg:golang/github.com/fork/b/v3@v3.5.2 line 10
                pkg:golang/gopkg.in/yaml.v3@v3.0.0 line 13
                pkg:golang/stdlib@1.22.5 line 4 needs []
            "#]],
        );
    }

    #[test]
    fn an_old_module_is_completed_by_its_sums() {
        let sums = "github.com/a/a v1.9.0 h1:a=\ngithub.com/a/a v1.10.0 h1:a=\ngithub.com/a/a v1.10.0-rc.1 h1:a=\n\
                    github.com/b/b v1.0.0 h1:b=\ngithub.com/c/c v1.0.0/go.mod h1:c=\n\nbroken\n";
        check(
            &ECOSYSTEM,
            &[
                ("old/go.mod", "module (\n\texample.org/old\n)\ngo 1.16\nrequire github.com/b/b v0.9.0"),
                ("old/go.sum", sums),
                ("alone/go.sum", sums),
                (
                    "root/go/pkg/mod/github.com/x/y@v1.0.0/go.mod",
                    "module github.com/x/y\nrequire example.org/z v1.0.0\n",
                ),
            ],
            expect![[r#"
                application:example.org/old line 2 application first-party needs [github.com/b/b@v0.9.0]
                pkg:golang/github.com/a/a@v1.10.0 line 2
                pkg:golang/github.com/b/b@v0.9.0 line 5
                pkg:golang/github.com/b/b@v1.0.0 line 4
                pkg:golang/github.com/c/c@v1.0.0 line 5
                gap alone/go.sum:7: is not `module version sum`
            "#]],
        );
    }

    #[test]
    fn vendored_modules_are_there() {
        let modules = "# github.com/a/a v1.0.0\n## explicit; go 1.17\ngithub.com/a/a\ngithub.com/a/a/sub\n\
                       # github.com/unused v1.0.0\n## explicit\n\
                       # github.com/b/b v1.0.0 => github.com/fork/b v1.1.0\n## explicit\ngithub.com/b/b\n\
                       # github.com/c/c => ./c\n## explicit\ngithub.com/c/c\n# odd\nodd/p\n";
        check(
            &ECOSYSTEM,
            &[("vendor/modules.txt", modules)],
            expect![[r#"
            application:github.com/c/c line 10 application first-party
            pkg:golang/github.com/a/a@v1.0.0 line 1
            pkg:golang/github.com/fork/b@v1.1.0 line 7
            gap vendor/modules.txt:13: is not `# module version`
        "#]],
        );
    }

    #[test]
    fn a_broken_module_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("go.mod", "{}"),
                ("b/go.mod", "module b\nrequire (\n\ta\n\tb v1 v2\n\t/ v1\n\treplace =>\n"),
                ("c/go.sum", "\u{0}\u{1}"),
            ],
            expect![[r#"
                application:b line 1 application first-party needs []
                gap b/go.mod:3: is not a `require` as Go writes it
                gap b/go.mod:4: is not a `require` as Go writes it
                gap b/go.mod:5: `pkg:golang/` is not a package URL: missing name
                gap b/go.mod:6: is not a `require` as Go writes it
                gap c/go.sum:1: is not `module version sum`
                gap go.mod: names no module and requires none
            "#]],
        );
    }
}

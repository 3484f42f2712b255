//! Build information of Go programs: the modules that were linked, as `go version -m` prints them.
//!
//! The main module's version is often `(devel)`: then the linker's `-X` flags may tell it, or the commit it
//! was built from does, written as Go writes versions of commits. A module that was replaced is listed as what
//! took its place; one that was replaced by a folder has no version. Which module needs which is not written
//! down: all edges lead from the main module. Before modules (and in distributions that build without) only
//! the version of Go is known.
//! Spec: <https://pkg.go.dev/runtime/debug#BuildInfo>

use super::super::golang;
use super::super::{
    Ecosystem, Extent, File, Need, Package, Packages, ParseError, Parsed, Problem, Problems, nothing_beside,
};
use crate::bom::{Basis, Component, Kind, LicenseClaim, Purl, Technique};
use crate::layers::Tree;
use crate::licenses::Expression;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "go-binary",
    about: "modules linked into Go programs",
    reads: &["**/*!/.go.buildinfo"],
    beside: &["**/*!/.fingerprint"],
    spec: "https://pkg.go.dev/runtime/debug#BuildInfo",
    parse,
    enrich: nothing_beside,
};

/// The licence of Go's own library, which every Go program carries.
const STANDARD_LIBRARY_LICENSE: &str = "BSD-3-Clause";

/// What the linker was told is less sure than what it found.
const BY_FLAG: u8 = 80;
const BY_COMMIT: u8 = 90;

/// A module as a line names it.
#[derive(Debug, Clone, PartialEq)]
struct Module<'a> {
    path: &'a str,
    version: &'a str,
}

/// The text by its lines.
#[derive(Default)]
struct Info<'a> {
    go: &'a str,
    /// The main package.
    path: &'a str,
    main: Option<Module<'a>>,
    dependencies: Vec<Module<'a>>,
    settings: Vec<(&'a str, String)>,
    problems: Problems,
}

impl<'a> Info<'a> {
    fn parse(text: &'a str) -> Self {
        let mut info = Self::default();
        let mut last_is_main = true;
        for (index, line) in text.lines().enumerate() {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let mut words = line.split('\t');
            let kind = words.next().unwrap_or_default();
            let first = words.next().unwrap_or_default();
            let module = Module { path: first, version: words.next().unwrap_or_default() };
            match kind {
                "go" => info.go = first,
                "path" => info.path = first,
                "mod" => {
                    info.main = Some(module);
                    last_is_main = true;
                }
                "dep" => {
                    info.dependencies.push(module);
                    last_is_main = false;
                }
                "=>" if last_is_main => replace(info.main.as_mut(), module),
                "=>" => replace(info.dependencies.last_mut(), module),
                "build" => info.settings.extend(setting(line)),
                "" => {}
                _ => info.problems.push(Problem::new(number, "is no line of Go's build information")),
            }
        }
        info
    }

    fn setting(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_str())
    }
}

/// A folder in another's place has no version, and its path says nothing outside the machine it lay on.
fn replace<'a>(replaced: Option<&mut Module<'a>>, by: Module<'a>) {
    let Some(module) = replaced else { return };
    if by.path.starts_with(['.', '/']) || by.path.contains('\\') || by.path.get(1..2) == Some(":") {
        module.version = "";
    } else {
        *module = by;
    }
}

/// `build`, tab, `key=value`, either of them quoted as in Go where it holds what would confuse.
fn setting(line: &str) -> Option<(&str, String)> {
    let (key, value) = line.strip_prefix("build\t")?.split_once('=')?;
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    Some((key, quoted.map_or_else(|| value.to_owned(), unescaped)))
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => plain.extend(letters.next()),
            (letter, _) => plain.push(letter),
        }
    }
    plain
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let mut info = Info::parse(&text);
    if info.go.is_empty() {
        return Err(ParseError::new(1, "does not name the version of Go"));
    }
    let mut parsed = Parsed { packages: Packages::new(), problems: std::mem::take(&mut info.problems) };
    let mut needs = Vec::new();
    if let Some(version) = go_version(info.go) {
        parsed.packages.push(standard_library(version));
        needs.push(Need::of(standard_library_address(version)));
    }
    for module in &info.dependencies {
        match package(module) {
            Ok(mut package) => {
                let address = format!("go:{}#{}@{}", file.path, module.path, module.version);
                package.addresses = vec![address.clone()];
                needs.push(Need::of(address));
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(None, reason)),
        }
    }
    let print = file.path.strip_suffix(".go.buildinfo").map(|folder| format!("{folder}.fingerprint"));
    let print = print.and_then(|path| tree.read(&path)).map(String::from_utf8_lossy).unwrap_or_default();
    match main(&info, &print) {
        Some(Ok(mut package)) => {
            package.needs = Some(needs);
            package.extent = Some(Extent::File(file.holder().into()));
            parsed.packages.push(package);
        }
        Some(Err(reason)) => parsed.problems.push(Problem::new(None, reason)),
        None => {}
    }
    Ok(parsed)
}

/// `go1.22.3` becomes `1.22.3`. Experiments and vendors stand behind it: `go1.22.3 X:boring`,
/// `go1.26.1-X:boring`, `go1.21.9 (Red Hat 1.21.9-1.el9)`; unreleased versions before: `devel go1.23-9e8ea`.
fn go_version(text: &str) -> Option<&str> {
    let word = text.split_whitespace().find(|word| word.starts_with("go"))?;
    let version = word.strip_prefix("go")?.split("-X:").next()?;
    version.starts_with(|first: char| first.is_ascii_digit()).then_some(version)
}

fn standard_library_address(version: &str) -> String {
    format!("go-stdlib:{version}")
}

fn standard_library(version: &str) -> Package {
    let mut component = Component::new("stdlib");
    component.version = Some(version.to_owned());
    component.purl = Purl::new("golang", None, "stdlib", Some(version), &[]).ok();
    component.licenses.push(LicenseClaim {
        text: STANDARD_LIBRARY_LICENSE.to_owned(),
        expression: Expression::parse(STANDARD_LIBRARY_LICENSE).ok(),
        basis: Basis::Concluded,
        path: None,
        line: None,
    });
    let mut package = Package::new(component);
    package.technique = Technique::BinaryAnalysis;
    package.addresses = vec![standard_library_address(version)];
    package.needs = Some(Vec::new());
    package
}

fn package(module: &Module<'_>) -> Result<Package, String> {
    let (namespace, name) = module.path.rsplit_once('/').unwrap_or(("", module.path));
    let version = Some(module.version).filter(|version| !matches!(*version, "" | "(devel)"));
    let mut component = Component::new(module.path);
    component.version = version.map(str::to_owned);
    component.purl =
        Some(Purl::new("golang", Some(namespace), name, version, &[]).map_err(|error| error.to_string())?);
    component.vcs = golang::repository(module.path);
    let mut package = Package::new(component);
    package.technique = Technique::BinaryAnalysis;
    Ok(package)
}

/// The program itself. `None` where nothing names it, and for the commands that make up Go.
///
/// `print` is what the program says of itself, lines of product and version.
fn main(info: &Info<'_>, print: &str) -> Option<Result<Package, String>> {
    let path = info.main.as_ref().map_or(info.path, |module| module.path);
    if matches!(path, "" | "command-line-arguments" | "cmd" | "std") || path.starts_with("cmd/") {
        return None;
    }
    let written = info.main.as_ref().map_or("", |module| module.version);
    let (version, confidence) = match written {
        "" | "(devel)" => by_flag(info, path)
            .or_else(|| by_print(path, print))
            .map(|version| (version, BY_FLAG))
            .or_else(|| by_commit(info, path).map(|version| (version, BY_COMMIT)))
            .unwrap_or_default(),
        version => (version.to_owned(), 100),
    };
    Some(package(&Module { path, version: &version }).map(|mut package| {
        package.component.kind = Kind::Application;
        if !version.is_empty() {
            package.confidence = confidence;
        }
        package
    }))
}

/// The version of the product that the module is named after.
fn by_print(path: &str, print: &str) -> Option<String> {
    let name = path.rsplit('/').next()?;
    let mut lines = print.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(product, _)| *product == name).map(|(_, version)| version.to_owned())
}

/// How Go writes the version of a commit: its time, and the first twelve digits of its name. The first number
/// is the one that the module's path ends in.
fn by_commit(info: &Info<'_>, path: &str) -> Option<String> {
    let revision = info.setting("vcs.revision")?.get(..12)?;
    let time: String = info.setting("vcs.time")?.chars().filter(char::is_ascii_digit).take(14).collect();
    let dirty = if info.setting("vcs.modified") == Some("true") { "+dirty" } else { "" };
    let major = path.rsplit_once("/v").map_or("0", |(_, major)| major);
    let major = if major.bytes().all(|byte| byte.is_ascii_digit()) { major } else { "0" };
    (time.len() == 14).then(|| format!("v{major}.0.0-{time}-{revision}{dirty}"))
}

/// Names of variables that are set to a program's version, the surest first.
const VERSION_VARIABLES: &[&str] = &[
    "version",
    "gitversion",
    "buildversion",
    "appversion",
    "programversion",
    "releaseversion",
    "tag",
    "release",
];

/// The version that the linker was told to write into a variable: `-X main.version=1.2.3`. Variables of the
/// program's own packages come before those of others; where the best disagree, nothing is known.
fn by_flag(info: &Info<'_>, module: &str) -> Option<String> {
    let mut best: Option<((bool, usize), &str, bool)> = None;
    let words = shell_words(info.setting("-ldflags")?);
    for (variable, value) in assignments(&words) {
        let Some((package, name)) = variable.rsplit_once('.') else { continue };
        let lower = name.to_ascii_lowercase();
        let Some(rank) = VERSION_VARIABLES.iter().position(|known| *known == lower) else { continue };
        if !looks_like_a_version(value) {
            continue;
        }
        let is_foreign = package != "main" && !package.starts_with(module);
        let rank = (is_foreign, rank);
        match &mut best {
            Some((known, _, _)) if *known < rank => {}
            Some((known, text, agrees)) if *known == rank => *agrees &= *text == value,
            best => *best = Some((rank, value, true)),
        }
    }
    best.filter(|(_, _, agrees)| *agrees).map(|(_, version, _)| version.to_owned())
}

/// The values of `-X name=value` and `-X=name=value`.
fn assignments(words: &[String]) -> impl Iterator<Item = (&str, &str)> {
    let next = words.iter().skip(1).map(String::as_str).chain([""]);
    words.iter().zip(next).filter_map(|(word, next)| match word.trim_start_matches('-') {
        "X" => next.split_once('='),
        word => word.strip_prefix("X=")?.split_once('='),
    })
}

fn looks_like_a_version(text: &str) -> bool {
    let number = text.strip_prefix('v').unwrap_or(text);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._+-~".contains(letter);
    number.starts_with(|first: char| first.is_ascii_digit())
        && number.contains('.')
        && number.len() <= 64
        && number.chars().all(plain)
}

/// Splits as Go's tools do: at blanks, but not between quotes, which have no escapes.
fn shell_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (Some(_), letter) => word.push(letter),
            (None, '"' | '\'') => quote = Some(letter),
            (None, letter) if letter.is_whitespace() => words.push(std::mem::take(&mut word)),
            (None, letter) => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn the_program_needs_every_module_and_the_standard_library() {
        let info = "go\tgo1.22.3 X:boringcrypto\n\
                    path\tgithub.com/aquasecurity/tool/cmd/tool\n\
                    mod\tgithub.com/aquasecurity/tool\tv1.4.0\th1:x\n\
                    dep\tgithub.com/BurntSushi/toml\tv1.3.2\th1:x\n\
                    dep\tgolang.org/x/text\tv0.14.0\n\
                    =>\tgolang.org/x/text\tv0.13.0\th1:y\n\
                    dep\tgopkg.in/yaml.v2\tv2.4.0+incompatible\th1:z\n\
                    build\t-compiler=gc\n";
        check(
            &ECOSYSTEM,
            &[("usr/bin/tool!/.go.buildinfo", info)],
            expect![[r#"
            pkg:golang/github.com/aquasecurity/tool@v1.4.0 application needs [github.com/burntsushi/toml@v1.3.2, golang.org/x/text@v0.13.0, gopkg.in/yaml.v2@v2.4.0%2Bincompatible, stdlib@1.22.3]
            pkg:golang/github.com/burntsushi/toml@v1.3.2
            pkg:golang/golang.org/x/text@v0.13.0
            pkg:golang/gopkg.in/yaml.v2@v2.4.0%2Bincompatible
            pkg:golang/stdlib@1.22.3 concluded `BSD-3-Clause` needs []
        "#]],
        );
    }

    #[test]
    fn the_linkers_flags_tell_a_version_that_is_not_stamped() {
        let program = |flags: &str| {
            format!(
                "go\tgo1.21.9 (Red Hat 1.21.9-1.el9)\npath\tk8s.io/kubernetes/cmd/kubelet\nmod\tk8s.io/kubernetes\t(devel)\t\n\
                 dep\tk8s.io/api\tv0.0.0\n=>\t./staging/src/k8s.io/api\t(devel)\t\nbuild\t-ldflags={flags}\n\
                 build\tvcs.revision=0123456789abcdef\nbuild\tvcs.time=2024-02-29T12:00:00Z\nbuild\tvcs.modified=true\n"
            )
        };
        let foreign = program(
            r#""-X 'k8s.io/base/version.buildDate=2024 x' -X 'k8s.io/base/version.gitVersion=v1.28.2' -X=k8s.io/client/version.gitVersion=v1.28.2 -s""#,
        );
        let own = program("-X=main.Version=1.5.0");
        let at_odds = program(r#""-X=a/b.version=1.0.0 -X=c/d.version=2.0.0 -X main.version=dev""#);
        check(
            &ECOSYSTEM,
            &[("a!/.go.buildinfo", &foreign), ("b!/.go.buildinfo", &own), ("c!/.go.buildinfo", &at_odds)],
            expect![[r#"
                pkg:golang/k8s.io/api
                pkg:golang/k8s.io/kubernetes@1.5.0 application needs [k8s.io/api, stdlib@1.21.9]
                pkg:golang/k8s.io/kubernetes@v0.0.0-20240229120000-0123456789ab%2Bdirty application needs [k8s.io/api, stdlib@1.21.9]
                pkg:golang/k8s.io/kubernetes@v1.28.2 application needs [k8s.io/api, stdlib@1.21.9]
                pkg:golang/stdlib@1.21.9 concluded `BSD-3-Clause` needs []
            "#]],
        );
    }

    #[test]
    fn what_was_built_without_modules_has_a_version_of_go() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "docker!/.go.buildinfo",
                    "go\tgo1.19.8\npath\tgithub.com/docker/cli/cmd/docker\nbuild\tCGO_ENABLED=1\n",
                ),
                ("old!/.go.buildinfo", "go\tgo1.15.2\n"),
                (
                    "go!/.go.buildinfo",
                    "go\tdevel go1.23-9e8ea567c8 Thu Feb\npath\tcmd/go\nmod\tcmd\t(devel)\t\n",
                ),
            ],
            expect![[r#"
                pkg:golang/github.com/docker/cli/cmd/docker application needs [stdlib@1.19.8]
                pkg:golang/stdlib@1.15.2 concluded `BSD-3-Clause` needs []
                pkg:golang/stdlib@1.19.8 concluded `BSD-3-Clause` needs []
                pkg:golang/stdlib@1.23-9e8ea567c8 concluded `BSD-3-Clause` needs []
            "#]],
        );
    }

    #[test]
    fn a_program_may_say_its_version_itself() {
        let info = |path: &str| {
            format!(
                "go\tgo1.22\npath\t{path}\nmod\t{path}\t(devel)\t\nbuild\tvcs.revision=0123456789abcdef\n\
                     build\tvcs.time=2024-02-29T12:00:00Z\n"
            )
        };
        let (consul, traefik) = (info("github.com/hashicorp/consul"), info("github.com/traefik/traefik/v3"));
        check(
            &ECOSYSTEM,
            &[
                ("bin/consul!/.go.buildinfo", &consul),
                ("bin/consul!/.fingerprint", "consul 1.20.1\n"),
                ("traefik!/.go.buildinfo", &traefik),
            ],
            expect![[r#"
                pkg:golang/github.com/hashicorp/consul@1.20.1 application needs [stdlib@1.22]
                pkg:golang/github.com/traefik/traefik/v3@v3.0.0-20240229120000-0123456789ab application needs [stdlib@1.22]
                pkg:golang/stdlib@1.22 concluded `BSD-3-Clause` needs []
            "#]],
        );
    }

    #[test]
    fn hostile_build_information_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("a!/.go.buildinfo", "path\tx\n"),
                ("b!/.go.buildinfo", "go\tgo1.22\n=>\tx\tv1\ndep\t\t\ndep\nnonsense\nmod\texample.org/x\n"),
            ],
            expect![[r#"
                pkg:golang/example.org/x application needs [stdlib@1.22]
                pkg:golang/stdlib@1.22 concluded `BSD-3-Clause` needs []
                gap a!/.go.buildinfo:1: does not name the version of Go
                gap b!/.go.buildinfo: `pkg:golang/` is not a package URL: missing name
                gap b!/.go.buildinfo:5: is no line of Go's build information
            "#]],
        );
    }
}

//! `requirements.txt`: what pip is told to install.
//!
//! It is a list of wishes, and a lock only where somebody pinned: a line without `==` (and without a pin in
//! a constraints file it names) has no version to list and becomes a gap. Included files are read for
//! themselves. pip-compile and uv note who needs a package in `# via` comments, the only edges there are.
//! That a list is for development only its name can say. Several digests of one line are those of several
//! files, and stand for none.
//! Spec: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::super::pep508::{Requirement, normalized};
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problem, nothing_beside, pypi};
use crate::bom::{Component, Hash, Presence, Scope};
use crate::layers::{Tree, clean};

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "requirements",
    about: "Python packages pinned in requirements.txt and its relatives",
    reads: &["**/*requirements*.txt", "**/requirements/*.txt"],
    beside: &["**/*constraints*.txt"],
    spec: "https://pip.pypa.io/en/stable/reference/requirements-file-format/",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = decoded(file);
    let lines = logical_lines(&text);
    let mut reading = Reading {
        file,
        tree,
        parsed: Parsed::default(),
        constraints: BTreeSet::new(),
        pins: BTreeMap::new(),
        via: Vec::new(),
    };
    for line in &lines {
        reading.constrain(line);
    }
    for line in &lines {
        reading.read(line);
    }
    Ok(reading.finish())
}

/// PowerShell writes UTF-16 when asked to redirect `pip freeze`.
fn decoded<'a>(file: &File<'a>) -> Cow<'a, str> {
    let order: fn([u8; 2]) -> u16 = match file.bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return file.text(),
    };
    let units = file.bytes[2..].chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect::<String>()
        .into()
}

/// A line with the lines it is continued on, and the comments up to the next.
struct Logical {
    number: u32,
    text: String,
    comments: Vec<String>,
}

fn logical_lines(text: &str) -> Vec<Logical> {
    let mut lines: Vec<Logical> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let (code, comment) = without_comment(line);
        let (code, continues) = match code.trim_end().strip_suffix('\\') {
            Some(code) => (code, true),
            None => (code, false),
        };
        match lines.last_mut() {
            Some(last) if open => {
                last.text.push(' ');
                last.text.push_str(code.trim());
            }
            _ if !code.trim().is_empty() => lines.push(Logical {
                number: u32::try_from(index + 1).unwrap_or(u32::MAX),
                text: code.trim().to_owned(),
                comments: Vec::new(),
            }),
            _ => {}
        }
        if let (Some(last), Some(comment)) = (lines.last_mut(), comment) {
            last.comments.push(comment.trim().to_owned());
        }
        // A comment line does not end what it stands in.
        open = continues || (open && code.trim().is_empty() && comment.is_some());
    }
    lines
}

/// A `#` begins a comment, except inside a URL, where a blank must stand before it.
fn without_comment(line: &str) -> (&str, Option<&str>) {
    let starts = line.match_indices('#').map(|(at, _)| at);
    let is_url = line.contains("://");
    let mut comments =
        starts.filter(|at| *at == 0 || !is_url || line[..*at].ends_with(|c: char| c.is_ascii_whitespace()));
    match comments.next() {
        Some(at) => (&line[..at], Some(&line[at + 1..])),
        None => (line, None),
    }
}

struct Reading<'a> {
    file: &'a File<'a>,
    tree: &'a Tree,
    parsed: Parsed,
    /// Constraints files that were read.
    constraints: BTreeSet<String>,
    /// Versions that constraints files settle, by normal name.
    pins: BTreeMap<String, String>,
    /// Who needs each package of `parsed`, as far as comments say.
    via: Vec<Via>,
}

#[derive(Default)]
struct Via {
    said: bool,
    names: BTreeSet<String>,
}

impl Reading<'_> {
    fn path(&self, name: &str) -> Option<String> {
        clean(format!("{}/{name}", self.file.folder()).as_bytes())
    }

    fn constrain(&mut self, line: &Logical) {
        let Some(name) = option(&line.text, &["-c", "--constraint"]) else { return };
        let Some(path) = self.path(name).filter(|path| !self.constraints.contains(path)) else { return };
        let Some(bytes) = self.tree.read(&path) else { return };
        self.constraints.insert(path);
        let text = decoded(&File { path: name, bytes }).into_owned();
        for line in logical_lines(&text) {
            if let Some(requirement) = Requirement::parse(without_options(&line.text))
                && let Some(version) = requirement.pin()
            {
                self.pins.insert(normalized(requirement.name), version.to_owned());
            }
        }
    }

    fn read(&mut self, line: &Logical) {
        let text = line.text.as_str();
        if let Some(name) = option(text, &["-r", "--requirement", "--requirements"]) {
            if self.path(name).and_then(|path| self.tree.read(&path)).is_none() {
                self.problem(line, format!("includes `{name}`, which is not read"));
            }
        } else if let Some(place) = option(text, &["-e", "--editable"]) {
            self.located(line, place);
        } else if !text.starts_with('-') {
            self.wish(line, without_options(text));
        }
    }

    fn wish(&mut self, line: &Logical, text: &str) {
        let Some(requirement) = Requirement::parse(text) else { return self.located(line, text) };
        let name = requirement.name;
        if let Some(url) = requirement.url {
            return self.add(line, name, file_version(url).map(|(_, version)| version), Some(url));
        }
        // `name == 1.2 @ git+https://…` is against the rules and yet in use.
        let bare = Requirement { constraint: before(requirement.constraint, " @"), ..requirement };
        let pinned = self.pins.get(&normalized(name)).cloned();
        match bare.pin().map(str::to_owned).or(pinned) {
            Some(version) => self.add(line, name, Some(&version), None),
            None => self.problem(line, format!("asks for `{text}`, which names no version")),
        }
    }

    /// A place to install from: a repository or a file elsewhere. A folder is the project's own.
    fn located(&mut self, line: &Logical, place: &str) {
        let (url, fragment) = place.split_once('#').unwrap_or((place, ""));
        let is_remote = url.contains("://");
        let egg = fragment.split('&').find_map(|part| part.strip_prefix("egg="));
        let egg = egg.map(|egg| before(before(egg, "["), ";"));
        match (egg.filter(|egg| !egg.is_empty()), file_version(url)) {
            (Some(name), version) if is_remote => {
                self.add(line, name, version.map(|(_, version)| version), Some(place));
            }
            (None, Some((name, version))) => self.add(line, name, Some(version), is_remote.then_some(place)),
            _ if is_remote || !is_folder(url) => {
                self.problem(line, format!("`{place}` names no package"));
            }
            _ => {}
        }
    }

    fn add(&mut self, line: &Logical, name: &str, version: Option<&str>, url: Option<&str>) {
        let qualifier = url.map(|url| {
            let url = before(before(without_login(url).as_ref(), "#"), " ").to_owned();
            if url.contains('+') && !url.starts_with("http") {
                ("vcs_url", url)
            } else {
                ("download_url", url)
            }
        });
        let qualifier = qualifier.as_ref().map(|(key, value)| (*key, value.as_str()));
        let purl = match pypi::purl(name, version, qualifier.as_slice()) {
            Ok(purl) => purl,
            Err(error) => return self.problem(line, error.to_string()),
        };
        let mut component = Component::new(name);
        component.version = version.map(str::to_owned);
        component.purl = Some(purl);
        component.presence = Presence::Declared;
        match qualifier {
            Some(("vcs_url", url)) => component.vcs = Some(url.to_owned()),
            Some((_, url)) => component.download = Some(url.to_owned()),
            None => {}
        }
        if let [hash] = hashes(&line.text).as_slice() {
            component.hashes.push(hash.clone());
        }
        let via = via(&line.comments, &mut component.asked_for);
        let mut package = Package::new(component);
        package.line = Some(line.number);
        package.scope = is_for_development(self.file.path).then_some(Scope::Dev);
        package.addresses = vec![self.address(name)];
        self.parsed.packages.push(package);
        self.via.push(via);
    }

    fn address(&self, name: &str) -> String {
        format!("requirements:{}#{}", self.file.path, normalized(name))
    }

    fn problem(&mut self, line: &Logical, reason: String) {
        self.parsed.problems.push(Problem::new(line.number, reason));
    }

    /// Comments say who needs a package; packages say what they need.
    fn finish(mut self) -> Parsed {
        if !self.via.iter().any(|via| via.said) {
            return self.parsed;
        }
        let mut needs: BTreeMap<String, Vec<Need>> = BTreeMap::new();
        for (package, via) in self.parsed.packages.iter().zip(&self.via) {
            for name in &via.names {
                needs.entry(name.clone()).or_default().push(Need::of(self.address(&package.component.name)));
            }
        }
        for package in &mut self.parsed.packages {
            package.needs =
                Some(needs.get(&normalized(&package.component.name)).cloned().unwrap_or_default());
        }
        self.parsed
    }
}

/// The value of an option, written behind a blank, behind `=`, or glued to a short one.
fn option<'a>(line: &'a str, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| {
        let rest = line.strip_prefix(name)?;
        let is_whole = name.len() == 2 || rest.starts_with([' ', '\t', '=']);
        let value = rest.trim_start_matches(['=', ' ', '\t']).trim_end().trim_matches(['"', '\'']);
        (is_whole && !value.is_empty()).then_some(value)
    })
}

/// Without `--hash=…` and its kind.
fn without_options(line: &str) -> &str {
    before(line, " --").trim_end()
}

fn before<'a>(text: &'a str, mark: &str) -> &'a str {
    text.find(mark).map_or(text, |at| &text[..at])
}

/// A URL without the name and password somebody may have left in it.
fn without_login(url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = url.split_once("://") else { return url.into() };
    let host_end = rest.find('/').unwrap_or(rest.len());
    match rest[..host_end].rsplit_once('@') {
        Some((login, _)) if login != "git" => format!("{scheme}://{}", &rest[login.len() + 1..]).into(),
        _ => url.into(),
    }
}

/// Name and version from the name of a wheel or source archive.
fn file_version(url: &str) -> Option<(&str, &str)> {
    let file = before(before(url, "#"), "?").rsplit('/').next()?;
    if let Some(wheel) = file.strip_suffix(".whl") {
        let mut parts = wheel.split('-');
        return Some((parts.next()?, parts.next()?));
    }
    let archive = [".tar.gz", ".tar.bz2", ".zip"].iter().find_map(|end| file.strip_suffix(end))?;
    let (name, version) = archive.rsplit_once('-')?;
    version.starts_with(|c: char| c.is_ascii_digit()).then_some((name, version))
}

fn is_folder(place: &str) -> bool {
    place.starts_with(['.', '/', '~']) || place.contains('/')
}

fn hashes(line: &str) -> Vec<Hash> {
    let options = line.split_whitespace().filter_map(|word| word.strip_prefix("--hash="));
    options.filter_map(pypi::hash).collect()
}

/// `via flask, click`, in one comment or in one line each; `via -r requirements.in` says that somebody asked.
fn via(comments: &[String], asked_for: &mut bool) -> Via {
    let mut via = Via::default();
    for comment in comments {
        let rest = match comment.strip_prefix("via") {
            Some(rest) => {
                via.said = true;
                rest
            }
            None if via.said => comment,
            None => continue,
        };
        for who in rest.split(',').map(str::trim).filter(|who| !who.is_empty()) {
            // `app (pyproject.toml)`, `-r requirements.in`.
            if who.starts_with('-') || who.contains('(') {
                *asked_for |= !who.starts_with("-c");
            } else {
                via.names.insert(normalized(before(who, "[")));
            }
        }
    }
    via
}

/// Words in the path of a list that is not for running.
const DEVELOPMENT: &[&str] = &[
    "ci",
    "dev",
    "devel",
    "develop",
    "development",
    "doc",
    "docs",
    "lint",
    "test",
    "testing",
    "tests",
    "typing",
];

/// `requirements-dev.txt`, `test_requirements.txt`, `requirements/docs.txt`.
fn is_for_development(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".txt").unwrap_or(name).to_ascii_lowercase();
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| DEVELOPMENT.contains(&word))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check, check_bytes};
    use super::*;

    #[test]
    fn only_a_pin_is_a_version() {
        let text = "--index-url https://user:secret@example.org/simple\n\
                    flask == 4.0.0 # comment\nurllib3===1.26.20#comment\nbar >= 1, \\\n  != 3\nfoo[x, y]==1.0 ; python_version < '3.8'\n\
                    Mopidy-Dirble ~= 1.1\npandas\nnumpy==1.*\n\
                    argh==0.26.2 \\\n  --hash=sha256:a9b3aaa1904eeb78e32394cd46c6f37ac0fb4af6dc488daa58971bdc7d7fcaf3\n\
                    two==1 --hash=md5:00000000000000000000000000000000 --hash=md5:11111111111111111111111111111111\n\
                    -c my-constraints.txt\n-r other.txt\n-r requirements-dev.txt\n";
        check(
            &ECOSYSTEM,
            &[
                ("a/requirements.txt", text),
                ("a/my-constraints.txt", "Pandas==2.2.0\nunused==1\n"),
                ("a/requirements-dev.txt", "pytest==8.0\n"),
            ],
            expect![[r#"
                pkg:pypi/argh@0.26.2 line 10 SHA-256:a9b3aaa1
                pkg:pypi/flask@4.0.0 line 2
                pkg:pypi/foo@1.0 line 6
                pkg:pypi/pandas@2.2.0 line 8
                pkg:pypi/pytest@8.0 line 1 dev
                pkg:pypi/two@1 line 12
                pkg:pypi/urllib3@1.26.20 line 3
                gap a/requirements.txt:4: asks for `bar >= 1, != 3`, which names no version
                gap a/requirements.txt:7: asks for `Mopidy-Dirble ~= 1.1`, which names no version
                gap a/requirements.txt:9: asks for `numpy==1.*`, which names no version
                gap a/requirements.txt:14: includes `other.txt`, which is not read
            "#]],
        );
    }

    #[test]
    fn comments_say_who_needs_it() {
        let text = "#\n# This file is autogenerated by pip-compile with Python 3.11\n#\n\
                    click==8.1.7 \\\n    --hash=sha256:a9b3aaa1904eeb78e32394cd46c6f37ac0fb4af6dc488daa58971bdc7d7fcaf3\n    # via\n    #   -c constraints.txt\n    #   black\n    #   Flask\n\
                    black==24.1\n    # via -r requirements.in\n\
                    flask==3.0    # via app (pyproject.toml), black[jupyter]\n";
        check(
            &ECOSYSTEM,
            &[("requirements/base.txt", text)],
            expect![[r#"
            pkg:pypi/black@24.1 line 10 needs [click@8.1.7, flask@3.0]
            pkg:pypi/click@8.1.7 line 4 SHA-256:a9b3aaa1 needs []
            pkg:pypi/flask@3.0 line 12 needs [click@8.1.7]
        "#]],
        );
    }

    #[test]
    fn places_to_install_from_are_kept() {
        let text = "-e git+https://user:secret@github.com/pecan/pecan.git@1.2#egg=pecan&subdirectory=x\n\
                    pip @ https://example.org/pip-22.0-py3-none-any.whl ; python_version > '3'\n\
                    mine @ git+ssh://git@github.com/o/mine@abc\n\
                    https://example.org/files/six-1.16.0.tar.gz#sha256=00\n\
                    ./wheels/local_thing-2.0-py3-none-any.whl\n-e .\n./lib\n\
                    https://example.org/unnamed.git\nGithubSampleProject == 3.7.1 @ git+https://github.com/o/r\n";
        check(
            &ECOSYSTEM,
            &[("requirements.txt", text)],
            expect![[r#"
            pkg:pypi/githubsampleproject@3.7.1 line 9
            pkg:pypi/local-thing@2.0 line 5
            pkg:pypi/mine?vcs_url=git%2Bssh:%2F%2Fgit%40github.com%2Fo%2Fmine%40abc line 3
            pkg:pypi/pecan?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fpecan%2Fpecan.git%401.2 line 1
            pkg:pypi/pip@22.0?download_url=https:%2F%2Fexample.org%2Fpip-22.0-py3-none-any.whl line 2
            pkg:pypi/six@1.16.0?download_url=https:%2F%2Fexample.org%2Ffiles%2Fsix-1.16.0.tar.gz line 4
            gap requirements.txt:8: `https://example.org/unnamed.git` names no package
        "#]],
        );
    }

    #[test]
    fn a_redirected_freeze_is_in_utf_16() {
        let units = "attrs==20.3.0\r\n".encode_utf16().flat_map(u16::to_le_bytes);
        let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).chain([0x61]).collect();
        check_bytes(
            &ECOSYSTEM,
            &[("requirements.txt", &bytes)],
            expect![[r#"
            pkg:pypi/attrs@20.3.0 line 1
        "#]],
        );
    }

    #[test]
    fn what_is_no_requirement_is_a_gap() {
        let text = "==2.3.4\n\\\n\\\n--hash\n-r\n-e\n# via\n<<<<<<< HEAD\nflask==\n--unknown=1\nname with blanks\né==1\n-r https://example.org/r.txt\na==1 \\";
        check(
            &ECOSYSTEM,
            &[("requirements.txt", text), ("b-requirements.txt", "\u{feff}")],
            expect![[r#"
                pkg:pypi/a@1 line 14
                gap requirements.txt:1: `==2.3.4` names no package
                gap requirements.txt:8: `<<<<<<< HEAD` names no package
                gap requirements.txt:9: asks for `flask==`, which names no version
                gap requirements.txt:11: `name with blanks` names no package
                gap requirements.txt:12: `é==1` names no package
                gap requirements.txt:13: includes `https://example.org/r.txt`, which is not read
            "#]],
        );
    }
}

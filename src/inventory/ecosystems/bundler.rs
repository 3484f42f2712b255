//! `Gemfile.lock` and `gems.locked`: what Bundler resolved for a project.
//!
//! Sections of indented lines. A gem may stand there once for each platform; what others need of it is all of
//! them. Gems of a `PATH` are the project's own. Which gems are only for development is not in the file, but
//! in the groups of the Gemfile beside it, which is Ruby: its plain `group` blocks and `gem` lines are read,
//! and nothing is run.
//! Spec: <https://bundler.io/man/gemfile.5.html>; the lockfile has no specification of its own.

use std::collections::HashMap;

use super::super::locked::{self, Locked};
use super::super::{
    Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside, origin, rubygems,
};
use crate::bom::{Component, Hash, HashAlgorithm, Presence, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "bundler",
    about: "gems locked by Bundler in Gemfile.lock or gems.locked",
    reads: &["**/Gemfile.lock", "**/Gemfile.next.lock", "**/gems.locked"],
    beside: &["**/Gemfile", "**/Gemfile.next", "**/gems.rb"],
    spec: "https://bundler.io/man/gemfile.5.html",
    parse,
    enrich: nothing_beside,
};

/// Groups that no deployment installs, by their usual names.
const DEV_GROUPS: &[&str] =
    &["benchmark", "ci", "dev", "development", "doc", "docs", "lint", "test", "tests"];

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    if is_in_gem(file.folder()) {
        return Ok(Parsed::default());
    }
    let text = file.text();
    let mut lock = Lock::default();
    for (index, line) in text.lines().enumerate() {
        lock.line(line, u32::try_from(index + 1).unwrap_or(u32::MAX));
    }
    if !lock.has_section {
        return Err(ParseError::new(1, "has none of the sections that a Gemfile.lock has"));
    }
    let gemfile = gemfile(file, tree);
    Ok(lock.finish(file.path, gemfile.as_ref()))
}

/// A lockfile inside an installed gem served its development.
fn is_in_gem(folder: &str) -> bool {
    let parts: Vec<&str> = folder.split('/').collect();
    parts.windows(2).any(|pair| pair[0] == "gems" && pair[1].contains('-'))
}

#[derive(Default)]
struct Lock<'a> {
    section: Section<'a>,
    has_section: bool,
    list: Vec<Locked>,
    /// Beside `list`: what each needs, by name.
    needs: Vec<Vec<&'a str>>,
    /// Places in `list`: several for a gem of several platforms.
    by_name: HashMap<&'a str, Vec<usize>>,
    by_full_name: HashMap<(&'a str, &'a str), usize>,
    asked_for: Vec<&'a str>,
    problems: Problems,
}

#[derive(Default)]
struct Section<'a> {
    name: &'a str,
    remote: &'a str,
    revision: &'a str,
}

impl<'a> Lock<'a> {
    fn line(&mut self, line: &'a str, number: u32) {
        let content = line.trim();
        let indent = line.len() - line.trim_start_matches(' ').len();
        if content.is_empty() {
            return;
        }
        let understood = match (self.section.name, indent) {
            (_, 0) => self.begin(content),
            ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 2) => self.option(content),
            ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 4) => return self.gem(content, number),
            ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 6) => self.need(content),
            ("DEPENDENCIES", 2) => {
                self.asked_for.push(name_of(content));
                true
            }
            ("CHECKSUMS", 2) => {
                self.checksum(content);
                true
            }
            ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", _) => false,
            // Platforms, versions of Ruby and Bundler, and what later versions may add.
            _ => true,
        };
        if !understood {
            self.problems.push(Problem::new(number, "is no line of a Gemfile.lock"));
        }
    }

    fn begin(&mut self, content: &'a str) -> bool {
        let is_title = content.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'-'));
        self.section = Section { name: if is_title { content } else { "" }, ..Section::default() };
        self.has_section |= matches!(content, "GEM" | "GIT" | "PATH" | "DEPENDENCIES");
        is_title
    }

    fn option(&mut self, content: &'a str) -> bool {
        match content.split_once(':') {
            Some(("remote", remote)) => self.section.remote = remote.trim(),
            Some(("revision", revision)) => self.section.revision = revision.trim(),
            Some(_) => {}
            None => return false,
        }
        true
    }

    fn gem(&mut self, content: &'a str, number: u32) {
        let result = match named_version(content) {
            Some((name, version)) => {
                self.component(name, version).map(|component| (name, version, component))
            }
            None => Err("is no `name (version)`".to_owned()),
        };
        match result {
            Ok((name, version, component)) => {
                self.by_name.entry(name).or_default().push(self.list.len());
                self.by_full_name.insert((name, version), self.list.len());
                self.list.push(Locked::new(component, number));
                self.needs.push(Vec::new());
            }
            Err(reason) => self.problems.push(Problem::new(number, reason)),
        }
    }

    fn component(&self, name: &str, full_version: &str) -> Result<Component, String> {
        let (version, platform) = rubygems::split_platform(full_version);
        let Section { name: section, remote, revision } = self.section;
        if section == "PATH" {
            return Ok(locked::own(name, Some(version)));
        }
        let vcs = (section == "GIT").then(|| origin::vcs_url(remote, revision));
        let mut component = rubygems::named(name, version, platform, vcs.as_deref())?;
        component.presence = Presence::Declared;
        Ok(component)
    }

    fn need(&mut self, content: &'a str) -> bool {
        if let Some(needs) = self.needs.last_mut() {
            needs.push(name_of(content));
        }
        true
    }

    /// `name (1.0.0-x86_64-linux) sha256=…`; a gem whose digest was never asked for has none.
    fn checksum(&mut self, content: &'a str) {
        let Some((gem, digest)) = content.split_once(") ") else { return };
        let Some((name, version)) = gem.split_once(" (") else { return };
        let place = self.by_full_name.get(&(name, version)).copied();
        let hash = digest.split(',').find_map(|digest| {
            let (algorithm, hex) = digest.trim().split_once('=')?;
            Hash::from_hex(HashAlgorithm::from_name(algorithm)?, hex)
        });
        if let Some(locked) = place.and_then(|place| self.list.get_mut(place)) {
            locked.component.hashes.extend(hash);
        }
    }

    fn finish(self, path: &str, gemfile: Option<&Gemfile>) -> Parsed {
        let Self { mut list, needs, by_name, asked_for, problems, .. } = self;
        let places = |name: &str| by_name.get(name).into_iter().flatten().copied();
        for (locked, needs) in list.iter_mut().zip(&needs) {
            let targets = needs.iter().flat_map(|name| places(name).map(|target| (target, Scope::Required)));
            locked.needs = Some(targets.collect());
        }
        // The project itself has no name here.
        let mut project = Locked::new(locked::own("", None), 1);
        let asked = asked_for.iter().flat_map(|name| {
            let scope = gemfile.map_or(Scope::Required, |gemfile| gemfile.scope(name));
            places(name).map(move |target| (target, scope))
        });
        project.needs = Some(asked.collect());
        list.push(project);
        if gemfile.is_some() {
            locked::work_out_scopes(&mut list);
        }
        Parsed { packages: locked::packages(path, list), problems }
    }
}

/// `name (~> 1.0)!` without all but the name.
fn name_of(content: &str) -> &str {
    content.split([' ', '(', '!']).next().unwrap_or(content)
}

fn named_version(content: &str) -> Option<(&str, &str)> {
    let (name, version) = content.strip_suffix(')')?.split_once(" (")?;
    version.starts_with(|first: char| first.is_ascii_digit()).then_some((name, version))
}

/// What a Gemfile says of gems, as far as it can be known without running it.
#[derive(Default)]
struct Gemfile {
    scopes: HashMap<String, Scope>,
    /// It takes over what a gemspec asks for.
    has_gemspec: bool,
}

impl Gemfile {
    fn scope(&self, name: &str) -> Scope {
        match self.scopes.get(name) {
            Some(scope) => *scope,
            // Not named here: asked for by the gemspec, whose needs to run are edges of the gem itself.
            None if self.has_gemspec => Scope::Dev,
            None => Scope::Required,
        }
    }
}

fn gemfile(file: &File<'_>, tree: &Tree) -> Option<Gemfile> {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", file.path));
    let source = match name {
        "gems.locked" => "gems.rb",
        name => name.strip_suffix(".lock")?,
    };
    let path = if folder.is_empty() { source.to_owned() } else { format!("{folder}/{source}") };
    let text = File { path: &path, bytes: tree.read(&path)? }.text();
    let mut gemfile = Gemfile::default();
    // Whether each open block is a group for development.
    let mut blocks: Vec<bool> = Vec::new();
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or(line).trim();
        let word = line.split([' ', '(']).next().unwrap_or_default();
        match word {
            "gem" => gemfile.gem(line, blocks.contains(&true)),
            "gemspec" => gemfile.has_gemspec = true,
            "end" => {
                blocks.pop();
            }
            "if" | "unless" | "case" | "begin" | "def" | "while" | "until" => blocks.push(false),
            _ if line.ends_with(" do") || line.ends_with('|') && line.contains(" do ") => {
                blocks.push(word == "group" && is_for_development(line));
            }
            _ => {}
        }
    }
    Some(gemfile)
}

impl Gemfile {
    fn gem(&mut self, line: &str, is_in_group: bool) {
        let Some(name) = line.split(['"', '\'']).nth(1) else { return };
        let options = line.split_once("group").map(|(_, options)| options);
        let is_dev = is_in_group || options.is_some_and(is_for_development);
        let scope = if is_dev { Scope::Dev } else { Scope::Required };
        let known = self.scopes.entry(name.to_owned()).or_insert(scope);
        *known = (*known).min(scope);
    }
}

/// Whether all groups that a text names by symbols are for development.
fn is_for_development(text: &str) -> bool {
    let symbols = text.match_indices(':').filter_map(|(at, _)| {
        let rest = &text[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = rest.get(..end).filter(|name| !name.is_empty())?;
        // `require: false` has its colon behind; `optional: true` is no group.
        let is_symbol = text[..at].chars().next_back().is_none_or(|before| " ([,>:".contains(before));
        (is_symbol && name != "group").then_some(name)
    });
    let mut symbols = symbols.peekable();
    symbols.peek().is_some() && symbols.all(|name| DEV_GROUPS.contains(&name))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    const LOCK: &str = "GIT\n  remote: https://github.com/x/git.git\n  revision: c0ffee\n  branch: main\n  specs:\n    git (1.0.0)\n      nokogiri\n\n\
        PATH\n  remote: .\n  specs:\n    mine (0.1.0)\n      rack (~> 3.0)\n\n\
        GEM\n  remote: https://rubygems.org/\n  specs:\n    nokogiri (1.15.4)\n      racc (~> 1.4)\n    nokogiri (1.15.4-x86_64-linux)\n      racc (~> 1.4)\n    racc (1.7.1)\n    rack (3.0.8)\n    rake (13.0.6)\n    rspec (3.12.0)\n      racc\n    rubocop (1.50.0)\n      rake\n\n\
        PLATFORMS\n  ruby\n  x86_64-linux\n\nDEPENDENCIES\n  git!\n  mine!\n  rake\n  rspec (~> 3.0)\n  rubocop\n\n\
        CHECKSUMS\n  nokogiri (1.15.4-x86_64-linux) sha256=34af8d1a0e25924bc5b7c43c079c942339d8f0a8b57c39049bef581b46327404\n  rack (3.0.8) sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n  rake (13.0.6)\n\nRUBY VERSION\n   ruby 3.2.2p53\n\nBUNDLED WITH\n   2.4.10\n";

    #[test]
    fn gems_of_every_source_and_platform() {
        let gemfile = "source 'https://rubygems.org'\ngemspec\ngem \"git\", github: 'x/git'\n\
            group :development, :test do\n  if ENV['X']\n    gem 'rspec', '~> 3.0' # tests\n  end\nend\n\
            gem \"rake\", group: :test, require: false\n";
        check(
            &ECOSYSTEM,
            &[("a/Gemfile.lock", LOCK), ("a/Gemfile", gemfile)],
            expect![[r#"
                application:mine@0.1.0 line 12 application first-party needs [rack@3.0.8]
                pkg:gem/git@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fx%2Fgit.git%40c0ffee line 6 needs [nokogiri@1.15.4, nokogiri@1.15.4]
                pkg:gem/nokogiri@1.15.4 line 18 needs [racc@1.7.1]
                pkg:gem/nokogiri@1.15.4?platform=x86_64-linux line 20 SHA-256:34af8d1a needs [racc@1.7.1]
                pkg:gem/racc@1.7.1 line 22 needs []
                pkg:gem/rack@3.0.8 line 23 SHA-256:e3b0c442 needs []
                pkg:gem/rake@13.0.6 line 24 dev needs []
                pkg:gem/rspec@3.12.0 line 25 dev needs [racc@1.7.1]
                pkg:gem/rubocop@1.50.0 line 27 dev needs [rake@13.0.6]
            "#]],
        );
    }

    #[test]
    fn without_a_gemfile_scope_is_not_known() {
        let lock = "GEM\r\n  remote: https://rubygems.org/\r\n  specs:\r\n    a (1.0)\r\n      b\r\n    b (2.0.pre1-java)\r\n\r\nDEPENDENCIES\r\n  a\r\n";
        check(
            &ECOSYSTEM,
            &[("gems.locked", lock), ("usr/lib/ruby/gems/3.1.0/gems/x-1.0/Gemfile.lock", lock)],
            expect![[r#"
                pkg:gem/a@1.0 line 4 needs [b@2.0.pre1]
                pkg:gem/b@2.0.pre1?platform=java line 6 needs []
            "#]],
        );
    }

    #[test]
    fn what_is_not_understood_is_a_gap_with_its_line() {
        check(
            &ECOSYSTEM,
            &[
                ("a/Gemfile.lock", "malformed"),
                (
                    "b/Gemfile.lock",
                    "GEM\n  specs:\n<<<<<<< HEAD\n    x (1.0)\n=======\nGEM\n  remote\n  specs:\n     odd\n    a b (1.0)\n    b (not)\n    c (1.",
                ),
                ("c/Gemfile.lock", "OTHER\n    x (1.0)\nDEPENDENCIES\n  y\n"),
            ],
            expect![[r#"
                gap a/Gemfile.lock:1: has none of the sections that a Gemfile.lock has
                gap b/Gemfile.lock:3: is no line of a Gemfile.lock
                gap b/Gemfile.lock:5: is no line of a Gemfile.lock
                gap b/Gemfile.lock:7: is no line of a Gemfile.lock
                gap b/Gemfile.lock:9: is no line of a Gemfile.lock
                gap b/Gemfile.lock:10: `a b` is no name of a gem
                gap b/Gemfile.lock:11: is no `name (version)`
                gap b/Gemfile.lock:12: is no `name (version)`
            "#]],
        );
    }
}

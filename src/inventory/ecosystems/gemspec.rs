//! Installed gems: the specifications that RubyGems writes when it installs, and those of gems that Bundler
//! fetched from a repository.
//!
//! A gem that nobody installed has the same as YAML, and is read as if it had been installed.
//!
//! They are Ruby, but written by a program: one assignment a line, texts as literals. They are read as lines
//! and never run. A repository's own gemspec may compute its version; then it cannot be told. What a gem needs
//! it names with a requirement; it gets the highest version in the same gem home that satisfies it.
//! Spec: <https://guides.rubygems.org/specification-reference/>

use std::cmp::Ordering;

use super::super::claims::choice;
use super::super::locked::unlocked;
use super::super::rubygems::{self, ANY_PLATFORM};
use super::super::value::Value;
use super::super::yaml;
use super::super::{
    Ecosystem, Extent, File, Need, Package, ParseError, Parsed, Problem, nothing_beside, origin,
};
use crate::bom::{Component, Presence};
use crate::layers::{Tree, parent};
use crate::licenses::Dialect;
use crate::versions;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "gemspec",
    about: "gems installed by RubyGems or Bundler, by their specifications",
    reads: &[
        "**/specifications/*.gemspec",
        "**/specifications/default/*.gemspec",
        "**/bundler/gems/*/*.gemspec",
    ],
    beside: &[],
    spec: "https://guides.rubygems.org/specification-reference/",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let is_packed = text.starts_with(PACKED);
    let specification = if is_packed { Specification::of_packed(&text)? } else { Specification::of(&text) };
    let mut parsed = Parsed::default();
    match specification.package(file, tree) {
        Ok(package) => {
            if is_packed {
                parsed = specification.wanted();
            }
            parsed.packages.push(package);
        }
        Err(reason) => parsed.problems.push(Problem::new(specification.line, reason)),
    }
    Ok(parsed)
}

/// How the specification in a gem that nobody installed begins, which is YAML.
const PACKED: &str = "--- !ruby/object:Gem::Specification";

/// The same YAML without what makes it Ruby's: tags of classes, and the anchors that old RubyGems wrote.
fn plain(text: &str) -> String {
    let is_ruby = |word: &str| word.starts_with(['!', '&', '*']);
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        let values = [": ", "- "].iter().flat_map(|before| line.match_indices(before));
        let value = values.map(|(at, before)| at + before.len()).filter(|at| is_ruby(&line[*at..])).min();
        let (kept, rest) = line.split_at(value.unwrap_or(line.len()));
        plain.push_str(kept);
        // Behind a tag stands the value.
        plain.push_str(&rest.split(' ').skip_while(|word| is_ruby(word)).collect::<Vec<_>>().join(" "));
        plain.push('\n');
    }
    plain
}

/// Where the files of a gem lie: in `gems/rake-13.0.6` beside `specifications/rake-13.0.6.gemspec`. Gems that come
/// with Ruby have none.
fn folder_of(path: &str) -> Option<String> {
    let folder = parent(path);
    let name = path[folder.len()..].trim_start_matches('/').strip_suffix(".gemspec")?;
    match folder.strip_suffix("specifications") {
        Some(home) => Some(format!("{home}gems/{name}")),
        None => folder.contains("/bundler/gems/").then(|| folder.to_owned()),
    }
}

#[derive(Default)]
struct Specification<'a> {
    /// Of its name.
    line: u32,
    /// What RubyGems repeats in a comment, to read it fast: name, version and platform.
    stub: Option<(&'a str, &'a str, &'a str)>,
    name: Option<String>,
    version: Option<String>,
    platform: Option<String>,
    licenses: Vec<String>,
    authors: Vec<String>,
    homepage: Option<String>,
    source: Option<String>,
    summary: Option<String>,
    /// Names with requirements. Older RubyGems repeats them all, those for development among them, for its
    /// predecessors, under the second name.
    runtime: Vec<(String, Vec<String>)>,
    any: Vec<(String, Vec<String>)>,
}

impl<'a> Specification<'a> {
    fn of(text: &'a str) -> Self {
        let mut specification = Self { line: 1, ..Self::default() };
        // The name of the block's variable.
        let mut variable = "";
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(stub) = line.strip_prefix("# stub: ") {
                let mut words = stub.split(' ');
                if specification.stub.is_none()
                    && let (Some(name), Some(version), Some(platform)) =
                        (words.next(), words.next(), words.next())
                {
                    specification.stub = Some((name, version, platform));
                }
            } else if line.starts_with("Gem::Specification.new") {
                variable = line.split('|').nth(1).unwrap_or_default().trim();
            } else if let Some(statement) =
                line.strip_prefix(variable).and_then(|rest| rest.strip_prefix('.'))
                && !variable.is_empty()
            {
                specification.statement(statement, u32::try_from(index + 1).unwrap_or(u32::MAX));
            }
        }
        specification
    }

    /// # Errors
    /// When it is no YAML.
    fn of_packed(text: &str) -> Result<Self, ParseError> {
        let plain = plain(text);
        let documents = yaml::parse(&plain)?;
        let Some(said) = documents.first() else { return Err(ParseError::new(1, "is empty")) };
        let own = |key: &str| said.field(key).filter(|text| !text.is_empty()).map(str::to_owned);
        let all = |key: &str| said.texts(key).map(str::to_owned).collect::<Vec<_>>();
        let line = plain.lines().position(|line| line.starts_with("name:")).unwrap_or_default() + 1;
        let mut licenses = all("licenses");
        licenses.extend(own("license").filter(|_| licenses.is_empty()));
        let of_dependency = |dependency: &Value<'_>| {
            let requirement =
                dependency.get("requirement").or_else(|| dependency.get("version_requirements"))?;
            let pairs = requirement.get("requirements")?.items().iter();
            let requirements = pairs.filter_map(|pair| {
                let [operator, version] = pair.items() else { return None };
                let version = version.field("version").or_else(|| version.as_str())?;
                Some(format!("{} {version}", operator.as_str()?))
            });
            Some((dependency.field("name")?.to_owned(), requirements.collect()))
        };
        let dependencies = said.get("dependencies").map_or(&[][..], Value::items).iter();
        let runtime = dependencies.filter(|one| one.field("type").is_none_or(|kind| kind == ":runtime"));
        Ok(Self {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            name: own("name"),
            version: said
                .get("version")
                .and_then(|it| it.field("version").or_else(|| it.as_str()))
                .map(str::to_owned),
            platform: own("platform"),
            licenses,
            authors: all("authors"),
            homepage: own("homepage"),
            source: said.get("metadata").and_then(|it| it.field("source_code_uri")).map(str::to_owned),
            summary: own("summary"),
            runtime: runtime.filter_map(of_dependency).collect(),
            ..Self::default()
        })
    }

    /// What a gem that is alone says it needs: what leaves no choice, and how much does.
    fn wanted(&self) -> Parsed {
        let mut parsed = Parsed::default();
        let mut free = 0;
        for (name, requirements) in &self.runtime {
            let exact = match requirements.as_slice() {
                [one] => one.strip_prefix("= "),
                _ => None,
            };
            let Some(version) = exact else {
                free += 1;
                continue;
            };
            match rubygems::named(name, version, ANY_PLATFORM, None) {
                Ok(mut component) => {
                    component.presence = Presence::Declared;
                    let mut package = Package::new(component);
                    package.addresses = vec![format!("gem-named:{name}")];
                    parsed.packages.push(package);
                }
                Err(reason) => parsed.problems.push(Problem::new(None, reason)),
            }
        }
        parsed.problems.extend((free > 0).then(|| Problem::new(None, unlocked(free))));
        parsed
    }

    fn statement(&mut self, statement: &str, number: u32) {
        if let Some(call) = statement.strip_prefix("add_runtime_dependency") {
            self.runtime.extend(dependency(call));
        } else if let Some(call) = statement.strip_prefix("add_dependency") {
            self.any.extend(dependency(call));
        } else if let Some((attribute, value)) = statement.split_once('=') {
            self.assignment(attribute.trim(), value, number);
        }
    }

    fn assignment(&mut self, attribute: &str, value: &str, number: u32) {
        let first = || literals(value).next().filter(|text| !text.is_empty());
        match attribute {
            "name" => {
                self.name = first();
                self.line = number;
            }
            "version" => self.version = first(),
            "platform" => self.platform = Some(literals(value).collect::<Vec<_>>().join("-")),
            "license" | "licenses" => self.licenses = literals(value).collect(),
            "author" | "authors" => {
                self.authors = literals(value).filter(|author| !author.is_empty()).collect()
            }
            "homepage" => self.homepage = first(),
            "summary" => self.summary = first(),
            "metadata" => {
                let mut literals = literals(value);
                while let Some(key) = literals.next() {
                    let value = literals.next();
                    if key == "source_code_uri" {
                        self.source = value;
                    }
                }
            }
            _ => {}
        }
    }

    fn package(&self, file: &File<'_>, tree: &Tree) -> Result<Package, String> {
        let (stub_name, stub_version, stub_platform) = self.stub.unwrap_or_default();
        let name = self.name.as_deref().unwrap_or(stub_name);
        let version = self.version.as_deref().unwrap_or(stub_version);
        if name.is_empty() {
            return Err("names no gem".to_owned());
        }
        if !version.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(format!("the version of `{name}` is not written out"));
        }
        let platform = match (stub_platform, self.platform.as_deref()) {
            ("", platform) => platform.unwrap_or(ANY_PLATFORM),
            (platform, _) => platform,
        };
        let mut component = rubygems::named(name, version, platform, None)?;
        self.describe(&mut component);
        let mut package = Package::new(component);
        package.line = Some(self.line);
        package.addresses = vec![format!("gem:{}", file.path), format!("gem-named:{name}")];
        if file.path.contains("/specifications/default/") {
            package.addresses.extend(rubygems::brought_by(file.path));
        }
        package.needs = Some(self.needs(file.folder(), tree));
        package.extent = folder_of(file.path).map(|folder| Extent::Folder(folder.into()));
        Ok(package)
    }

    fn describe(&self, component: &mut Component) {
        let licenses: Vec<&str> = self.licenses.iter().map(String::as_str).collect();
        component.licenses.extend(choice(&licenses, Dialect::Gem));
        component.author = (!self.authors.is_empty()).then(|| self.authors.join(", "));
        component.homepage.clone_from(&self.homepage);
        component.description =
            self.summary.as_deref().and_then(|summary| summary.lines().next()).map(str::to_owned);
        // Addresses of sources lead to the tree of this version: `…/tree/v1.0`.
        let source = self.source.as_deref().map(|source| source.split("/tree/").next().unwrap_or(source));
        let source = source.filter(|source| source.starts_with("https://") || source.starts_with("http://"));
        component.vcs = source.map(|source| origin::vcs_url(source, ""));
    }

    fn needs(&self, folder: &str, tree: &Tree) -> Vec<Need> {
        let dependencies = if self.runtime.is_empty() { &self.any } else { &self.runtime };
        let need = |(name, requirements): &(String, Vec<String>)| {
            let found = installed(folder, name, requirements, tree).map(|path| format!("gem:{path}"));
            Need { any_of: found.into_iter().chain([format!("gem-named:{name}")]).collect() }
        };
        dependencies.iter().map(need).collect()
    }
}

/// The specification of the highest version in this gem home that satisfies all requirements.
fn installed(folder: &str, name: &str, requirements: &[String], tree: &Tree) -> Option<String> {
    let specifications = if folder.ends_with("/default") { parent(folder) } else { folder };
    let mut best: Option<(String, String)> = None;
    for folder in [specifications.to_owned(), format!("{specifications}/default")] {
        let start = format!("{folder}/{name}-");
        for path in tree.beginning_with(&start) {
            // `rack-test-1.0` begins like `rack`, but no version does.
            let Some(full) = path[start.len()..].strip_suffix(".gemspec") else { continue };
            let (version, _) = rubygems::split_platform(full);
            let fits = version.starts_with(|first: char| first.is_ascii_digit())
                && requirements.iter().all(|requirement| rubygems::allows(requirement, version));
            let is_better = best
                .as_ref()
                .is_none_or(|(_, best)| versions::compare("gem", version, best) == Some(Ordering::Greater));
            if fits && is_better {
                best = Some((path.to_owned(), version.to_owned()));
            }
        }
    }
    best.map(|(path, _)| path)
}

/// `(%q<rack>.freeze, [">= 2".freeze, "< 4"])`: the name, and the requirements.
fn dependency(call: &str) -> Option<(String, Vec<String>)> {
    let mut literals = literals(call);
    let name = literals.next().filter(|name| !name.is_empty())?;
    Some((name, literals.collect()))
}

/// The text literals of a line of Ruby, in the three ways RubyGems writes them. A comment ends the line.
fn literals(line: &str) -> impl Iterator<Item = String> + use<'_> {
    let mut rest = line;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find(['"', '\'', '%', '#'])?;
            let opened = &rest[at..];
            let (closing, start) = match opened.as_bytes()[0] {
                b'#' => return None,
                b'%' if opened.starts_with("%q<") => ('>', 3),
                b'%' => {
                    rest = &opened[1..];
                    continue;
                }
                quote => (char::from(quote), 1),
            };
            let (text, length) = literal(&opened[start..], closing)?;
            rest = &opened[start + length..];
            return Some(text);
        }
    })
}

/// A literal's text up to its closing mark, and how much of the line it takes.
fn literal(text: &str, closing: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            _ if character == closing => return Some((value, at + closing.len_utf8())),
            '\\' => match characters.next()?.1 {
                'n' if closing == '"' => value.push('\n'),
                't' if closing == '"' => value.push('\t'),
                escaped => value.push(escaped),
            },
            character => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    fn gem(name: &str, version: &str, more: &str) -> String {
        format!(
            "# -*- encoding: utf-8 -*-\n# stub: {name} {version} ruby lib\n\nGem::Specification.new do |s|\n  \
             s.name = \"{name}\".freeze\n  s.version = \"{version}\"\n{more}end\n"
        )
    }

    #[test]
    fn a_requirement_leads_to_the_version_that_satisfies_it() {
        let rails = "  s.required_rubygems_version = Gem::Requirement.new(\">= 0\".freeze) if s.respond_to? :required_rubygems_version=\n  \
            s.metadata = { \"bug_tracker_uri\" => \"https://x.org/issues\", \"source_code_uri\" => \"https://x.org/rails/tree/v7\" } if s.respond_to? :metadata=\n  \
            s.authors = [\"A \\\"B\\\" C\".freeze, \"D\".freeze]\n  s.homepage = \"https://x.org\".freeze\n  s.licenses = [\"Ruby\".freeze, \"BSD-2-Clause\".freeze]\n  \
            s.summary = \"Web\".freeze\n\n  s.specification_version = 4\n\n  \
            s.add_runtime_dependency(%q<rack>.freeze, [\"~> 2.2\".freeze, \">= 2.2.4\"])\n  s.add_runtime_dependency(%q<json>.freeze, [\">= 0\"])\n  \
            s.add_runtime_dependency(%q<elsewhere>.freeze, [\">= 0\"])\n  s.add_development_dependency(%q<rake>.freeze, [\">= 0\"])\n";
        check(
            &ECOSYSTEM,
            &[
                ("usr/gems/specifications/rails-7.0.0.gemspec", &gem("rails", "7.0.0", rails)),
                (
                    "usr/gems/specifications/rack-2.2.3.gemspec",
                    &gem("rack", "2.2.3", "  s.license = 'MIT' # short\n"),
                ),
                ("usr/gems/specifications/rack-2.2.8.gemspec", &gem("rack", "2.2.8", "")),
                ("usr/gems/specifications/rack-3.0.0.gemspec", &gem("rack", "3.0.0", "")),
                ("usr/gems/specifications/rack-test-2.9.gemspec", &gem("rack-test", "2.9", "")),
                ("usr/gems/specifications/rake-13.0.gemspec", &gem("rake", "13.0", "")),
                ("usr/gems/specifications/default/json-2.6.gemspec", &gem("json", "2.6", "")),
                ("opt/gems/specifications/elsewhere-1.0.gemspec", &gem("elsewhere", "1.0", "")),
            ],
            expect![[r#"
                pkg:gem/elsewhere@1.0 line 5 needs []
                pkg:gem/json@2.6 line 5 needs []
                pkg:gem/rack-test@2.9 line 5 needs []
                pkg:gem/rack@2.2.3 line 5 declared `MIT` needs []
                pkg:gem/rack@2.2.8 line 5 needs []
                pkg:gem/rack@3.0.0 line 5 needs []
                pkg:gem/rails@7.0.0 line 5 declared `Ruby OR BSD-2-Clause` needs [elsewhere@1.0, json@2.6, rack@2.2.8]
                pkg:gem/rake@13.0 line 5 needs []
            "#]],
        );
    }

    #[test]
    fn a_platform_is_a_qualifier() {
        let native = "# stub: nokogiri 1.15.4 x86_64-linux lib\n\nGem::Specification.new do |s|\n  s.name = \"nokogiri\".freeze\n  \
                      s.version = \"1.15.4\"\n  s.platform = \"x86_64-linux\".freeze\n  s.add_dependency(\"racc\", [\"~> 1.4\"])\nend\n";
        let platform = "Gem::Specification.new do |spec|\n  spec.name = %q<old>\n  spec.version = Gem::Version.new('1.0')\n  spec.platform = Gem::Platform.new([\"x86\", \"mingw32\"])\nend\n";
        check(
            &ECOSYSTEM,
            &[
                ("specifications/nokogiri-1.15.4-x86_64-linux.gemspec", native),
                ("specifications/old-1.0-x86-mingw32.gemspec", platform),
                ("specifications/racc-1.7.gemspec", &gem("racc", "1.7", "")),
            ],
            expect![[r#"
                pkg:gem/nokogiri@1.15.4?platform=x86_64-linux line 4 needs [racc@1.7]
                pkg:gem/old@1.0?platform=x86-mingw32 line 2 needs []
                pkg:gem/racc@1.7 line 5 needs []
            "#]],
        );
    }

    const PACKED_GEM: &str = "--- !ruby/object:Gem::Specification \nname: demo-pack\nversion: !ruby/object:Gem::Version\n  version: 1.2.0\nplatform: ruby\nauthors:\n- Ann Example\n- 'Bob: Other'\n\
        date: 2026-11-22 00:00:00.000000000 Z\ndependencies:\n\
        - !ruby/object:Gem::Dependency\n  name: rack\n  requirement: &70 !ruby/object:Gem::Requirement\n    requirements:\n    - - \">=\"\n      - !ruby/object:Gem::Version\n        version: '2'\n    - - \"<\"\n      - !ruby/object:Gem::Version\n        version: '4'\n  type: :runtime\n  prerelease: false\n  version_requirements: *70\n\
        - !ruby/object:Gem::Dependency\n  name: json\n  requirement: !ruby/object:Gem::Requirement\n    requirements:\n    - - '='\n      - !ruby/object:Gem::Version\n        version: 2.6.1\n  type: :runtime\n\
        - !ruby/object:Gem::Dependency\n  name: rake\n  requirement: !ruby/object:Gem::Requirement\n    requirements:\n    - - \"~>\"\n      - !ruby/object:Gem::Version\n        version: '13'\n  type: :development\n\
        description: |-\n  Lines\n  of text: with colons\n  - and dashes\nemail:\n- a@example.org\nexecutables: []\nhomepage: https://example.org/demo\nlicenses:\n- MIT\n- Ruby\n\
        metadata:\n  source_code_uri: https://github.com/example/demo/tree/v1.2.0\n  rubygems_mfa_required: 'true'\npost_install_message:\nsummary: 'A demo: of packing'\ntest_files: []\n";

    #[test]
    fn a_gem_that_nobody_installed_says_the_same_as_yaml() {
        check(
            &ECOSYSTEM,
            &[("specifications/demo-pack-1.2.0.gemspec", PACKED_GEM)],
            expect![[r#"
            pkg:gem/demo-pack@1.2.0 line 2 declared `MIT OR Ruby` needs [json@2.6.1]
            pkg:gem/json@2.6.1
            gap specifications/demo-pack-1.2.0.gemspec: needs one package, and no lockfile beside says which versions
        "#]],
        );
        let json = "Gem::Specification.new do |s|\n  s.name = \"json\"\n  s.version = \"2.6.1\"\nend\n";
        check(
            &ECOSYSTEM,
            &[
                ("specifications/demo-pack-1.2.0.gemspec", PACKED_GEM),
                ("specifications/json-2.6.1.gemspec", json),
            ],
            expect![[r#"
                pkg:gem/demo-pack@1.2.0 line 2 declared `MIT OR Ruby` needs [json@2.6.1]
                pkg:gem/json@2.6.1 line 2 needs []
                gap specifications/demo-pack-1.2.0.gemspec: needs one package, and no lockfile beside says which versions
            "#]],
        );
    }

    #[test]
    fn packed_specifications_that_are_odd_or_broken() {
        let native = PACKED_GEM
            .replace("platform: ruby", "platform: x86_64-linux")
            .replace("licenses:\n- MIT\n- Ruby\n", "license: MIT\n");
        check(
            &ECOSYSTEM,
            &[("specifications/a.gemspec", &native)],
            expect![[r#"
            pkg:gem/demo-pack@1.2.0?platform=x86_64-linux line 2 declared `MIT` needs [json@2.6.1]
            pkg:gem/json@2.6.1
            gap specifications/a.gemspec: needs one package, and no lockfile beside says which versions
        "#]],
        );
        let nameless = PACKED_GEM.replace("name: demo-pack\n", "name: !binary |-\n  Li4vLi4=\n");
        let cut = &PACKED_GEM[..PACKED_GEM.find("'Bob").expect("there") + 3];
        check(
            &ECOSYSTEM,
            &[
                ("specifications/a.gemspec", cut),
                ("specifications/b.gemspec", "--- !ruby/object:Gem::Specification\n"),
                ("specifications/c.gemspec", "--- !ruby/object:Gem::Specification\n- a\n"),
                ("specifications/d.gemspec", &nameless),
            ],
            expect![[r#"
                gap specifications/a.gemspec:8: is not the YAML expected here: a text is never closed
                gap specifications/b.gemspec:1: is empty
                gap specifications/c.gemspec:1: names no gem
                gap specifications/d.gemspec:2: `Li4vLi4=` is no name of a gem
            "#]],
        );
    }

    #[test]
    fn what_is_computed_cannot_be_told() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "bundle/bundler/gems/x-c0ffee/x.gemspec",
                    "Gem::Specification.new do |spec|\n  spec.name = 'x'\n  spec.version = X::VERSION\nend\n",
                ),
                (
                    "specifications/a-1.gemspec",
                    "Gem::Specification.new do |spec|\n  s.name = \"async\"\n  s.version = \"1.25.0\"\nend\n",
                ),
                (
                    "specifications/b-1.gemspec",
                    "Gem::Specification.new do |s|\n  s.name = \"b c\"\n  s.version = \"1\"\n",
                ),
                (
                    "specifications/c-1.gemspec",
                    "Gem::Specification.new do |s|\n  s.name = \"never closed\n  s.version = \"1\"\n  s.authors = [\"%w\\",
                ),
            ],
            expect![[r#"
                gap bundle/bundler/gems/x-c0ffee/x.gemspec:2: the version of `x` is not written out
                gap specifications/a-1.gemspec:1: names no gem
                gap specifications/b-1.gemspec:2: `b c` is no name of a gem
                gap specifications/c-1.gemspec:2: names no gem
            "#]],
        );
    }
}

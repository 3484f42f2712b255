//! What pip, uv, conda and distributions installed for Python: the metadata beside the modules.
//!
//! Three shapes of one thing: a `.dist-info` folder (wheels), an `.egg-info` folder or file (setuptools and
//! distutils), an `.egg`; and the `PKG-INFO` in front of a source distribution. A folder's packages see those of the
//! interpreter's other folders, so an edge is looked up as the interpreter would. Nothing records which extras were
//! asked for: an extra counts where everything it needs is installed beside it. What the metadata itself says is read
//! by [`super::super::core_metadata`].
//! Spec: <https://packaging.python.org/en/latest/specifications/recording-installed-packages/>

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::core_metadata::{Headers, claims, describe, inactive};
use super::super::interpreter::Interpreter;
use super::super::pep508::{Environment, Requirement, holds, normalized};
use super::super::{Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, pypi};
use crate::bom::{Component, Kind};
use crate::layers::{Tree, clean, parent};

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "python-installed",
    about: "Python packages installed by pip, uv, conda or a distribution",
    reads: &[
        "**/*{dist-info,DIST-INFO}/METADATA",
        "**/*{egg-info,EGG-INFO}/PKG-INFO",
        "**/*.egg-info",
        "*/PKG-INFO",
    ],
    beside: &[
        "**/*{dist-info,DIST-INFO}/{RECORD,REQUESTED,INSTALLER,WHEEL,direct_url.json}",
        "**/*{egg-info,EGG-INFO}/{requires.txt,installed-files.txt}",
        "**/pyvenv.cfg",
        "**/{pyproject.toml,setup.py}",
    ],
    spec: "https://packaging.python.org/en/latest/specifications/recording-installed-packages/",
    parse,
    enrich,
};

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let headers = Headers::of(&text);
    let Some((name, line)) = headers.first("Name") else {
        return Err(ParseError::new(None, "has no `Name:`"));
    };
    // The interpreter's own record of itself.
    if name == "Python" {
        return Ok(Parsed::default());
    }
    let place = Place::of(file, tree);
    let mut parsed = Parsed::default();
    let mut component = Component::new(name);
    component.version = headers.value("Version").map(str::to_owned);
    describe(&mut component, &headers);
    component.licenses = claims(&headers).into();
    component.standing = inactive(&headers).map(Box::new);
    component.asked_for = place.is_installed_by("pip") && place.beside("REQUESTED").is_some();
    let direct = direct_url(&place).unwrap_or_else(|reason| {
        parsed.problems.push(Problem::new(None, reason));
        None
    });
    if let Err(error) = identify(&mut component, direct, &place) {
        parsed.problems.push(Problem::new(line, error.to_string()));
    }
    let mut package = Package::new(component);
    package.line = Some(line);
    package.addresses = place.addresses(name);
    package.needs = needs(&headers, &place);
    parsed.packages.push(package);
    Ok(parsed)
}

/// Where it came from, when that was no index: PEP 610.
#[derive(Deserialize)]
struct DirectUrl {
    #[serde(default)]
    url: String,
    vcs_info: Option<Vcs>,
    archive_info: Option<Archive>,
    dir_info: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Vcs {
    vcs: String,
    #[serde(default)]
    commit_id: String,
}

#[derive(Deserialize)]
struct Archive {
    /// `sha256=2cf2…`, the older way.
    hash: Option<String>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

/// `None` for what came from an index.
fn direct_url(place: &Place<'_>) -> Result<Option<DirectUrl>, String> {
    // conda builds every package from a folder of its own, and leaves the note of it.
    if place.is_installed_by("conda") {
        return Ok(None);
    }
    let Some(text) = place.beside("direct_url.json") else { return Ok(None) };
    serde_json::from_slice(text).map(Some).map_err(|error| format!("its `direct_url.json`: {error}"))
}

/// Notes where it came from; gives the qualifier that makes its purl say so.
fn note_origin(component: &mut Component, direct: DirectUrl) -> Option<(&'static str, String)> {
    match (direct.vcs_info, direct.archive_info) {
        (Some(vcs), _) => {
            let at = if vcs.commit_id.is_empty() { "" } else { "@" };
            let url = format!("{}+{}{at}{}", vcs.vcs, direct.url, vcs.commit_id);
            component.vcs = Some(url.clone());
            Some(("vcs_url", url))
        }
        (None, Some(archive)) => {
            let hashes = archive.hashes.iter().map(|(name, hex)| format!("{name}={hex}"));
            component.hashes.extend(hashes.chain(archive.hash).filter_map(|text| pypi::hash(&text)));
            component.download = Some(direct.url.clone());
            (!direct.url.starts_with("file:")).then_some(("download_url", direct.url))
        }
        (None, None) => {
            component.first_party |= direct.dir_info.is_some();
            None
        }
    }
}

/// A package from a folder is the project's own; every other has a purl.
fn identify(
    component: &mut Component,
    direct: Option<DirectUrl>,
    place: &Place<'_>,
) -> Result<(), crate::bom::PurlError> {
    let qualifier = direct.and_then(|direct| note_origin(component, direct));
    component.first_party |= place.is_source_tree();
    if component.first_party {
        component.kind = Kind::Application;
        return Ok(());
    }
    let qualifier = qualifier.as_ref().map(|(key, value)| (*key, value.as_str()));
    component.purl = Some(pypi::purl(&component.name, component.version.as_deref(), qualifier.as_slice())?);
    Ok(())
}

/// Where the metadata lies, and what its packages can see from there.
struct Place<'a> {
    tree: &'a Tree,
    /// The metadata's folder; absent when it is a single file.
    folder: Option<&'a str>,
    is_egg: bool,
    /// The folder of the modules.
    site: &'a str,
    environment: Environment,
    /// What addresses of packages begin with, the nearest first.
    visible: Vec<String>,
    /// How many of `visible`, from the front, are its own.
    own: usize,
}

impl<'a> Place<'a> {
    fn of(file: &File<'a>, tree: &'a Tree) -> Self {
        let folder = (!file.path.ends_with(".egg-info")).then_some(file.folder());
        let is_egg = folder.is_none_or(|folder| folder.to_ascii_lowercase().ends_with("egg-info"));
        let mut site = parent(folder.unwrap_or(file.path));
        if site.trim_end_matches('!').ends_with(".egg") {
            site = parent(site);
        }
        let interpreter = Interpreter::of(site, tree);
        let mut visible = vec![format!("pypi:{site}")];
        let mut own = 1;
        if let Some(interpreter) = &interpreter {
            visible.push(interpreter.address());
            own = 2;
            visible.extend(interpreter.fallbacks());
        }
        let python = interpreter.and_then(|interpreter| interpreter.version);
        Self { tree, folder, is_egg, site, environment: Environment { python }, visible, own }
    }

    fn beside(&self, name: &str) -> Option<&'a [u8]> {
        self.tree.read(&format!("{}/{name}", self.folder?))
    }

    /// uv marks everything it installs as requested.
    fn is_installed_by(&self, installer: &str) -> bool {
        let known = self.beside("INSTALLER").map(<[u8]>::trim_ascii);
        known.is_none_or(|known| known.is_empty()) && installer == "pip"
            || known == Some(installer.as_bytes())
    }

    fn addresses(&self, name: &str) -> Vec<String> {
        let name = normalized(name);
        self.visible[..self.own].iter().map(|place| format!("{place}:{name}")).collect()
    }

    /// Whether a package's metadata lies in the same folder, under any of the ways its name is written there.
    fn has(&self, name: &str) -> bool {
        let written = name.replace('-', "_");
        let names = [normalized(name).replace('-', "_"), written.to_lowercase(), written];
        names.iter().any(|name| self.tree.beginning_with(&format!("{}/{name}-", self.site)).next().is_some())
    }

    fn need(&self, name: &str) -> Need {
        let name = normalized(name);
        Need { any_of: self.visible.iter().map(|place| format!("{place}:{name}")).collect() }
    }

    /// Building a project leaves an `.egg-info` in its own tree, at the top or under `src`.
    fn is_source_tree(&self) -> bool {
        let above =
            if self.site == "src" || self.site.ends_with("/src") { parent(self.site) } else { self.site };
        let has = |name: &str| {
            let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
            self.tree.read(&path).is_some()
        };
        // One in front of it is a source distribution, which is a package like any other.
        let is_packed = !above.is_empty() && !above.contains('/') && has("PKG-INFO");
        self.is_egg && self.folder.is_some() && !is_packed && (has("setup.py") || has("pyproject.toml"))
    }
}

fn needs(headers: &Headers<'_>, place: &Place<'_>) -> Option<Vec<Need>> {
    let mut requirements: Vec<String> =
        headers.all("Requires-Dist").map(|(text, _)| text.to_owned()).collect();
    if requirements.is_empty() && place.is_egg {
        requirements = eggs_requirements(&String::from_utf8_lossy(place.beside("requires.txt")?));
    }
    let requirements: Vec<Requirement<'_>> =
        requirements.iter().filter_map(|text| Requirement::parse(text)).collect();
    let environment = &place.environment;
    // What cannot be told here may well be needed.
    let applies = |requirement: &Requirement<'_>, extra: Option<&str>| {
        requirement.marker.is_none_or(|marker| holds(marker, environment, extra) != Some(false))
    };
    let mut names: Vec<&str> =
        requirements.iter().filter(|one| applies(one, None)).map(|one| one.name).collect();
    let mut extras: BTreeMap<&str, Vec<&Requirement<'_>>> = BTreeMap::new();
    for requirement in requirements.iter().filter(|one| !applies(one, None)) {
        for extra in requirement.marker.map(extras_of).unwrap_or_default() {
            extras.entry(extra).or_default().push(requirement);
        }
    }
    for (extra, requirements) in extras {
        let mut added = requirements.iter().filter(|one| applies(one, Some(extra))).map(|one| one.name);
        if added.clone().all(|name| place.has(name)) {
            names.extend(&mut added);
        }
    }
    Some(names.into_iter().map(|name| place.need(name)).collect())
}

/// The extras that a marker compares with: `a` of `extra == 'a'`.
fn extras_of(marker: &str) -> Vec<&str> {
    let behind = marker.split("extra").skip(1);
    behind.filter_map(|text| text.split(['"', '\'']).nth(1)).collect()
}

/// The lines of an egg's `requires.txt` as requirements. `[:python_version < "3"]` heads lines under a
/// marker, `[extra]` those of an extra, `[extra:marker]` those of both.
fn eggs_requirements(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut marker = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(head) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let (extra, condition) = head.split_once(':').unwrap_or((head, ""));
            marker = match (extra, condition) {
                ("", condition) => format!(" ; {condition}"),
                (extra, "") => format!(" ; extra == '{extra}'"),
                (extra, condition) => format!(" ; extra == '{extra}' and ({condition})"),
            };
        } else {
            lines.push(format!("{line}{marker}"));
        }
    }
    lines
}

fn enrich(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    let place = Place::of(file, tree);
    package.files = files(&place);
    let wheel = place.beside("WHEEL").map(String::from_utf8_lossy);
    let name = place.folder.and_then(|folder| folder.rsplit('/').next());
    package.component.form.file_name =
        wheel.zip(name).and_then(|(wheel, name)| pypi::wheel_name(name, &wheel));
    Vec::new()
}

/// The files it recorded, by `RECORD` or, for eggs, `installed-files.txt`.
fn files(place: &Place<'_>) -> Vec<OwnedFile> {
    if let Some(record) = place.beside("RECORD") {
        let record = String::from_utf8_lossy(record);
        return record.lines().filter_map(|line| recorded(line, place.site)).collect();
    }
    let (Some(list), Some(folder)) = (place.beside("installed-files.txt"), place.folder) else {
        return Vec::new();
    };
    let list = String::from_utf8_lossy(list);
    let paths = list.lines().filter_map(|line| under(folder, line.trim()));
    paths.map(|path| OwnedFile { path: path.into(), digest: None }).collect()
}

/// `path,sha256=digest,size`; a path with a comma is quoted.
fn recorded(line: &str, site: &str) -> Option<OwnedFile> {
    let (path, rest) = match line.strip_prefix('"') {
        Some(line) => line.split_once("\",")?,
        None => line.split_once(',')?,
    };
    let digest = rest.split(',').next().and_then(pypi::record_hash);
    Some(OwnedFile { path: under(site, &path.replace("\"\"", "\""))?.into(), digest })
}

/// A path that may climb (`../../../bin/pip`), seen from a folder. `None` when it climbs out of the root.
fn under(folder: &str, path: &str) -> Option<String> {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
    clean(path.as_bytes()).filter(|path| !path.is_empty() && path != folder)
}

#[cfg(test)]
mod tests {
    use crate::bom::StandingKind;
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    const SITE: &str = "usr/local/lib/python3.11/site-packages";

    fn at<'a>(path: &str, text: &'a str) -> (String, &'a str) {
        (format!("{SITE}/{path}"), text)
    }

    fn check_at(files: &[(String, &str)], expected: expect_test::Expect) {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        check(&ECOSYSTEM, &files, expected);
    }

    #[test]
    fn a_wheel_says_what_it_needs_here() {
        check_at(
            &[
                at(
                    "uvicorn-0.30.1.dist-info/METADATA",
                    "Metadata-Version: 2.4\nName: uvicorn\nVersion: 0.30.1\nSummary: The lightning-fast ASGI server.\n\
                     License-Expression: BSD-3-Clause\nRequires-Dist: Typing_Extensions>=4.0; python_version < '3.11'\n\
                     Requires-Dist: click>=7.0\nRequires-Dist: h11>=0.8\nProvides-Extra: standard\n\
                     Requires-Dist: httptools>=0.5.0; extra == 'standard'\nRequires-Dist: PyYAML; extra == 'standard' and os_name == 'posix'\n\
                     Provides-Extra: rare\nRequires-Dist: httptools; extra == 'rare'\nRequires-Dist: gone; extra == 'rare'\n\
                     Requires-Dist: colorama; sys_platform == 'win32'\n\
                     Requires-Dist: greenlet; platform_machine == 'x86_64'\n\nName: not a field\n",
                ),
                at(
                    "click-8.1.7.dist-info/METADATA",
                    "Name: click\nVersion: 8.1.7\nLicense-Expression: BSD-3-Clause\n",
                ),
                at("click-8.1.7.dist-info/REQUESTED", ""),
                at("h11-0.14.0.dist-info/METADATA", "Name: h11\nVersion: 0.14.0\nLicense: MIT\n"),
                at("colorama-0.4.dist-info/METADATA", "Name: colorama\nVersion: 0.4\n"),
                at("httptools-0.6.dist-info/METADATA", "Name: httptools\nVersion: 0.6\n"),
                at("PyYAML-6.dist-info/METADATA", "Name: PyYAML\nVersion: 6\n"),
                at("greenlet-3.dist-info/METADATA", "Name: greenlet\nVersion: 3\n"),
                at("typing_extensions-4.dist-info/METADATA", "Name: typing_extensions\nVersion: 4\n"),
            ],
            expect![[r#"
                pkg:pypi/click@8.1.7 line 1 declared `BSD-3-Clause` needs []
                pkg:pypi/colorama@0.4 line 1 needs []
                pkg:pypi/greenlet@3 line 1 needs []
                pkg:pypi/h11@0.14.0 line 1 declared `MIT` needs []
                pkg:pypi/httptools@0.6 line 1 needs []
                pkg:pypi/pyyaml@6 line 1 needs []
                pkg:pypi/typing-extensions@4 line 1 needs []
                pkg:pypi/uvicorn@0.30.1 line 2 declared `BSD-3-Clause` needs [click@8.1.7, greenlet@3, h11@0.14.0, httptools@0.6, pyyaml@6]
            "#]],
        );
    }

    #[test]
    fn a_source_distribution_is_a_package_and_a_source_tree_is_a_project() {
        let info = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nLicense: MIT\nRequires-Dist: idna>=2\n";
        check(
            &ECOSYSTEM,
            &[
                ("demo-1.0/PKG-INFO", info),
                ("demo-1.0/setup.py", ""),
                ("demo-1.0/demo.egg-info/PKG-INFO", info),
                ("other/src/demo.egg-info/PKG-INFO", info),
                ("other/pyproject.toml", ""),
                ("deep/demo-1.0/PKG-INFO", info),
            ],
            expect![[r#"
                application:demo@1.0 line 2 application first-party declared `MIT` needs []
                pkg:pypi/demo@1.0 line 2+2 declared `MIT` needs []
            "#]],
        );
    }

    #[test]
    fn a_licence_may_be_said_three_times() {
        check_at(
            &[
                at(
                    "a-1.dist-info/METADATA",
                    "Name: a\nVersion: 1\nLicense: UNKNOWN\nClassifier: License :: OSI Approved\n\
                     Classifier: License :: OSI Approved :: BSD License\nClassifier: Topic :: License :: MIT\n",
                ),
                at(
                    "b-1.dist-info/METADATA",
                    "Name: b\nVersion: 1\nLicense: BSD\n  and more\nClassifier: License :: OSI Approved :: MIT License\n\
                     Classifier: License :: OSI Approved :: BSD License\nLicense-Expression: MIT\n",
                ),
            ],
            expect![[r#"
                pkg:pypi/a@1 line 1 declared `License :: OSI Approved :: BSD License` = LicenseRef-packlist-family-BSD needs []
                pkg:pypi/b@1 line 1 declared `MIT` declared `BSD
                and more` = LicenseRef-packlist-family-BSD AND LicenseRef-pypi-more declared `License :: OSI Approved :: BSD License` = LicenseRef-packlist-family-BSD needs []
            "#]],
        );
    }

    #[test]
    fn a_field_that_names_no_licence_hides_no_classifier() {
        let of = |name: &str, field: &str, classifiers: &[&str]| {
            let mut text = format!("Name: {name}\nVersion: 1\nLicense: {field}\n");
            for classifier in classifiers {
                text += &format!("Classifier: License :: OSI Approved :: {classifier}\n");
            }
            text
        };
        let both = ["BSD License", "Apache Software License"];
        check_at(
            &[
                at("dual-1.dist-info/METADATA", &of("dual", "Dual License", &both)),
                at("many-1.dist-info/METADATA", &of("many", "various", &both)),
                at("one-1.dist-info/METADATA", &of("one", "Dual License", &["MIT License"])),
                at("whose-1.dist-info/METADATA", &of("whose", "Copyright (c) 2011 Jo", &["MIT License"])),
                at("alone-1.dist-info/METADATA", &of("alone", "Dual License", &[])),
                at("own-1.dist-info/METADATA", &of("own", "SIP", &["MIT License"])),
            ],
            expect![[r#"
                pkg:pypi/alone@1 line 1 declared `Dual License` = LicenseRef-pypi-Dual-License needs []
                pkg:pypi/dual@1 line 1 declared `License :: OSI Approved :: BSD License OR License :: OSI Approved :: Apache Software License` = LicenseRef-packlist-family-BSD OR LicenseRef-packlist-family-Apache needs []
                pkg:pypi/many@1 line 1 declared `License :: OSI Approved :: BSD License` = LicenseRef-packlist-family-BSD declared `License :: OSI Approved :: Apache Software License` = LicenseRef-packlist-family-Apache needs []
                pkg:pypi/one@1 line 1 declared `License :: OSI Approved :: MIT License` = MIT needs []
                pkg:pypi/own@1 line 1 declared `License :: OSI Approved :: MIT License` = MIT declared `SIP` = LicenseRef-pypi-SIP needs []
                pkg:pypi/whose@1 line 1 declared `License :: OSI Approved :: MIT License` = MIT needs []
            "#]],
        );
    }

    #[test]
    fn a_whole_text_in_the_licences_field_is_recognised() {
        let mit = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and \
                   associated documentation files (the \"Software\"), to deal in the Software without restriction, \
                   including without limitation the rights to use, copy, modify, merge, publish, distribute, \
                   sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is \
                   furnished to do so, subject to the following conditions:\n\nThe above copyright notice and this \
                   permission notice shall be included in all copies or substantial portions of the Software.\n\n\
                   THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING \
                   BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND \
                   NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, \
                   DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT \
                   OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.\n";
        let in_field = format!("Name: c\nVersion: 1\nLicense: {}\n", mit.replace("\n\n", "\n  "));
        check_at(
            &[at("c-1.dist-info/METADATA", &in_field)],
            expect![[r#"
            pkg:pypi/c@1 line 1 detected `MIT` needs []
        "#]],
        );
    }

    #[test]
    fn where_it_came_from_is_part_of_what_it_is() {
        check_at(
            &[
                at("g-1.dist-info/METADATA", "Name: g\nVersion: 1\n"),
                at(
                    "g-1.dist-info/direct_url.json",
                    r#"{"url": "https://github.com/o/g.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}"#,
                ),
                at("z-1.dist-info/METADATA", "Name: z\nVersion: 1\n"),
                at(
                    "z-1.dist-info/direct_url.json",
                    r#"{"url": "https://example.org/z.zip", "archive_info": {"hash": "md5=00000000000000000000000000000000"}}"#,
                ),
                at("app-1.dist-info/METADATA", "Name: app\nVersion: 1\nRequires-Dist: g\n"),
                at(
                    "app-1.dist-info/direct_url.json",
                    r#"{"url": "file:///app", "dir_info": {"editable": true}}"#,
                ),
                at("c-1.dist-info/METADATA", "Name: c\nVersion: 1\n"),
                at("c-1.dist-info/direct_url.json", r#"{"url": "file:///croot/c", "dir_info": {}}"#),
                at("c-1.dist-info/INSTALLER", "conda\n"),
            ],
            expect![[r#"
                application:app@1 line 1 application first-party needs [g@1]
                pkg:pypi/c@1 line 1 needs []
                pkg:pypi/g@1?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fg.git%40abc line 1 needs []
                pkg:pypi/z@1?download_url=https:%2F%2Fexample.org%2Fz.zip line 1 MD5:00000000 needs []
            "#]],
        );
    }

    #[test]
    fn eggs_come_in_four_shapes() {
        check(
            &ECOSYSTEM,
            &[
                ("usr/lib/python2.7/Python-2.7.egg-info", "Name: Python\nVersion: 2.7\n"),
                ("usr/lib/python3/dist-packages/apt-2.6.egg-info", "Name: apt\nVersion: 2.6\nLicense: GPL\n"),
                ("usr/lib/python3/dist-packages/six-1.egg-info/PKG-INFO", "Name: six\nVersion: 1\n"),
                ("usr/lib/python3/dist-packages/x.y-1.egg/EGG-INFO/PKG-INFO", "Name: x.y\nVersion: 1\n"),
                (
                    "usr/lib/python3/dist-packages/x.y-1.egg/EGG-INFO/requires.txt",
                    "six>=1\n\n[:python_version < \"3\"]\napt\n\n[tls]\nz\n",
                ),
                ("usr/lib/python3/dist-packages/z.egg!/EGG-INFO/PKG-INFO", "Name: z\n"),
                ("src/mine.egg-info/PKG-INFO", "Name: mine\nVersion: 0.1\nRequires-Dist: six\n"),
                ("setup.py", "setup()"),
            ],
            expect![[r#"
                application:mine@0.1 line 1 application first-party needs []
                pkg:pypi/apt@2.6 line 1 declared `GPL` = LicenseRef-packlist-family-GPL
                pkg:pypi/six@1 line 1
                pkg:pypi/x-y@1 line 1 needs [six@1]
                pkg:pypi/z line 1
            "#]],
        );
    }

    #[test]
    fn an_interpreter_sees_more_than_one_folder() {
        let needy = "Name: needy\nVersion: 1\nRequires-Dist: base\n";
        check(
            &ECOSYSTEM,
            &[
                ("usr/lib64/python3.12/site-packages/base-1.dist-info/METADATA", "Name: base\nVersion: 1\n"),
                ("usr/lib/python3.12/site-packages/needy-1.dist-info/METADATA", needy),
                ("venv/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n"),
                (
                    "venv/lib/python3.12/site-packages/needy-2.dist-info/METADATA",
                    "Name: needy\nVersion: 2\nRequires-Dist: base\n",
                ),
                (
                    "root/.local/lib/python3.12/site-packages/needy-3.dist-info/METADATA",
                    "Name: needy\nVersion: 3\nRequires-Dist: base\n",
                ),
                (
                    "usr/lib/python3.12/site-packages/x/_vendor/needy-4.dist-info/METADATA",
                    "Name: needy\nVersion: 4\nRequires-Dist: base\n",
                ),
            ],
            expect![[r#"
                pkg:pypi/base@1 line 1 needs []
                pkg:pypi/needy@1 line 1 needs [base@1]
                pkg:pypi/needy@2 line 1 needs []
                pkg:pypi/needy@3 line 1 needs [base@1]
                pkg:pypi/needy@4 line 1 needs [base@1]
            "#]],
        );
    }

    #[test]
    fn its_files_and_their_digests_are_known() {
        let record = "pip/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n\
                      ../../../bin/pip,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n\
                      \"pip/a,b\"\"c.py\",,\npip-1.dist-info/RECORD,,\n../../../../../../../etc/x,,\nbroken\n";
        let entry = |path: &str, bytes: &str| crate::layers::Entry {
            path: path.into(),
            node: crate::layers::Node::File(bytes.as_bytes().into()),
        };
        let path = "opt/v/lib/python3.9/site-packages/pip-1.dist-info/METADATA";
        let entries = vec![
            entry(path, "Name: pip\n"),
            entry("opt/v/lib/python3.9/site-packages/pip-1.dist-info/RECORD", record),
        ];
        let tree = Tree::stack([&crate::layers::Extract { entries, ..Default::default() }]);
        let mut package = Package::new(Component::new("pip"));
        assert!(enrich(&mut package, &File { path, bytes: b"" }, &tree).is_empty());
        let files: Vec<(&str, bool)> =
            package.files.iter().map(|file| (&*file.path, file.digest.is_some())).collect();
        let site = "opt/v/lib/python3.9/site-packages";
        assert_eq!(
            files,
            [
                (&*format!("{site}/pip/__init__.py"), true),
                ("opt/v/bin/pip", true),
                (&*format!("{site}/pip/a,b\"c.py"), false),
                (&*format!("{site}/pip-1.dist-info/RECORD"), false),
            ]
        );
    }

    #[test]
    fn broken_metadata_is_a_gap() {
        check_at(
            &[
                at("a-1.dist-info/METADATA", ""),
                at("b-1.dist-info/METADATA", "  folded\nVersion: 1\n\nName: b\n"),
                at(
                    "c-1.dist-info/METADATA",
                    "Name: c\nVersion: 1\nRequires-Dist: ???\nRequires-Dist: d; (((\n",
                ),
                at("c-1.dist-info/direct_url.json", r#"{"url": "#),
            ],
            expect![[r#"
                pkg:pypi/c@1 line 1 needs []
                gap usr/local/lib/python3.11/site-packages/a-1.dist-info/METADATA: has no `Name:`
                gap usr/local/lib/python3.11/site-packages/b-1.dist-info/METADATA: has no `Name:`
                gap usr/local/lib/python3.11/site-packages/c-1.dist-info/METADATA: its `direct_url.json`: EOF while parsing a value at line 1 column 8
            "#]],
        );
    }

    #[test]
    fn authors_may_call_their_package_inactive() {
        let of = |status: &str| {
            let text = format!("Metadata-Version: 2.1\nName: nose\nVersion: 1.3.7\nClassifier: {status}\n");
            inactive(&Headers::of(&text)).map(|standing| standing.kind)
        };
        assert_eq!(of("Development Status :: 7 - Inactive"), Some(StandingKind::Abandoned));
        assert_eq!(of("Development Status :: 6 - Mature"), None);
    }
}

//! Archives of Java, however deep they lie in each other: what each is, and what was packed into it.
//!
//! An archive carries its coordinates only where Maven built it. The order of trust, from which an evidence's
//! confidence follows:
//!
//! 1. its place in a local repository of Maven or Gradle, whose folders are the coordinates;
//! 2. `pom.properties`, one of which is the archive's own; the others are libraries whose classes were copied
//!    into it (shaded);
//! 3. an embedded `pom.xml` without properties;
//! 4. the folder of GraalVM's hints, which is named by the coordinates;
//! 5. its manifest, with the group from the vendor's id, from what everybody knows, or from the bundle's name;
//! 6. its file name, with the group from what everybody knows, or from the folder that all its classes share.
//!
//! Where only a folder of classes tells the group, it is a guess and marked as one. An archive of which
//! nothing tells a version is not listed. Licences are those of the embedded project file and of the manifest;
//! edges are those of the project file, to archives of the same folder, and lead from every archive to those
//! inside it.
//! Spec: <https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html>

use std::collections::BTreeMap;

use super::super::claims::declared;
use super::super::maven::{
    Coordinates, DIALECT, Manifest, Pom, Project, group_of, group_of_folder, is_plain, split_name,
};
use super::super::rubygems;
use super::super::{
    Ecosystem, Extent, File, Need, Package, Packages, ParseError, Parsed, Problem, Problems, nothing_beside,
};
use crate::bom::{Hash, HashAlgorithm, Kind, LicenseClaim, Technique};
use crate::layers::{Tree, parent};

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "jar",
    about: "archives of Java (jar, war, ear and their like), nested and shaded",
    reads: &["**/*.{aar,ear,far,hpi,jar,jpi,kar,lpkg,nar,par,rar,sar,war}!/.archive"],
    beside: &[
        "**/*.{aar,ear,far,hpi,jar,jpi,kar,lpkg,nar,par,rar,sar,war}!/**/pom.properties",
        "**/*.{aar,ear,far,hpi,jar,jpi,kar,lpkg,nar,par,rar,sar,war}!/META-INF/MANIFEST.MF",
        "**/*.{aar,ear,far,hpi,jar,jpi,kar,lpkg,nar,par,rar,sar,war}!/META-INF/maven/*/*/pom.xml",
        "**/*.{aar,ear,far,hpi,jar,jpi,kar,lpkg,nar,par,rar,sar,war}!/META-INF/native-image/*/*/*.properties",
    ],
    spec: "https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html",
    parse,
    enrich: nothing_beside,
};

/// How sure each way of telling coordinates is, in percent.
mod sure {
    pub(super) const PROPERTIES: u8 = 100;
    pub(super) const REPOSITORY: u8 = 100;
    pub(super) const PROJECT: u8 = 95;
    pub(super) const HINTS: u8 = 90;
    pub(super) const VENDOR: u8 = 90;
    pub(super) const KNOWN: u8 = 80;
    pub(super) const BUNDLE: u8 = 70;
    pub(super) const FOLDER: u8 = 40;
    pub(super) const NAME: u8 = 30;
}

/// What is there of one archive, members of nested ones left out.
struct Archive<'a> {
    /// `app.war!/WEB-INF/lib/x.jar`
    path: &'a str,
    /// The file name without its ending.
    stem: &'a str,
    /// Lines of what the layer said of it, by their first word.
    about: BTreeMap<&'a str, &'a str>,
    manifest: Option<(&'a str, Manifest)>,
    properties: Vec<(&'a str, Coordinates)>,
    projects: Vec<(&'a str, &'a [u8])>,
    /// Group and artefact, from GraalVM's hints.
    hints: Option<(&'a str, &'a str, &'a str)>,
    /// Paths of the archives directly inside.
    nested: Vec<&'a str>,
}

/// What an archive is.
struct Identity {
    coordinates: Coordinates,
    confidence: u8,
    technique: Technique,
    /// The member that told; empty for the archive itself.
    place: String,
    /// The index of its own properties.
    own: Option<usize>,
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let mut problems = Problems::new();
    let archive = Archive::of(file, tree, &mut problems);
    let identity = identify(&archive);
    let mut parsed = Parsed { packages: Packages::new(), problems };
    let mut shaded = Vec::new();
    for (index, (place, coordinates)) in archive.properties.iter().enumerate() {
        if identity.as_ref().and_then(|identity| identity.own) == Some(index) {
            continue;
        }
        match shaded_package(&archive, place, coordinates, index, tree) {
            Ok(package) => {
                shaded.extend(package.addresses.first().map(Need::of));
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(None, reason)),
        }
    }
    if let Some(identity) = identity {
        match own_package(&archive, identity, shaded, tree) {
            Ok(package) => parsed.packages.push(package),
            Err(reason) => parsed.problems.push(Problem::new(None, reason)),
        }
    }
    Ok(parsed)
}

impl<'a> Archive<'a> {
    fn of(file: &File<'a>, tree: &'a Tree, problems: &mut Problems) -> Self {
        let path = file.path.strip_suffix("!/.archive").unwrap_or(file.path);
        let name = path.rsplit('/').next().unwrap_or(path);
        let text = std::str::from_utf8(file.bytes).unwrap_or_default();
        let mut archive = Self {
            path,
            stem: name.rsplit_once('.').map_or(name, |(stem, _)| stem),
            about: text.lines().filter_map(|line| line.split_once(' ')).collect(),
            manifest: None,
            properties: Vec::new(),
            projects: Vec::new(),
            hints: None,
            nested: Vec::new(),
        };
        for (place, bytes) in tree.below(&format!("{path}!")) {
            archive.take(place, bytes, problems);
        }
        archive
    }

    fn take(&mut self, place: &'a str, bytes: &'a [u8], problems: &mut Problems) {
        let member = &place[self.path.len() + 2..];
        if let Some((inner, rest)) = member.split_once("!/") {
            if rest == ".archive" {
                self.nested.push(&place[..self.path.len() + 2 + inner.len()]);
            }
            return;
        }
        match member.rsplit('/').next() {
            Some("MANIFEST.MF") => self.manifest = Some((place, Manifest::parse(bytes))),
            Some("pom.properties") => match Coordinates::of_properties(bytes) {
                Some(coordinates) => self.properties.push((place, coordinates)),
                None => problems.push(Problem::new(None, format!("`{member}` names no artefact"))),
            },
            Some("pom.xml") => self.projects.push((place, bytes)),
            _ => {
                let mut parts = member.strip_prefix("META-INF/native-image/").unwrap_or_default().split('/');
                if let (Some(group), Some(artifact), Some(_)) = (parts.next(), parts.next(), parts.next()) {
                    self.hints = self.hints.or(Some((place, group, artifact)));
                }
            }
        }
    }

    fn manifest(&self, names: &[&str]) -> Option<&str> {
        self.manifest.as_ref()?.1.first(names)
    }

    /// The project file of an artefact.
    fn project(&self, group: &str, artifact: &str) -> Option<(&'a str, Pom)> {
        let member = format!("{}!/META-INF/maven/{group}/{artifact}/pom.xml", self.path);
        let (place, bytes) = self.projects.iter().find(|(place, _)| *place == member)?;
        Some((place, Pom::parse(&String::from_utf8_lossy(bytes)).ok()?))
    }
}

/// `None` also for the parts of a Java runtime, which are no artefacts of their own.
fn identify(archive: &Archive<'_>) -> Option<Identity> {
    if archive.manifest(&["implementation-title"]) == Some("Java Runtime Environment") {
        return None;
    }
    by_repository(archive)
        .or_else(|| by_properties(archive))
        .or_else(|| by_project(archive))
        .or_else(|| by_hints(archive))
        .or_else(|| by_manifest_or_name(archive))
}

/// `…/repository/GROUP/AS/FOLDERS/ARTIFACT/VERSION/ARTIFACT-VERSION.jar`, and Gradle's
/// `files-2.1/GROUP/ARTIFACT/VERSION/DIGEST/ARTIFACT-VERSION.jar`.
fn by_repository(archive: &Archive<'_>) -> Option<Identity> {
    let parts: Vec<&str> = parent(archive.path).split('/').collect();
    let is_repository = |part: &&str| matches!(*part, "repository" | "maven-repo" | "files-2.1" | "maven2");
    let start = parts.iter().rposition(is_repository)?;
    let place = &parts[start + 1..];
    let (group, artifact, version) = match (parts[start], place) {
        ("files-2.1", [group, artifact, version, _]) => ((*group).to_owned(), *artifact, *version),
        (_, [group @ .., artifact, version]) if !group.is_empty() => (group.join("."), *artifact, *version),
        _ => return None,
    };
    let coordinates = Coordinates { group, artifact: artifact.to_owned(), version: Some(version.to_owned()) };
    let named = archive.stem.strip_prefix(artifact)?.strip_prefix('-')?;
    let fits = named == version || named.strip_prefix(version).is_some_and(|rest| rest.starts_with('-'));
    let own = archive.properties.iter().position(|(_, other)| other.name() == coordinates.name());
    fits.then(|| Identity {
        coordinates,
        confidence: sure::REPOSITORY,
        technique: own.map_or(Technique::Filename, |_| Technique::ManifestAnalysis),
        place: own.map_or(String::new(), |own| archive.properties[own].0.to_owned()),
        own,
    })
}

fn by_properties(archive: &Archive<'_>) -> Option<Identity> {
    let by_name =
        |stem: &str| archive.properties.iter().position(|(_, coordinates)| is_named(stem, coordinates));
    let named = by_name(archive.stem).or_else(|| by_name(&without_series(archive.stem)));
    let titled = || {
        let title = archive.manifest(&["implementation-title", "bundle-name"])?;
        archive.properties.iter().position(|(_, coordinates)| coordinates.artifact == title)
    };
    // A single one is the archive's own under whatever name the file was given, unless another title says
    // that it was copied in.
    let single = || match archive.properties.as_slice() {
        [(_, only)] if !is_someone_else(archive, only) => Some(0),
        _ => None,
    };
    let own = named.or_else(titled).or_else(single)?;
    let (place, coordinates) = &archive.properties[own];
    let mut coordinates = coordinates.clone();
    if coordinates.version.is_none() {
        coordinates.version = version(archive);
    }
    Some(Identity {
        coordinates,
        confidence: sure::PROPERTIES,
        technique: Technique::ManifestAnalysis,
        place: (*place).to_owned(),
        own: Some(own),
    })
}

/// Whether the archive goes by another name and version than the only artefact that Maven's files in it are of: by those
/// of its file, or by those of its manifest where the file's name is the title there.
fn is_someone_else(archive: &Archive<'_>, coordinates: &Coordinates) -> bool {
    let (name, version) = split_name(archive.stem);
    let is_titled = || archive.manifest(&["bundle-name", "implementation-title"]) == Some(name);
    let version = version.or_else(|| archive.manifest(VERSIONS).filter(|_| is_titled()));
    // `geronimo-annotation-1.3-spec` is Debian's name of `geronimo-annotation_1.3_spec`.
    let squashed =
        |text: &str| -> String { text.chars().filter(|letter| letter.is_alphanumeric()).collect() };
    let is_alike = || squashed(archive.stem).starts_with(&squashed(&coordinates.artifact));
    version.is_some() && version != coordinates.version.as_deref() && !is_alike()
}

/// Distributions ship several series of a product side by side: `tomcat10-jdbc` is Maven's `tomcat-jdbc`.
fn without_series(stem: &str) -> String {
    match stem.split_once('-') {
        Some((product, rest)) => {
            format!("{}-{rest}", product.trim_end_matches(|last: char| last.is_ascii_digit()))
        }
        None => stem.to_owned(),
    }
}

/// `artifact`, `artifact-1.2`, `group.artifact-1.2`, `artifact-1.2-classifier`.
fn is_named(stem: &str, coordinates: &Coordinates) -> bool {
    let bare = stem.strip_prefix(&format!("{}.", coordinates.group)).unwrap_or(stem);
    match bare.strip_prefix(&coordinates.artifact) {
        Some("") => true,
        Some(rest) => {
            let version = coordinates.version.as_deref().unwrap_or_default();
            rest.strip_prefix(['-', '_']).is_some_and(|rest| {
                rest.starts_with(|first: char| first.is_ascii_digit())
                    || (!version.is_empty() && rest.starts_with(version))
            })
        }
        None => false,
    }
}

fn by_project(archive: &Archive<'_>) -> Option<Identity> {
    let (name, _) = split_name(archive.stem);
    let candidates: Vec<_> = archive
        .projects
        .iter()
        // Those with properties beside them were copied in: these are nobody's own here.
        .filter(|(place, _)| !archive.properties.iter().any(|(other, _)| parent(other) == parent(place)))
        .filter_map(|(place, bytes)| {
            let pom = Pom::parse(&String::from_utf8_lossy(bytes)).ok()?;
            Some((*place, Project::of(place, pom, &Tree::stack([])).coordinates()?))
        })
        .collect();
    let named = candidates.iter().find(|(_, coordinates)| coordinates.artifact == name);
    let single = if candidates.len() == 1 { candidates.first() } else { None };
    let (place, coordinates) = named.or(single)?;
    let mut coordinates = coordinates.clone();
    coordinates.version = coordinates.version.or_else(|| version(archive));
    Some(Identity {
        coordinates,
        confidence: sure::PROJECT,
        technique: Technique::ManifestAnalysis,
        place: (*place).to_owned(),
        own: None,
    })
}

fn by_hints(archive: &Archive<'_>) -> Option<Identity> {
    let (place, group, artifact) = archive.hints?;
    let version = version(archive)?;
    (is_plain(group) && is_plain(artifact)).then(|| Identity {
        coordinates: Coordinates {
            group: group.to_owned(),
            artifact: artifact.to_owned(),
            version: Some(version),
        },
        confidence: sure::HINTS,
        technique: Technique::ManifestAnalysis,
        place: place.to_owned(),
        own: None,
    })
}

fn by_manifest_or_name(archive: &Archive<'_>) -> Option<Identity> {
    let version = version(archive)?;
    let artifact = artifact(archive)?;
    let (group, confidence) = group(archive, &artifact);
    let told_by_manifest = archive.manifest(VERSIONS).is_some();
    Some(Identity {
        coordinates: Coordinates { group, artifact, version: Some(version) },
        confidence,
        technique: if told_by_manifest { Technique::ManifestAnalysis } else { Technique::Filename },
        place: match &archive.manifest {
            Some((place, _)) if told_by_manifest => (*place).to_owned(),
            _ => String::new(),
        },
        own: None,
    })
}

const VERSIONS: &[&str] =
    &["implementation-version", "plugin-version", "bundle-version", "specification-version"];

/// The file name's version comes first: a manifest's is often that of the product the archive is part of.
fn version(archive: &Archive<'_>) -> Option<String> {
    let (_, named) = split_name(archive.stem);
    let stated =
        archive.manifest(VERSIONS).map(|version| version.split_whitespace().next().unwrap_or(version));
    let version = named.or(stated)?;
    (is_plain(version) && version.contains(|letter: char| letter.is_ascii_digit()))
        .then(|| version.to_owned())
}

/// The name of the artefact: the file's, or where that says nothing of a version, the manifest's.
fn artifact(archive: &Archive<'_>) -> Option<String> {
    let (name, version) = split_name(archive.stem);
    // Tomcat's own archives go by shorter names than Maven Central has them under, and Debian's by longer.
    if archive.manifest(&["implementation-title"]) == Some("Apache Tomcat") {
        let name = without_series(name);
        return Some(if name.starts_with("tomcat") { name } else { format!("tomcat-{name}") });
    }
    let bare = name.rsplit('.').next().filter(|bare| name.contains('.') && group_of(bare).is_some());
    let title = || {
        let titled = archive.manifest(&["implementation-title", "bundle-name", "specification-title"])?;
        let is_id =
            titled.chars().all(|letter| letter.is_ascii_lowercase() || "-.0123456789".contains(letter));
        is_id.then_some(titled)
    };
    let artifact = bare.or_else(|| if version.is_none() { title() } else { None }).unwrap_or(name);
    is_plain(artifact).then(|| artifact.to_owned())
}

fn group(archive: &Archive<'_>, artifact: &str) -> (String, u8) {
    let vendor = archive.manifest(&["implementation-vendor-id", "group-id", "maven-group-id"]);
    if let Some(vendor) = vendor.filter(|vendor| is_plain(vendor) && vendor.contains('.')) {
        return (vendor.to_owned(), sure::VENDOR);
    }
    if let Some(known) = group_of(artifact) {
        return (known.to_owned(), sure::KNOWN);
    }
    let bundle = archive.manifest.as_ref().and_then(|(_, manifest)| manifest.symbolic_name());
    let module = archive.manifest(&["automatic-module-name"]);
    for name in [bundle, module].into_iter().flatten() {
        let before = name.strip_suffix(artifact).and_then(|name| name.strip_suffix('.'));
        if let Some(group) = before.filter(|group| is_plain(group)) {
            return (group.to_owned(), sure::BUNDLE);
        }
    }
    match archive.about.get("package").and_then(|folder| group_of_folder(folder, artifact)) {
        Some(group) => (group, sure::FOLDER),
        None => (artifact.to_owned(), sure::NAME),
    }
}

/// The archive's own package.
fn own_package(
    archive: &Archive<'_>,
    identity: Identity,
    shaded: Vec<Need>,
    tree: &Tree,
) -> Result<Package, String> {
    let mut package = package(archive, &identity.coordinates, &identity.place, tree)?;
    package.technique = identity.technique;
    package.extent = Some(Extent::File(archive.path.into()));
    package.confidence = identity.confidence;
    let component = &mut package.component;
    let ending = archive.path.rsplit('.').next().unwrap_or_default();
    if matches!(ending, "ear" | "hpi" | "jpi" | "war") || !archive.nested.is_empty() {
        component.kind = Kind::Application;
    }
    component
        .hashes
        .extend(archive.about.get("sha1").and_then(|hex| Hash::from_hex(HashAlgorithm::Sha1, hex)));
    component.supplier = archive.manifest(&["implementation-vendor", "bundle-vendor"]).map(str::to_owned);
    if let Some((place, manifest)) = &archive.manifest
        && component.licenses.is_empty()
    {
        let claims = manifest.licenses();
        let claims = claims.iter().filter_map(|text| declared(text, DIALECT));
        component.licenses =
            claims.map(|claim| LicenseClaim { path: Some((*place).to_owned()), ..claim }).collect();
    }
    package.addresses.push(format!("jar:{}", archive.path));
    let nested = archive.nested.iter().map(|path| Need::of(format!("jar:{path}")));
    let all = shaded.into_iter().chain(nested);
    match &mut package.needs {
        Some(needs) => needs.extend(all),
        needs => {
            let all: Vec<Need> = all.collect();
            *needs = (!all.is_empty()).then_some(all);
        }
    }
    Ok(package)
}

/// A library whose classes were copied into the archive.
fn shaded_package(
    archive: &Archive<'_>,
    place: &str,
    coordinates: &Coordinates,
    index: usize,
    tree: &Tree,
) -> Result<Package, String> {
    let mut package = package(archive, coordinates, place, tree)?;
    package.addresses.insert(0, format!("jar-shaded:{}#{index}", archive.path));
    Ok(package)
}

/// A package by its coordinates, with what its project file in the archive says.
fn package(
    archive: &Archive<'_>,
    coordinates: &Coordinates,
    place: &str,
    tree: &Tree,
) -> Result<Package, String> {
    let mut component = coordinates.component("", "")?;
    let mut needs = None;
    if let Some((place, pom)) = archive.project(&coordinates.group, &coordinates.artifact) {
        let project = Project::of(place, pom, tree);
        let (path, licenses) = project.licenses();
        component.licenses.extend(licenses.iter().filter_map(|license| license.claim(path)));
        component.description = project.pom().description.as_deref().and_then(first_line);
        component.homepage = project.pom().url.clone().filter(|url| !url.contains("${"));
        component.vcs = project.pom().scm.clone().filter(|url| !url.contains("${"));
        component.author = project.pom().organization.clone();
        needs = Some(project_needs(archive, &project));
    }
    // JRuby brings gems as any other Ruby does.
    if is_jruby(coordinates) {
        needs.get_or_insert_with(Vec::new).extend(rubygems::brought_by(archive.path).map(Need::of));
    }
    let mut package = Package::new(component);
    package.place = (!place.is_empty()).then(|| place.into());
    let name = coordinates.name();
    package.addresses = vec![
        format!("jar-in:{}#{name}", parent(archive.path)),
        format!("jar-of:{}#{name}", outermost(archive.path)),
    ];
    package.needs = needs;
    Ok(package)
}

/// What a project needs to run, looked for in the folder of its archive, then anywhere in the outermost one.
fn project_needs(archive: &Archive<'_>, project: &Project) -> Vec<Need> {
    let dependencies = project.dependencies();
    let to_run = dependencies.iter().filter(|dependency| {
        !matches!(dependency.scope.as_deref(), Some("test" | "provided" | "system" | "import"))
    });
    to_run
        .map(|dependency| {
            let name = format!("{}:{}", dependency.group, dependency.artifact);
            let folder = format!("jar-in:{}#{name}", parent(archive.path));
            Need { any_of: vec![folder, format!("jar-of:{}#{name}", outermost(archive.path))] }
        })
        .collect()
}

fn is_jruby(coordinates: &Coordinates) -> bool {
    coordinates.group == "org.jruby"
        && matches!(coordinates.artifact.as_str(), "jruby-complete" | "jruby-core")
}

fn outermost(path: &str) -> &str {
    path.split("!/").next().unwrap_or(path)
}

fn first_line(text: &str) -> Option<String> {
    text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    const ABOUT: &str = "members 9\nsha1 da39a3ee5e6b4b0d3255bfef95601890afd80709\n";

    #[test]
    fn an_application_needs_its_libraries_and_they_each_other() {
        let pom = "<project><parent><groupId>org.example</groupId><artifactId>p</artifactId><version>3</version></parent>\
                   <artifactId>lib</artifactId><description>\n  Does it.\n  More.</description>\n\
                   <licenses><license><name>Apache-2.0</name></license></licenses><dependencies>\
                   <dependency><groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-core</artifactId></dependency>\
                   <dependency><groupId>junit</groupId><artifactId>junit</artifactId><scope>test</scope></dependency>\
                   </dependencies></project>";
        check(
            &ECOSYSTEM,
            &[
                ("srv/app.war!/.archive", ABOUT),
                (
                    "srv/app.war!/META-INF/maven/org.example/app/pom.properties",
                    "#x\nversion=1.0\ngroupId=org.example\nartifactId=app\n",
                ),
                ("srv/app.war!/WEB-INF/lib/lib-3.jar!/.archive", ABOUT),
                (
                    "srv/app.war!/WEB-INF/lib/lib-3.jar!/META-INF/maven/org.example/lib/pom.properties",
                    "groupId=org.example\nartifactId=lib\nversion=3",
                ),
                ("srv/app.war!/WEB-INF/lib/lib-3.jar!/META-INF/maven/org.example/lib/pom.xml", pom),
                ("srv/app.war!/WEB-INF/lib/jackson-core-2.15.2.jar!/.archive", ABOUT),
                (
                    "srv/app.war!/WEB-INF/lib/jackson-core-2.15.2.jar!/META-INF/MANIFEST.MF",
                    "Bundle-License: https://www.apache.org/licenses/LICENSE-2.0.txt\nBundle-Vendor: FasterXML\nBundle-Version: 2.15.2\n",
                ),
            ],
            expect![[r#"
                pkg:maven/com.fasterxml.jackson.core/jackson-core@2.15.2 declared `https://www.apache.org/licenses/LICENSE-2.0.txt` = Apache-2.0 SHA-1:da39a3ee
                pkg:maven/org.example/app@1.0 application SHA-1:da39a3ee needs [com.fasterxml.jackson.core/jackson-core@2.15.2, org.example/lib@3]
                pkg:maven/org.example/lib@3 declared `Apache-2.0` SHA-1:da39a3ee needs [com.fasterxml.jackson.core/jackson-core@2.15.2]
            "#]],
        );
    }

    #[test]
    fn libraries_copied_into_an_archive_are_listed_with_it() {
        let file =
            |group: &str, artifact: &str| format!("groupId={group}\nartifactId={artifact}\nversion=1.1\n");
        let (own, guava) = (file("org.apache.hadoop", "shaded"), file("com.google.guava", "guava"));
        check(
            &ECOSYSTEM,
            &[
                ("shaded-1.1-SNAPSHOT.jar!/.archive", ABOUT),
                ("shaded-1.1-SNAPSHOT.jar!/META-INF/maven/com.google.guava/guava/pom.properties", &guava),
                ("shaded-1.1-SNAPSHOT.jar!/META-INF/maven/org.apache.hadoop/shaded/pom.properties", &own),
                // Named after a library that is not the only one with properties in it.
                ("other-2.0.jar!/.archive", ABOUT),
                ("other-2.0.jar!/META-INF/maven/com.google.guava/guava/pom.properties", &guava),
            ],
            expect![[r#"
                pkg:maven/com.google.guava/guava@1.1
                pkg:maven/org.apache.hadoop/shaded@1.1 SHA-1:da39a3ee needs [com.google.guava/guava@1.1]
                pkg:maven/other/other@2.0 SHA-1:da39a3ee needs [com.google.guava/guava@1.1]
            "#]],
        );
    }

    /// `scala-compiler` has jline in it, and `guice.jar` cglib: with Maven's files of these, and none of their own.
    #[test]
    fn an_archive_is_not_the_only_library_that_was_copied_into_it() {
        let copied = "groupId=jline\nartifactId=jline\nversion=2.14.6\n";
        let project = "<project><groupId>jline</groupId><artifactId>jline</artifactId><version>2.14.6</version></project>";
        let guice = "Bundle-Name: guice\nBundle-SymbolicName: com.google.inject\nBundle-Version: 4.2.3\n";
        check(
            &ECOSYSTEM,
            &[
                ("scala-compiler-2.12.18.jar!/.archive", ABOUT),
                ("scala-compiler-2.12.18.jar!/META-INF/maven/jline/jline/pom.properties", copied),
                ("scala-compiler-2.12.18.jar!/META-INF/maven/jline/jline/pom.xml", project),
                ("guice.jar!/.archive", ABOUT),
                ("guice.jar!/META-INF/MANIFEST.MF", guice),
                ("guice.jar!/META-INF/maven/jline/jline/pom.properties", copied),
                ("geronimo-annotation-1.3-spec.jar!/.archive", ABOUT),
                (
                    "geronimo-annotation-1.3-spec.jar!/META-INF/maven/org.apache.geronimo.specs/geronimo-annotation_1.3_spec/pom.properties",
                    "groupId=org.apache.geronimo.specs\nartifactId=geronimo-annotation_1.3_spec\nversion=1.1\n",
                ),
                // One that was given another name is what it is all the same.
                ("terminal.jar!/.archive", ABOUT),
                ("terminal.jar!/META-INF/maven/jline/jline/pom.properties", copied),
                (
                    "terminal.jar!/META-INF/MANIFEST.MF",
                    "Implementation-Title: terminal\nImplementation-Version: 2.14.6\n",
                ),
            ],
            expect![[r#"
                pkg:maven/com.google.inject/guice@4.2.3 SHA-1:da39a3ee needs [jline/jline@2.14.6]
                pkg:maven/jline/jline@2.14.6 SHA-1:da39a3ee needs []
                pkg:maven/org.apache.geronimo.specs/geronimo-annotation_1.3_spec@1.1 SHA-1:da39a3ee
                pkg:maven/org.scala-lang/scala-compiler@2.12.18 SHA-1:da39a3ee needs [jline/jline@2.14.6]
            "#]],
        );
    }

    #[test]
    fn coordinates_are_told_by_what_there_is() {
        let tomcat = "Implementation-Title: Apache Tomcat\nImplementation-Version: 10.1.60\n";
        check(
            &ECOSYSTEM,
            &[
                ("root/.m2/repository/org/x/a/1.0/a-1.0.jar!/.archive", ABOUT),
                ("root/.gradle/caches/modules-2/files-2.1/org.x/b/1.0/0123/b-1.0.jar!/.archive", ABOUT),
                ("hints.jar!/.archive", ABOUT),
                (
                    "hints.jar!/META-INF/native-image/org.apache.tomcat.embed/tomcat-embed-el/native-image.properties",
                    "",
                ),
                ("hints.jar!/META-INF/MANIFEST.MF", tomcat),
                ("lib/catalina.jar!/.archive", ABOUT),
                ("lib/catalina.jar!/META-INF/MANIFEST.MF", tomcat),
                ("lib/tomcat10-jdbc-10.1.60.jar!/.archive", ABOUT),
                ("lib/tomcat10-jdbc-10.1.60.jar!/META-INF/MANIFEST.MF", tomcat),
                ("jdk/lib/jrt-fs.jar!/.archive", ABOUT),
                (
                    "jdk/lib/jrt-fs.jar!/META-INF/MANIFEST.MF",
                    "Implementation-Title: Java Runtime Environment\nImplementation-Version: 17\n",
                ),
                ("lib/plugin.hpi!/.archive", ABOUT),
                (
                    "lib/plugin.hpi!/META-INF/MANIFEST.MF",
                    "Implementation-Vendor-Id: com.example\nPlugin-Version: 1.2\nPlugin-License-Name: MIT\nPlugin-License-Name-2: Apache-2.0\n",
                ),
                ("lib/thing-4.jar!/.archive", "members 1\npackage org/example/thing\n"),
                ("lib/odd_1.2.3.v2020.jar!/.archive", ABOUT),
                (
                    "lib/odd_1.2.3.v2020.jar!/META-INF/MANIFEST.MF",
                    "Bundle-SymbolicName: org.eclipse.odd;singleton:=true\nBundle-Version: 1.2.3.v2020\n",
                ),
                ("lib/spring3-core-3.x.jar!/.archive", ABOUT),
                (
                    "lib/spring3-core-3.x.jar!/META-INF/MANIFEST.MF",
                    "Implementation-Title: spring-core\nImplementation-Version: 4.3.30.RELEASE\n",
                ),
                ("lib/nothing.jar!/.archive", ABOUT),
                ("lib/nothing.jar!/META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n"),
            ],
            expect![[r#"
                pkg:maven/com.example/plugin@1.2 application declared `MIT` declared `Apache-2.0` SHA-1:da39a3ee
                pkg:maven/org.apache.tomcat.embed/tomcat-embed-el@10.1.60 SHA-1:da39a3ee
                pkg:maven/org.apache.tomcat/tomcat-catalina@10.1.60 SHA-1:da39a3ee
                pkg:maven/org.apache.tomcat/tomcat-jdbc@10.1.60 SHA-1:da39a3ee
                pkg:maven/org.eclipse/odd@1.2.3.v2020 SHA-1:da39a3ee
                pkg:maven/org.example/thing@4
                pkg:maven/org.springframework/spring-core@4.3.30.RELEASE SHA-1:da39a3ee
                pkg:maven/org.x/a@1.0 SHA-1:da39a3ee
                pkg:maven/org.x/b@1.0 SHA-1:da39a3ee
            "#]],
        );
    }

    #[test]
    fn hostile_members_say_nothing() {
        check(
            &ECOSYSTEM,
            &[
                ("a-1.jar!/.archive", "\u{0}\nsha1\nsha1 xyz\npackage \n"),
                ("a-1.jar!/META-INF/maven/x/y/pom.properties", "groupId=${x}\nartifactId=../..\nversion="),
                ("a-1.jar!/META-INF/maven/x/y/pom.xml", "<project><parent>"),
                ("a-1.jar!/META-INF/MANIFEST.MF", "Implementation-Vendor-Id: a b\nBundle-SymbolicName: ;"),
                ("!/.archive", ABOUT),
                ("-1.jar!/.archive", ABOUT),
            ],
            expect![[r#"
                pkg:maven/a/a@1
                gap a-1.jar!/.archive: `META-INF/maven/x/y/pom.properties` names no artefact
            "#]],
        );
    }
}

//! rpm's database: what is installed on Fedora, Red Hat, SUSE, Amazon Linux, Azure Linux and their kin.
//!
//! One header a package, in one of three containers (see `rpmdb`), or, in Azure Linux' distroless images, one
//! line a package in `container-manifest-2`. `gpg-pubkey` is a key that rpm keeps as if it were a package.
//! A package requires names that others provide, files, sonames and boolean combinations of them. Who asked
//! for it is known only to the program that drove rpm (see `rpm_reasons`).
//! Spec: <https://rpm-software-management.github.io/rpm/manual/tags.html>

use std::borrow::Cow;
use std::collections::HashSet;

use super::super::claims::declared;
use super::super::distro::{Distro, Family};
use super::super::rpm_reasons::Reasons;
use super::super::rpmdb::{self, Header};
use super::super::{
    Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, license_files, rpm_reasons,
    rpm_rich,
};
use crate::bom::{Component, Hash, HashAlgorithm, Purl};
use crate::layers::Tree;
use crate::licenses::Dialect;

const MANIFEST: &str = "var/lib/rpmmanifest/container-manifest-2";

/// Where a root file system keeps the database, by distribution and age.
const FOLDERS: &[&str] = &["var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/"];

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "rpm",
    about: "packages installed by rpm (Fedora, Red Hat, SUSE, Amazon, Azure Linux)",
    reads: &[
        "**/var/lib/rpm/{Packages,Packages.db,rpmdb.sqlite}",
        "**/usr/lib/sysimage/rpm/{Packages,Packages.db,rpmdb.sqlite}",
        "**/usr/share/rpm/{Packages,Packages.db,rpmdb.sqlite}",
        "**/var/lib/rpmmanifest/container-manifest-2",
    ],
    beside: &[
        "**/etc/os-release",
        "**/usr/lib/os-release",
        "**/rpm/rpmdb.sqlite-wal",
        rpm_reasons::DNF4,
        rpm_reasons::DNF4_WAL,
        rpm_reasons::DNF5,
        rpm_reasons::YUM,
        rpm_reasons::ZYPPER,
        license_files::SHARED,
    ],
    spec: "https://rpm-software-management.github.io/rpm/manual/tags.html",
    parse,
    enrich,
};

mod tag {
    pub(super) const NAME: u32 = 1000;
    pub(super) const VERSION: u32 = 1001;
    pub(super) const RELEASE: u32 = 1002;
    pub(super) const EPOCH: u32 = 1003;
    pub(super) const SUMMARY: u32 = 1004;
    pub(super) const VENDOR: u32 = 1011;
    pub(super) const LICENSE: u32 = 1014;
    pub(super) const URL: u32 = 1020;
    pub(super) const ARCH: u32 = 1022;
    pub(super) const OLD_FILE_NAMES: u32 = 1027;
    pub(super) const FILE_MODES: u32 = 1030;
    pub(super) const FILE_DIGESTS: u32 = 1035;
    pub(super) const FILE_FLAGS: u32 = 1037;
    pub(super) const SOURCE_RPM: u32 = 1044;
    pub(super) const FILE_VERIFY_FLAGS: u32 = 1045;
    pub(super) const PROVIDE_NAME: u32 = 1047;
    pub(super) const REQUIRE_NAME: u32 = 1049;
    pub(super) const DIR_INDEXES: u32 = 1116;
    pub(super) const BASE_NAMES: u32 = 1117;
    pub(super) const DIR_NAMES: u32 = 1118;
    pub(super) const FILE_DIGEST_ALGORITHM: u32 = 5011;
    pub(super) const MODULARITY_LABEL: u32 = 5096;
}

/// Where the database lies, for all its packages alike.
struct Place<'a> {
    root: &'a str,
    /// The purl's namespace; absent where nothing says which distribution it is.
    vendor: Option<String>,
    distro: Option<String>,
}

fn root<'a>(file: &File<'a>) -> &'a str {
    let folder = file.path.rfind('/').map_or("", |slash| &file.path[..=slash]);
    let is_root = |root: &&str| root.is_empty() || root.ends_with('/');
    let in_folder = FOLDERS.iter().find_map(|known| folder.strip_suffix(known).filter(is_root));
    in_folder.or(file.root(MANIFEST)).unwrap_or_default()
}

fn place<'a>(file: &File<'a>, tree: &Tree) -> Place<'a> {
    let root = root(file);
    let distro = Distro::of(tree, root).filter(|distro| distro.may_be(Family::Rpm));
    Place {
        root,
        vendor: distro.as_ref().and_then(Distro::id).map(|id| vendor(&id).to_owned()),
        distro: distro.as_ref().and_then(Distro::qualifier),
    }
}

/// Two distributions are known in purls by their makers' names.
fn vendor(id: &str) -> &str {
    match id {
        "rhel" => "redhat",
        id if id.starts_with("opensuse") => "opensuse",
        id => id,
    }
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let place = place(file, tree);
    if file.path.ends_with(MANIFEST) {
        return Ok(manifest(file, &place));
    }
    // Builders leave an empty database of the old kind beside the real one.
    if file.bytes.is_empty() {
        return Ok(Parsed::default());
    }
    let wal = tree.read(&format!("{}-wal", file.path));
    let found = rpmdb::headers(file.bytes, wal).map_err(|reason| ParseError::new(None, reason))?;
    let mut parsed = Parsed::default();
    parsed.problems.extend(found.problems.into_iter().map(|reason| Problem::new(None, reason)));
    let headers: Vec<Header<'_>> = found
        .headers
        .iter()
        .filter_map(|bytes| {
            let header = Header::parse(bytes);
            if header.is_none() {
                parsed.problems.push(Problem::new(None, "a package's header is cut or overwritten"));
            }
            header
        })
        .filter(|header| header.text(tag::NAME).as_deref() != Some("gpg-pubkey"))
        .collect();
    let there = There::of(&headers);
    let reasons = Reasons::of(tree, place.root);
    for header in &headers {
        match installed(header, &place, &there) {
            Ok(mut package) => {
                let architecture = header.text(tag::ARCH).unwrap_or_default();
                package.component.asked_for = reasons.asked_for(&package.component.name, &architecture);
                parsed.packages.push(package);
            }
            Err(problem) => parsed.problems.push(problem),
        }
    }
    Ok(parsed)
}

/// Who is there to meet a requirement.
struct There<'a> {
    provided: HashSet<Cow<'a, str>>,
    /// Required files, where they are since `/bin` became `/usr/bin`.
    required_files: HashSet<String>,
}

impl<'a> There<'a> {
    fn of(headers: &[Header<'a>]) -> Self {
        let texts = |tag| headers.iter().flat_map(move |header| header.texts(tag));
        let is_file = |name: &str| name.starts_with('/');
        Self {
            provided: texts(tag::PROVIDE_NAME).collect(),
            required_files: texts(tag::REQUIRE_NAME)
                .filter(|name| is_file(name))
                .map(|name| under_usr(&name).into_owned())
                .collect(),
        }
    }
}

/// `/bin/sh` and `/usr/bin/sh` are one file, whichever of the two a package says.
fn under_usr(path: &str) -> Cow<'_, str> {
    let merged = ["/bin/", "/sbin/", "/lib/", "/lib64/"].iter().any(|folder| path.starts_with(folder));
    if merged { Cow::Owned(["/usr", path].concat()) } else { Cow::Borrowed(path) }
}

/// What identifies a package, wherever it is written.
struct Named {
    name: String,
    /// Without epoch: version and release.
    version: String,
    /// As written; a written 0 is not the same as none.
    epoch: Option<String>,
    architecture: String,
    /// The source package's file name.
    source: String,
    module: String,
}

impl Named {
    fn package(&self, place: &Place<'_>) -> Result<Package, String> {
        let epoch = self.epoch.as_deref().unwrap_or_default();
        let qualifiers = [
            ("arch", self.architecture.as_str()),
            ("distro", place.distro.as_deref().unwrap_or_default()),
            ("epoch", epoch),
            ("rpmmod", &self.module),
            ("upstream", &self.source),
        ];
        let vendor = place.vendor.as_deref();
        let purl = Purl::new("rpm", vendor, &self.name, Some(&self.version), &qualifiers)
            .map_err(|error| error.to_string())?;
        let mut component = Component::new(&self.name);
        component.version = Some(match &self.epoch {
            Some(epoch) => format!("{epoch}:{}", self.version),
            None => self.version.clone(),
        });
        component.purl = Some(purl);
        Ok(Package::new(component))
    }
}

fn installed(header: &Header<'_>, place: &Place<'_>, there: &There<'_>) -> Result<Package, Problem> {
    let text = |tag| header.text(tag).map(|text| text.into_owned());
    let (Some(name), Some(version)) = (text(tag::NAME), text(tag::VERSION)) else {
        return Err(Problem::new(None, "a package without name or version"));
    };
    let version =
        text(tag::RELEASE).map_or_else(|| version.clone(), |release| format!("{version}-{release}"));
    let named = Named {
        name,
        version,
        epoch: header.number(tag::EPOCH).map(|epoch| epoch.to_string()),
        architecture: text(tag::ARCH).unwrap_or_default(),
        source: text(tag::SOURCE_RPM).unwrap_or_default(),
        module: text(tag::MODULARITY_LABEL).unwrap_or_default(),
    };
    let mut package = named.package(place).map_err(|reason| Problem::new(None, reason))?;
    package.component.licenses.extend(text(tag::LICENSE).and_then(|text| declared(&text, Dialect::Fedora)));
    package.component.supplier = text(tag::VENDOR);
    package.component.homepage = text(tag::URL);
    package.component.description =
        text(tag::SUMMARY).and_then(|summary| summary.lines().next().map(str::to_owned));
    package.files = files(header, place.root);
    package.addresses = addresses(header, &package, place.root, there);
    package.needs = Some(needs(header, place.root, there));
    Ok(package)
}

/// A package answers to its own name, to what it provides, and to those of its files that others require.
fn addresses(header: &Header<'_>, package: &Package, root: &str, there: &There<'_>) -> Vec<String> {
    let mut addresses = vec![["rpm:", root, ":", &package.component.name].concat()];
    addresses
        .extend(header.texts(tag::PROVIDE_NAME).map(|name| ["rpm-provided:", root, ":", &name].concat()));
    let mut written = String::new();
    for file in &package.files {
        written.clear();
        written.push('/');
        written.push_str(&file.path[root.len()..]);
        let path = under_usr(&written);
        if there.required_files.contains(&*path) {
            addresses.push(["rpm-file:", root, ":", &path].concat());
        }
    }
    addresses
}

fn needs(header: &Header<'_>, root: &str, there: &There<'_>) -> Vec<Need> {
    let is_there = |name: &str| there.provided.contains(name);
    let requirements: Vec<Cow<'_, str>> = header.texts(tag::REQUIRE_NAME).collect();
    let mut names: Vec<&str> =
        requirements.iter().flat_map(|requirement| rpm_rich::names(requirement, &is_there)).collect();
    // A requirement stands once for each of its version bounds.
    names.sort_unstable();
    names.dedup();
    let need = |name: &str| {
        let mut any_of =
            vec![["rpm:", root, ":", name].concat(), ["rpm-provided:", root, ":", name].concat()];
        if name.starts_with('/') {
            any_of.push(["rpm-file:", root, ":", &under_usr(name)].concat());
        }
        Need { any_of }
    };
    names.into_iter().map(need).collect()
}

const FLAG_CONFIG: u32 = 1;
const FLAG_GHOST: u32 = 64;
/// The content is to be verified; packages clear it for files they change themselves.
const VERIFY_DIGEST: u32 = 1;
const MODE_KIND: u32 = 0o170_000;
const MODE_FOLDER: u32 = 0o040_000;

/// The package's files, without its folders. Configuration and what is only made at run time have no digest.
fn files(header: &Header<'_>, root: &str) -> Vec<OwnedFile> {
    let algorithm = match header.number(tag::FILE_DIGEST_ALGORITHM) {
        None | Some(1) => Some(HashAlgorithm::Md5),
        Some(2) => Some(HashAlgorithm::Sha1),
        Some(8) => Some(HashAlgorithm::Sha256),
        Some(9) => Some(HashAlgorithm::Sha384),
        Some(10) => Some(HashAlgorithm::Sha512),
        Some(_) => None,
    };
    let mut modes = header.numbers(tag::FILE_MODES);
    let mut flags = header.numbers(tag::FILE_FLAGS);
    let mut verified = header.numbers(tag::FILE_VERIFY_FLAGS);
    let mut digests = header.texts(tag::FILE_DIGESTS);
    let mut files = Vec::new();
    for path in paths(header) {
        let (mode, flags, digest) = (modes.next(), flags.next().unwrap_or_default(), digests.next());
        let is_verified = verified.next().is_none_or(|verified| verified & VERIFY_DIGEST != 0);
        if mode.is_some_and(|mode| mode & MODE_KIND == MODE_FOLDER) {
            continue;
        }
        let hash = |text: &str| Hash::from_hex(algorithm?, text);
        let digest = digest.filter(|_| is_verified && flags & (FLAG_CONFIG | FLAG_GHOST) == 0);
        files.push(OwnedFile { path: path.below(root), digest: digest.and_then(|text| hash(&text)) });
    }
    files
}

/// A path as a header has it: a folder and a name, or all of it as the name.
struct Path<'a> {
    folder: Cow<'a, str>,
    name: Cow<'a, str>,
}

impl Path<'_> {
    /// Without its leading slash.
    fn below(&self, root: &str) -> Box<str> {
        let folder = self.folder.trim_start_matches('/');
        let name = if folder.is_empty() { self.name.trim_start_matches('/') } else { &self.name };
        [root, folder, name].concat().into()
    }
}

/// Folders are listed once, and each file says which is its. rpm before version 4 wrote whole paths.
fn paths<'a>(header: &Header<'a>) -> Vec<Path<'a>> {
    let folders: Vec<_> = header.texts(tag::DIR_NAMES).collect();
    let names = header.texts(tag::BASE_NAMES).zip(header.numbers(tag::DIR_INDEXES));
    let path = |(name, index): (Cow<'a, str>, u32)| {
        Some(Path { folder: folders.get(usize::try_from(index).ok()?)?.clone(), name })
    };
    let paths: Vec<Path<'_>> = names.map_while(path).collect();
    if !paths.is_empty() {
        return paths;
    }
    header.texts(tag::OLD_FILE_NAMES).map(|name| Path { folder: Cow::default(), name }).collect()
}

fn enrich(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    license_files::claim_shared(package, root(file), tree);
    Vec::new()
}

/// Name, version, two times, vendor, epoch, size, architecture, epoch as a number, source package; a tab
/// between each.
fn manifest(file: &File<'_>, place: &Place<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    for (number, line) in (1..).zip(file.text().lines()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |index: usize| {
            let field = fields.get(index).copied().unwrap_or_default().trim();
            Some(field).filter(|field| !field.is_empty() && *field != "(none)").map(str::to_owned)
        };
        let (Some(name), Some(version)) = (field(0), field(1)) else {
            if !line.trim().is_empty() {
                parsed.problems.push(Problem::new(number, "is not a package's name and version"));
            }
            continue;
        };
        let named = Named {
            name,
            version,
            epoch: field(5),
            architecture: field(7).unwrap_or_default(),
            source: field(9).unwrap_or_default(),
            module: String::new(),
        };
        match named.package(place) {
            Ok(mut package) => {
                package.line = Some(number);
                package.component.supplier = field(4);
                package.addresses = vec![format!("rpm:{}:{}", place.root, named.name)];
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(number, reason)),
        }
    }
    parsed
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::super::rpmdb::testing::{Value, bdb, header, ndb, sqlite};
    use super::super::testing::{check, check_bytes, owned};
    use super::*;

    const OS: (&str, &[u8]) = ("etc/os-release", b"ID=\"rhel\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"9.4\"\n");

    fn bash() -> Vec<u8> {
        header(&[
            (tag::NAME, Value::Text("bash")),
            (tag::VERSION, Value::Text("5.1.8")),
            (tag::RELEASE, Value::Text("9.el9")),
            (tag::ARCH, Value::Text("x86_64")),
            (tag::LICENSE, Value::Text("GPL-3.0-or-later")),
            (tag::VENDOR, Value::Text("Red Hat, Inc.")),
            (tag::SOURCE_RPM, Value::Text("bash-5.1.8-9.el9.src.rpm")),
            (tag::PROVIDE_NAME, Value::Texts(&["bash", "bash(x86-64)", "config(bash)"])),
            (tag::REQUIRE_NAME, Value::Texts(&["libc.so.6()(64bit)", "libc.so.6()(64bit)", "rpmlib(X)"])),
            (tag::BASE_NAMES, Value::Texts(&["bashrc", "bin", "bash", "sh", "log"])),
            (tag::DIR_NAMES, Value::Texts(&["/etc/", "/usr/", "/usr/bin/"])),
            (tag::DIR_INDEXES, Value::Numbers(&[0, 1, 2, 2, 0])),
            (tag::FILE_MODES, Value::Shorts(&[0o100_644, 0o040_755, 0o100_755, 0o120_777, 0o100_644])),
            (tag::FILE_FLAGS, Value::Numbers(&[1, 0, 0, 0, 64])),
            (
                tag::FILE_DIGESTS,
                Value::Texts(&[
                    "0123456789abcdef0123456789abcdef",
                    "",
                    "0123456789abcdef0123456789abcdef",
                    "",
                    "",
                ]),
            ),
        ])
    }

    fn glibc() -> Vec<u8> {
        header(&[
            (tag::NAME, Value::Text("glibc")),
            (tag::VERSION, Value::Text("2.34")),
            (tag::RELEASE, Value::Text("100.el9")),
            (tag::EPOCH, Value::Numbers(&[0])),
            (tag::ARCH, Value::Text("x86_64")),
            (tag::SOURCE_RPM, Value::Text("(none)")),
            (tag::PROVIDE_NAME, Value::Texts(&["glibc", "libc.so.6()(64bit)"])),
        ])
    }

    fn nodejs() -> Vec<u8> {
        header(&[
            (tag::NAME, Value::Text("nodejs")),
            (tag::VERSION, Value::Text("18.1")),
            (tag::RELEASE, Value::Text("1")),
            (tag::EPOCH, Value::Numbers(&[1])),
            (tag::MODULARITY_LABEL, Value::Text("nodejs:18:9020:rhel9")),
            (tag::REQUIRE_NAME, Value::Texts(&["/bin/sh", "(npm or bash)", "(glibc-langpack if absent)"])),
        ])
    }

    fn key() -> Vec<u8> {
        header(&[(tag::NAME, Value::Text("gpg-pubkey")), (tag::VERSION, Value::Text("1"))])
    }

    #[test]
    fn every_container_tells_the_same() {
        let headers = [bash(), glibc(), nodejs(), key()];
        let headers: Vec<&[u8]> = headers.iter().map(Vec::as_slice).collect();
        let sqlite = sqlite::database(&headers);
        check_bytes(
            &ECOSYSTEM,
            &[OS, ("var/lib/rpm/rpmdb.sqlite", &sqlite)],
            expect![[r#"
            pkg:rpm/redhat/bash@5.1.8-9.el9?arch=x86_64&distro=rhel-9.4&upstream=bash-5.1.8-9.el9.src.rpm declared `GPL-3.0-or-later` needs [redhat/glibc@2.34-100.el9]
            pkg:rpm/redhat/glibc@2.34-100.el9?arch=x86_64&distro=rhel-9.4&epoch=0 needs []
            pkg:rpm/redhat/nodejs@18.1-1?distro=rhel-9.4&epoch=1&rpmmod=nodejs:18:9020:rhel9 needs [redhat/bash@5.1.8-9.el9]
        "#]],
        );
        let told = owned(&ECOSYSTEM, &[("var/lib/rpm/rpmdb.sqlite", &sqlite)]);
        let others = [ndb::database(&headers), bdb::database(&headers, false), bdb::database(&headers, true)];
        for other in others {
            assert_eq!(owned(&ECOSYSTEM, &[("usr/lib/sysimage/rpm/Packages.db", &other)]), told);
        }
    }

    #[test]
    fn files_are_owned_with_digests_where_they_should_not_change() {
        let file = ndb::database(&[&bash()]);
        let toml = b"[packages]\n\"bash.x86_64\" = {reason = \"User\"}\n";
        expect![[r#"
            bash asked-for
              srv/x/etc/bashrc
              srv/x/usr/bin/bash MD5:01234567
              srv/x/usr/bin/sh
              srv/x/etc/log
        "#]]
        .assert_eq(&owned(
            &ECOSYSTEM,
            &[
                ("srv/x/var/lib/rpm/Packages.db", &file),
                ("srv/x/usr/lib/sysimage/libdnf5/packages.toml", toml),
            ],
        ));
    }

    #[test]
    fn licence_files_of_the_package_speak_beside_its_tag() {
        let package = header(&[
            (tag::NAME, Value::Text("a")),
            (tag::VERSION, Value::Text("1")),
            (tag::LICENSE, Value::Text("MIT")),
            (tag::BASE_NAMES, Value::Texts(&["LICENSE", "other", "again"])),
            (tag::DIR_NAMES, Value::Texts(&["/usr/share/licenses/a/"])),
            (tag::DIR_INDEXES, Value::Numbers(&[0, 0, 0])),
        ]);
        let tagged = b"SPDX-License-Identifier: Apache-2.0\n";
        check_bytes(
            &ECOSYSTEM,
            &[
                ("x/var/lib/rpm/Packages.db", &ndb::database(&[&package])),
                ("x/usr/share/licenses/a/LICENSE", b"ask us"),
                ("x/usr/share/licenses/a/other", tagged),
                ("x/usr/share/licenses/a/again", tagged),
                ("x/usr/share/licenses/b/LICENSE", b"SPDX-License-Identifier: ISC"),
            ],
            expect![[r#"
                pkg:rpm/a@1 declared `MIT` detected `Apache-2.0` needs []
            "#]],
        );
    }

    #[test]
    fn a_log_beside_the_database_is_newer() {
        let file = sqlite::database(&[&key(), &glibc()]);
        let newer = sqlite::leaf(&sqlite::row(&nodejs()), 1, 3).remove(0);
        let wal = sqlite::log(&[(3, &newer, true)]);
        check_bytes(
            &ECOSYSTEM,
            &[("var/lib/rpm/rpmdb.sqlite", &file), ("var/lib/rpm/rpmdb.sqlite-wal", &wal)],
            expect![[r#"
                pkg:rpm/glibc@2.34-100.el9?arch=x86_64&epoch=0 needs []
                pkg:rpm/nodejs@18.1-1?epoch=1&rpmmod=nodejs:18:9020:rhel9 needs []
            "#]],
        );
    }

    #[test]
    fn the_manifest_of_distroless_images_is_a_line_a_package() {
        let manifest = "glibc\t2.35-2.cm2\t1\t1\tMicrosoft Corporation\t(none)\t10855265\tx86_64\t0\tglibc-2.35-2.cm2.src.rpm\n\
                        vim\t9.0-1.cm2\t1\t1\tMicrosoft Corporation\t2\t45000\tx86_64\t2\tvim-9.0-1.cm2.src.rpm\n\nbroken\n";
        check(
            &ECOSYSTEM,
            &[
                ("etc/os-release", "ID=mariner\nVERSION_ID=\"2.0\"\n"),
                ("var/lib/rpmmanifest/container-manifest-2", manifest),
            ],
            expect![[r#"
                pkg:rpm/mariner/glibc@2.35-2.cm2?arch=x86_64&distro=mariner-2.0&upstream=glibc-2.35-2.cm2.src.rpm line 1
                pkg:rpm/mariner/vim@9.0-1.cm2?arch=x86_64&distro=mariner-2.0&epoch=2&upstream=vim-9.0-1.cm2.src.rpm line 2
                gap var/lib/rpmmanifest/container-manifest-2:4: is not a package's name and version
            "#]],
        );
    }

    #[test]
    fn what_is_no_database_or_only_half_of_one_is_a_gap() {
        let cut = ndb::database(&[&bash(), &glibc()]);
        check_bytes(
            &ECOSYSTEM,
            &[
                ("a/var/lib/rpm/Packages", b"rubbish"),
                ("b/var/lib/rpm/Packages", b""),
                ("c/var/lib/rpm/Packages.db", &cut[..cut.len() - 32]),
                ("d/var/lib/rpm/Packages.db", &ndb::database(&[&bash()[..100]])),
            ],
            expect![[r#"
                pkg:rpm/bash@5.1.8-9.el9?arch=x86_64&upstream=bash-5.1.8-9.el9.src.rpm declared `GPL-3.0-or-later` needs []
                gap a/var/lib/rpm/Packages: is no rpm database of a kind we know
                gap c/var/lib/rpm/Packages.db: package 2 is cut or overwritten
                gap d/var/lib/rpm/Packages.db: a package's header is cut or overwritten
            "#]],
        );
    }
}

//! pacman's local database: what is installed on Arch Linux, Manjaro and MSYS2.
//!
//! One folder a package, in it `desc` with blocks of `%KEY%` and one value a line. `files` beside it lists
//! what the package owns, `mtree` (gzip) has the digests. A dependency on a library says its version exactly:
//! `libtree-sitter.so=0-64` is met by that provision alone.
//! Spec: <https://gitlab.archlinux.org/pacman/pacman/-/blob/master/lib/libalpm/be_local.c>,
//! <https://man.archlinux.org/man/mtree.5>

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;

use super::super::claims::declared;
use super::super::distro::{Distro, Family};
use super::super::{
    Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, Problems, license_files,
};
use crate::bom::{Component, Hash, HashAlgorithm, Purl};
use crate::layers::Tree;
use crate::licenses::Dialect;

/// pacman's own distribution, where nothing says which one it is.
const UNKNOWN_DISTRO: &str = "arch";

/// No package's list of files is longer than this.
const MAX_MTREE: u64 = 64 << 20;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "pacman",
    about: "packages installed by pacman (Arch Linux)",
    reads: &["**/var/lib/pacman/local/*/desc"],
    beside: &[
        "**/etc/os-release",
        "**/usr/lib/os-release",
        "**/var/lib/pacman/local/*/files",
        "**/var/lib/pacman/local/*/mtree",
        license_files::SHARED,
    ],
    spec: "https://gitlab.archlinux.org/pacman/pacman/-/blob/master/lib/libalpm/be_local.c",
    parse,
    enrich,
};

/// A file's values by key, and the line of each key's first value.
struct Blocks<'a>(HashMap<&'a str, (u32, Vec<&'a str>)>);

impl<'a> Blocks<'a> {
    fn parse(text: &'a str) -> Self {
        let mut blocks: HashMap<&str, (u32, Vec<&str>)> = HashMap::new();
        let mut open: Option<&str> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let key = line.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
            match (key, open) {
                (Some(key), _) if !key.is_empty() => open = Some(key),
                _ if line.is_empty() => open = None,
                (_, Some(key)) => blocks.entry(key).or_insert((number, Vec::new())).1.push(line),
                _ => {}
            }
        }
        Self(blocks)
    }

    fn all(&self, key: &str) -> &[&'a str] {
        self.0.get(key).map_or(&[], |(_, values)| values)
    }

    fn first(&self, key: &str) -> Option<&'a str> {
        self.all(key).first().copied()
    }
}

fn root<'a>(file: &File<'a>) -> &'a str {
    file.path.rfind("var/lib/pacman/local/").map_or("", |end| &file.path[..end])
}

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    let root = root(file);
    let distro = Distro::of(tree, root).filter(|distro| distro.may_be(Family::Alpm));
    let text = file.text();
    let blocks = Blocks::parse(&text);
    let (Some(name), Some(version)) = (blocks.first("NAME"), blocks.first("VERSION")) else {
        return Err(ParseError::new(None, "has no `%NAME%` or no `%VERSION%`"));
    };
    let vendor = distro.as_ref().and_then(Distro::id).unwrap_or_else(|| UNKNOWN_DISTRO.to_owned());
    let distro = distro.as_ref().and_then(Distro::qualifier).unwrap_or_default();
    let qualifiers = [
        ("arch", blocks.first("ARCH").unwrap_or_default()),
        ("distro", distro.as_str()),
        ("upstream", blocks.first("BASE").filter(|base| *base != name).unwrap_or_default()),
    ];
    let purl = Purl::new("alpm", Some(&vendor), name, Some(version), &qualifiers)
        .map_err(|error| ParseError::new(None, error.to_string()))?;
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    component.purl = Some(purl);
    component
        .licenses
        .extend(blocks.all("LICENSE").iter().filter_map(|text| declared(text, Dialect::Alpine)));
    component.supplier = blocks.first("PACKAGER").map(str::to_owned);
    component.homepage = blocks.first("URL").map(str::to_owned);
    component.description = blocks.first("DESC").map(str::to_owned);
    // Absent or 0: somebody asked for it; 1: something needed it.
    component.asked_for = blocks.first("REASON").is_none_or(|reason| reason == "0");
    let mut package = Package::new(component);
    package.line = blocks.0.get("NAME").map(|(line, _)| *line);
    package.addresses = addresses(&blocks, name, version, root);
    let needs = blocks.all("DEPENDS").iter().map(|need| Need::of(format!("alpm:{root}:{}", wish(need))));
    package.needs = Some(needs.collect());
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

/// A package answers to its name and to what it provides, each also with the exact version, which may be
/// asked for without the release.
fn addresses(blocks: &Blocks<'_>, name: &str, version: &str, root: &str) -> Vec<String> {
    let upstream = version.rsplit_once('-').map_or(version, |(upstream, _)| upstream);
    let mut names = vec![name.to_owned(), format!("{name}={version}"), format!("{name}={upstream}")];
    for provided in blocks.all("PROVIDES") {
        names.push((*provided).to_owned());
        names.extend(provided.split_once('=').map(|(name, _)| name.to_owned()));
    }
    names.into_iter().map(|name| format!("alpm:{root}:{name}")).collect()
}

/// What a dependency asks for: a name, with its version only where that must be exact.
fn wish(dependency: &str) -> &str {
    match dependency.find(['<', '>']) {
        Some(end) => &dependency[..end],
        None => dependency,
    }
}

fn enrich(package: &mut Package, file: &File<'_>, tree: &Tree) -> Vec<Problem> {
    let root = root(file);
    let beside = |name: &str| tree.read(&format!("{}/{name}", file.folder())).unwrap_or_default();
    let list = String::from_utf8_lossy(beside("files"));
    let blocks = Blocks::parse(&list);
    let settings: HashSet<&str> =
        blocks.all("BACKUP").iter().filter_map(|line| line.split('\t').next()).collect();
    let mut problems = Problems::new();
    let digests = digests(beside("mtree"), &mut problems);
    let files = blocks.all("FILES").iter().filter(|path| !path.ends_with('/'));
    let owned = |path: &&str| OwnedFile {
        path: format!("{root}{path}").into(),
        digest: digests.get(*path).filter(|_| !settings.contains(path)).cloned(),
    };
    package.files = files.map(owned).collect();
    license_files::claim_shared(package, root, tree);
    problems.into_iter().collect()
}

/// The digests of an mtree by path: `./usr/bin/x mode=755 sha256digest=…`.
fn digests(mtree: &[u8], problems: &mut Problems) -> BTreeMap<String, Hash> {
    if mtree.is_empty() {
        return BTreeMap::new();
    }
    let mut bytes = Vec::new();
    if flate2::read::GzDecoder::new(mtree).take(MAX_MTREE).read_to_end(&mut bytes).is_err() {
        problems.push(Problem::new(None, "the `mtree` beside it is cut or no gzip"));
    }
    let text = String::from_utf8_lossy(&bytes);
    let digest = |line: &str| {
        let mut words = line.split(' ');
        let path = unescaped(words.next()?.strip_prefix("./")?);
        let values: HashMap<&str, &str> = words.filter_map(|word| word.split_once('=')).collect();
        let sha256 = || Hash::from_hex(HashAlgorithm::Sha256, values.get("sha256digest")?);
        let md5 = || Hash::from_hex(HashAlgorithm::Md5, values.get("md5digest")?);
        Some((path, sha256().or_else(md5)?))
    };
    text.lines().filter_map(digest).collect()
}

/// Bytes that are no plain letters are written as a backslash and three octal digits.
fn unescaped(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = after
            .get(..3)
            .filter(|_| *first == b'\\')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        bytes.push(octal.unwrap_or(*first));
        rest = if octal.is_some() { &after[3..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use expect_test::expect;

    use super::super::testing::{check, owned};
    use super::*;

    const OS: (&str, &str) = ("etc/os-release", "ID=arch\nBUILD_ID=rolling\n");

    #[test]
    fn a_library_is_needed_in_its_exact_version() {
        let tree_sitter = "%NAME%\ntree-sitter\n\n%VERSION%\n0.22.6-1\n\n%BASE%\ntree-sitter\n\n%ARCH%\nx86_64\n\n%REASON%\n1\n\n%LICENSE%\nMIT\n\n%PROVIDES%\nlibtree-sitter.so=0-64\n";
        check(
            &ECOSYSTEM,
            &[
                OS,
                ("var/lib/pacman/local/tree-sitter-0.22.6-1/desc", tree_sitter),
                (
                    "var/lib/pacman/local/emacs-29.3-3/desc",
                    "%NAME%\nemacs\n\n%VERSION%\n29.3-3\n\n%DEPENDS%\nlibtree-sitter.so=0-64\ngmp>=6.2\n",
                ),
                (
                    "var/lib/pacman/local/gmp-6.2.1-2/desc",
                    "%NAME%\ngmp\n\n%VERSION%\n6.2.1-2\n\n%BASE%\ngmp-base\n\n%LICENSE%\nLGPL-3.0-only\nMIT\n\n%DEPENDS%\nlibtree-sitter.so=1-64\n",
                ),
                (
                    "var/lib/pacman/local/headers-6.2.1-2/desc",
                    "%NAME%\nheaders\n%VERSION%\n6.2.1-2\n%DEPENDS%\ngmp=6.2.1\nlibtree-sitter.so\n",
                ),
            ],
            expect![[r#"
                pkg:alpm/arch/emacs@29.3-3?distro=arch-rolling line 2 needs [arch/gmp@6.2.1-2, arch/tree-sitter@0.22.6-1]
                pkg:alpm/arch/gmp@6.2.1-2?distro=arch-rolling&upstream=gmp-base line 2 declared `LGPL-3.0-only` declared `MIT` needs []
                pkg:alpm/arch/headers@6.2.1-2?distro=arch-rolling line 2 needs [arch/gmp@6.2.1-2, arch/tree-sitter@0.22.6-1]
                pkg:alpm/arch/tree-sitter@0.22.6-1?arch=x86_64&distro=arch-rolling line 2 declared `MIT` needs []
            "#]],
        );
    }

    #[test]
    fn files_have_the_digests_of_the_mtree() {
        let mtree = "#mtree\n/set type=file mode=644\n./.PKGINFO time=1.0 sha256digest=xx\n./etc type=dir\n\
                     ./etc/a\\040b.conf time=1.0 sha256digest=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n\
                     ./etc/settings md5digest=0123456789abcdef0123456789abcdef\n\
                     ./usr/lib/x.so type=link link=y.so\n./usr/bin/x md5digest=0123456789abcdef0123456789abcdef\n";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(mtree.as_bytes()).expect("memory");
        let gzip = gzip.finish().expect("memory");
        let files: &[(&str, &[u8])] = &[
            ("x/var/lib/pacman/local/a-1-1/desc", b"%NAME%\na\n\n%VERSION%\n1-1\n"),
            (
                "x/var/lib/pacman/local/a-1-1/files",
                b"%FILES%\netc/\netc/a b.conf\netc/settings\nusr/bin/x\nusr/lib/x.so\n\n%BACKUP%\netc/settings\tabc\n",
            ),
            ("x/var/lib/pacman/local/a-1-1/mtree", &gzip),
        ];
        expect![[r#"
            a asked-for
              x/etc/a b.conf SHA-256:01234567
              x/etc/settings
              x/usr/bin/x MD5:01234567
              x/usr/lib/x.so
        "#]]
        .assert_eq(&owned(&ECOSYSTEM, files));
    }

    #[test]
    fn a_corrupt_description_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "var/lib/pacman/local/corrupt-0.2.1-3/desc",
                    "%NME%\ntree-sitter\n\n%VER.6-1\n\n%BASE%\ntree",
                ),
                ("var/lib/pacman/local/a-1-1/desc", "%NAME%\na\n\n%VERSION%\n1-1\n\n%DEP"),
                ("var/lib/pacman/local/a-1-1/mtree", "no gzip"),
            ],
            expect![[r#"
                pkg:alpm/arch/a@1-1 line 2 needs []
                gap var/lib/pacman/local/a-1-1/desc: the `mtree` beside it is cut or no gzip
                gap var/lib/pacman/local/corrupt-0.2.1-3/desc: has no `%NAME%` or no `%VERSION%`
            "#]],
        );
    }
}

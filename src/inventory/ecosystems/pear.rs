//! `.reg`: what PEAR and PECL installed for PHP.
//!
//! The registry keeps one file for each package, in the form in which PHP writes values down. Packages of PEAR's
//! own channel lie in `.registry` itself, those of others, as PECL's extensions, in a folder named after the
//! channel. The first version of the format names no channel.
//! Spec: <https://pear.php.net/manual/en/guide.migrating.users.concepts.php>

use super::super::claims::declared;
use super::super::{Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem};
use crate::bom::{Component, Hash, HashAlgorithm, Purl};
use crate::layers::Tree;
use crate::licenses::Dialect;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "pear",
    about: "PHP packages and extensions installed by pear or pecl",
    reads: &["**/*.reg"],
    beside: &[],
    spec: "https://pear.php.net/manual/en/guide.migrating.users.concepts.php",
    parse,
    enrich,
};

/// The channel of packages that name none.
const DEFAULT_CHANNEL: &str = "pear.php.net";
/// More lists inside lists than this nobody writes.
const DEEPEST: usize = 32;

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    // Windows calls its files so, too.
    if !file.bytes.starts_with(b"a:") {
        return Ok(Parsed::default());
    }
    let description = Php::read(file.bytes).map_err(|at| {
        let line = file.bytes[..at.min(file.bytes.len())].iter().filter(|byte| **byte == b'\n').count() + 1;
        ParseError::new(u32::try_from(line).ok(), format!("is no value of PHP from byte {at} on"))
    })?;
    let folder = file.folder().rsplit('/').next().and_then(|folder| folder.strip_prefix(".channel."));
    let mut parsed = Parsed::default();
    match component(&description, folder.unwrap_or(DEFAULT_CHANNEL)) {
        Ok(component) => {
            let registry = file.path.split("/.registry/").next().unwrap_or_default();
            let mut package = Package::new(component);
            package.addresses = vec![address(registry, &package.component.name)];
            package.needs = Some(needs(&description, registry));
            parsed.packages.push(package);
        }
        Err(reason) => parsed.problems.push(Problem::new(None, reason)),
    }
    Ok(parsed)
}

fn component(description: &Php, channel: &str) -> Result<Component, String> {
    let name = description.text(&["name"]).or_else(|| description.text(&["package"])).unwrap_or_default();
    let channel = description.text(&["channel"]).unwrap_or_else(|| channel.to_owned());
    // Version 1 of the format has a text, version 2 one for the release and one for the interface.
    let version = description.text(&["version", "release"]).or_else(|| description.text(&["version"]));
    let license = description.text(&["license", "_content"]).or_else(|| description.text(&["license"]));
    let purl = Purl::new("pear", Some(&channel), &name, version.as_deref(), &[]);
    let mut component = Component::new(format!("{channel}/{name}"));
    component.version = version;
    component.description = description.text(&["summary"]).filter(|text| !text.contains('\n'));
    component.licenses.extend(license.and_then(|license| declared(&license, Dialect::Composer)));
    component.purl = Some(purl.map_err(|error| error.to_string())?);
    Ok(component)
}

fn address(registry: &str, name: &str) -> String {
    format!("pear:{registry}:{}", name.to_lowercase())
}

/// Version 2 of the format names a package, or lists several; what must not be there stands among them.
fn needs(description: &Php, registry: &str) -> Vec<Need> {
    let Some(dependencies) = description.get("dependencies") else { return Vec::new() };
    let groups =
        ["required", "optional"].into_iter().filter_map(|group| dependencies.get(group)?.get("package"));
    let need = |package: &Php| {
        let name = package.text(&["name"]).filter(|_| package.get("conflicts").is_none())?;
        let channel = package.text(&["channel"]).unwrap_or_else(|| DEFAULT_CHANNEL.to_owned());
        Some(Need::of(address(registry, &format!("{channel}/{name}"))))
    };
    let one_or_more = |packages: &Php| match packages.get("0") {
        Some(_) => packages.members().iter().filter_map(|(_, package)| need(package)).collect::<Vec<_>>(),
        None => need(packages).into_iter().collect(),
    };
    groups.flat_map(one_or_more).collect()
}

/// The files that were installed, below the root whose registry this is.
fn enrich(package: &mut Package, file: &File<'_>, _: &Tree) -> Vec<Problem> {
    let Ok(description) = Php::read(file.bytes) else { return Vec::new() };
    let files = description.get("filelist").map_or(&[][..], Php::members);
    for (_, about) in files {
        let Some(installed) = about.text(&["installed_as"]) else { continue };
        let path = installed.trim_start_matches('/');
        let top = path.split('/').next().unwrap_or_default();
        let root = format!("/{}", file.path).find(&format!("/{top}/")).map(|at| &file.path[..at]);
        if let Some(root) = root {
            let digest = about.text(&["md5sum"]).and_then(|hex| Hash::from_hex(HashAlgorithm::Md5, &hex));
            package.files.push(OwnedFile { path: format!("{root}{path}").into(), digest });
        }
    }
    Vec::new()
}

/// A value as `serialize` of PHP writes it, as far as descriptions have them.
enum Php {
    Text(String),
    /// Keys and values, in order.
    List(Vec<(String, Self)>),
    Nothing,
}

impl Php {
    /// The value that a file begins with. An error is the byte that is not understood.
    fn read(bytes: &[u8]) -> Result<Self, usize> {
        Reader { bytes, at: 0 }.value(0)
    }

    fn members(&self) -> &[(String, Self)] {
        match self {
            Self::List(members) => members,
            _ => &[],
        }
    }

    /// The last of that name, as PHP has it.
    fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The text at the end of a path of names, unless it is empty.
    fn text(&self, names: &[&str]) -> Option<String> {
        let value = names.iter().try_fold(self, |value, name| value.get(name))?;
        match value {
            Self::Text(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            _ => None,
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Php, usize> {
        let start = self.at;
        if depth > DEEPEST {
            return Err(start);
        }
        match self.bytes.get(start) {
            Some(b'N') => self.expect(b"N;").map(|()| Php::Nothing),
            Some(b'i' | b'd' | b'b') => {
                self.at += 1;
                self.expect(b":")?;
                let number = self.until(b';')?;
                Ok(Php::Text(String::from_utf8_lossy(number).into_owned()))
            }
            Some(b's') => self.text().map(Php::Text),
            Some(b'a') => {
                self.expect(b"a:")?;
                let count = self.number(b':')?;
                self.expect(b"{")?;
                let mut members = Vec::new();
                // What the file says is not believed: every member takes bytes.
                for _ in 0..count {
                    let key = match self.value(depth + 1)? {
                        Php::Text(key) => key,
                        _ => return Err(start),
                    };
                    members.push((key, self.value(depth + 1)?));
                }
                self.expect(b"}")?;
                Ok(Php::List(members))
            }
            _ => Err(start),
        }
    }

    /// `s:5:"bytes";`
    fn text(&mut self) -> Result<String, usize> {
        self.expect(b"s:")?;
        let length = self.number(b':')?;
        self.expect(b"\"")?;
        let end = self.at.checked_add(length).ok_or(self.at)?;
        let text = self.bytes.get(self.at..end).ok_or(self.at)?;
        self.at = end;
        self.expect(b"\";")?;
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    fn number(&mut self, end: u8) -> Result<usize, usize> {
        let start = self.at;
        let digits = self.until(end)?;
        std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or(start)
    }

    fn until(&mut self, end: u8) -> Result<&'a [u8], usize> {
        let start = self.at;
        let length = self.bytes[start..].iter().take(64).position(|byte| *byte == end).ok_or(start)?;
        self.at += length + 1;
        Ok(&self.bytes[start..start + length])
    }

    fn expect(&mut self, text: &[u8]) -> Result<(), usize> {
        if !self.bytes[self.at..].starts_with(text) {
            return Err(self.at);
        }
        self.at += text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check, check_bytes, owned};
    use super::*;

    const REDIS: &str = "a:7:{s:7:\"attribs\";a:1:{s:7:\"version\";s:3:\"2.0\";}s:4:\"name\";s:5:\"redis\";s:7:\"channel\";s:12:\"pecl.php.net\";\
        s:7:\"summary\";s:34:\"PHP extension for interfacing with\";s:7:\"version\";a:2:{s:7:\"release\";s:5:\"6.0.2\";s:3:\"api\";s:5:\"6.0.0\";}\
        s:7:\"license\";a:2:{s:7:\"attribs\";a:1:{s:3:\"uri\";s:26:\"http://www.php.net/license\";}s:8:\"_content\";s:3:\"PHP\";}\
        s:8:\"filelist\";a:1:{s:8:\"redis.so\";a:2:{s:4:\"role\";s:3:\"ext\";s:12:\"installed_as\";s:47:\"/usr/local/lib/php/extensions/no-debug/redis.so\";}}}";

    #[test]
    fn an_extension_of_pecl_owns_its_library() {
        let path = "srv/usr/local/lib/php/.registry/.channel.pecl.php.net/redis.reg";
        check(
            &ECOSYSTEM,
            &[(path, REDIS)],
            expect![[r#"
                pkg:pear/pecl.php.net/redis@6.0.2 declared `PHP` = LicenseRef-packlist-family-PHP needs []
            "#]],
        );
        expect![[r#"
            pecl.php.net/redis
              srv/usr/local/lib/php/extensions/no-debug/redis.so
        "#]]
        .assert_eq(&owned(&ECOSYSTEM, &[(path, REDIS.as_bytes())]));
    }

    #[test]
    fn the_first_version_of_the_format_names_no_channel() {
        let old = "a:3:{s:7:\"package\";s:13:\"Console_Table\";s:7:\"version\";s:5:\"1.3.1\";s:7:\"license\";s:3:\"BSD\";}";
        let extension =
            "a:2:{s:4:\"name\";s:9:\"memcached\";s:7:\"version\";a:1:{s:7:\"release\";s:5:\"3.2.0\";}}";
        check(
            &ECOSYSTEM,
            &[
                ("usr/share/php/.registry/console_table.reg", old),
                ("usr/share/php/.registry/.channel.pecl.php.net/memcached.reg", extension),
            ],
            expect![[r#"
                pkg:pear/pear.php.net/Console_Table@1.3.1 declared `BSD` = LicenseRef-packlist-family-BSD needs []
                pkg:pear/pecl.php.net/memcached@3.2.0 needs []
            "#]],
        );
    }

    #[test]
    fn what_is_no_description_is_a_gap_or_nothing() {
        let deep = format!("{}{}", "a:1:{i:0;".repeat(50_000), "}".repeat(50_000));
        check_bytes(
            &ECOSYSTEM,
            &[
                ("cut.reg", &REDIS.as_bytes()[..100]),
                ("deep.reg", deep.as_bytes()),
                ("huge.reg", b"a:99999999999999999999:{}"),
                ("liar.reg", b"a:18446744073709551615:{s:18446744073709551615:\"x\";}"),
                ("latin.reg", b"a:2:{s:4:\"name\";s:2:\"\xe9\xff\";s:7:\"version\";i:1;}"),
                ("nameless.reg", b"a:1:{s:4:\"name\";a:0:{}}"),
                ("object.reg", b"a:1:{s:4:\"name\";O:8:\"stdClass\":0:{}}"),
                ("settings.reg", b"Windows Registry Editor Version 5.00\r\n"),
            ],
            expect![[r#"
                pkg:pear/pear.php.net/%EF%BF%BD%EF%BF%BD@1 needs []
                gap cut.reg:1: is no value of PHP from byte 92 on
                gap deep.reg:1: is no value of PHP from byte 293 on
                gap huge.reg:1: is no value of PHP from byte 2 on
                gap liar.reg:1: is no value of PHP from byte 48 on
                gap nameless.reg: `pkg:pear/` is not a package URL: missing name
                gap object.reg:1: is no value of PHP from byte 16 on
            "#]],
        );
    }

    #[test]
    fn a_file_may_be_cut_anywhere() {
        for end in 2..REDIS.len() {
            let file = File { path: "redis.reg", bytes: &REDIS.as_bytes()[..end] };
            assert!(parse(&file, &Tree::stack([])).is_err(), "cut at {end}");
        }
    }
}

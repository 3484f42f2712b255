//! Programs that no package manager put there, by the texts that they print of themselves.
//!
//! All marks are looked for in one pass. A mark alone says little, for programs mention each other; each rule
//! says what has to stand around it, so that it is the program's own version and not one it was compiled
//! against. Libraries are searched only where their name is that of a known one. Every mark was taken from
//! programs as their projects or distributions build them, except where a rule says otherwise.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};
use memchr::memmem;

/// The name of the entry: lines of a product and its version.
pub(super) const FINGERPRINT: &str = ".fingerprint";

/// A mark, and how to read the version around it.
struct Rule {
    product: &'static str,
    /// Beginnings of names of files. Libraries have to have one; programs too where `is_named`.
    names: &'static [&'static str],
    is_named: bool,
    mark: &'static [u8],
    /// How often it is read where it says nothing, so that no file made for it takes long.
    tries: u32,
    version: fn(&Place<'_>) -> Option<String>,
}

/// Honest programs repeat a mark a few dozen times; those that are read by searching all of the file, once.
const TRIES: u32 = 10_000;
const COSTLY_TRIES: u32 = 4;

/// Where a mark was found.
struct Place<'a> {
    /// The file's own name, in lower case.
    name: &'a str,
    before: &'a [u8],
    after: &'a [u8],
}

/// A mark that any program may carry.
const fn any(
    product: &'static str,
    libraries: &'static [&'static str],
    mark: &'static str,
    version: fn(&Place<'_>) -> Option<String>,
) -> Rule {
    Rule { product, names: libraries, is_named: false, mark: mark.as_bytes(), tries: TRIES, version }
}

/// A mark that says something only in a file of such a name.
const fn named(
    product: &'static str,
    names: &'static [&'static str],
    mark: &'static str,
    version: fn(&Place<'_>) -> Option<String>,
) -> Rule {
    Rule { product, names, is_named: true, mark: mark.as_bytes(), tries: TRIES, version }
}

/// A rule that reads all of the file.
const fn costly(rule: Rule) -> Rule {
    Rule { tries: COSTLY_TRIES, ..rule }
}

const RULES: &[Rule] = &[
    any("bash", &[], "@(#)Bash version ", |place| followed_by(place.after, b"(")),
    any("bun", &[], "Bun v", |place| followed_by(place.after, b" (")),
    any("busybox", &[], "BusyBox v", |place| plain(place.after)),
    any("curl", &["libcurl"], "libcurl/", |place| ended(place.after)),
    any("curl", &["libcurl"], "\0curl/", |place| ended(place.after)),
    any("deno", &[], "Deno/", |place| plain(place.after).filter(|_| !place.before.ends_with(b"-"))),
    named("envoy", &["envoy"], "envoy.reloadable_features", envoy),
    named("envoy", &["envoy"], "envoy_reloadable_features", envoy),
    costly(any("erlang", &[], "%s [erts-", erlang)),
    any("haproxy", &[], "HA-Proxy version ", |place| plain(place.after)),
    named("haproxy", &["haproxy"], ", released 20", |place| plain(after_last(place.before, b" version ")?)),
    named("httpd", &["apache2", "httpd"], "Apache/", httpd),
    any("mariadb", &["libmariadbd"], "-MariaDB\0", mariadb),
    any("memcached", &[], "\0memcached ", |place| ended(place.after)),
    // As others report it; no server of MySQL's own was at hand.
    named("mysql", &["mysql"], "/mysql-", |place| followed_by(place.after, b"/")),
    any("nginx", &[], "nginx version: nginx/", |place| plain(place.after)),
    any("node", &["libnode"], "node.js/v", |place| ended(place.after)),
    any("openjdk", &["libjvm"], "OpenJDK 64-Bit Server VM (", hotspot),
    any("openjdk", &["libjvm"], "OpenJDK Server VM (", hotspot),
    any("openresty", &[], "nginx version: openresty/", |place| plain(place.after)),
    any("openssl", &["libcrypto"], "OpenSSL ", openssl),
    any("oracle-jdk", &["libjvm"], "HotSpot(TM) 64-Bit Server VM (", hotspot),
    any("perl", &["libperl"], "This is perl 5, version ", perl),
    any("php", &["libphp"], "X-Powered-By: PHP/", |place| plain(place.after)),
    any("postgresql", &[], "postgres (PostgreSQL) ", |place| plain(place.after)),
    costly(named(PYTHON, &["libpython", "python"], "PYTHONINSPECT\0", python)),
    costly(any("redis", &[], "redis_version:%s", redis)),
    any("ruby", &["libruby"], "\0ruby ", ruby),
    costly(any("valkey", &[], "valkey_version:%s", redis)),
];

const PYTHON: &str = "python";

/// The one mark looked for in programs of Go, whose build information says the rest.
const CONSUL: (&str, &[u8]) = ("consul", b"CONSUL_VERSION: ");

static MARKS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let marks = RULES.iter().map(|rule| rule.mark);
    // What is quick to build: it is seldom asked, for where marks begin is found without it.
    let kind = Some(AhoCorasickKind::ContiguousNFA);
    let marks = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).kind(kind).build(marks);
    marks.expect("a few short marks fit any automaton")
});

/// Whether a file of this name is worth searching: every program, and libraries that a rule knows.
pub(super) fn is_searched(path: &str) -> bool {
    let name = file_name(path);
    !is_library(&name) || RULES.iter().any(|rule| has_name(rule, &name))
}

/// Beginnings of names of programs that most likely say what they are only to those who read all of them.
const READ_WHOLE: &[&str] = &["beam", "redis", "valkey"];

/// Whether all of such a file is needed at once to search it.
pub(super) fn is_read_whole(path: &str) -> bool {
    let name = file_name(path);
    READ_WHOLE.iter().any(|beginning| name.starts_with(beginning))
}

/// What a program is, each product once, as lines of product and version. Empty when nothing is known of it.
pub(super) fn search(path: &str, file: &[u8]) -> Vec<u8> {
    let mut search = Search { is_whole: true, ..Search::new(path) };
    search.pass(file, 0, file.len());
    lines(&search.found)
}

/// No mark is longer.
const LONGEST_MARK: usize = 64;

/// How much before and behind the beginning of a mark its rule reads, where it does not read all of the file.
pub(super) const AROUND: usize = 8 << 10;

/// A search of a program that passes in windows.
pub(super) struct Search {
    /// The file's own name, in lower case.
    name: String,
    is_library: bool,
    /// Whether the window is the file.
    is_whole: bool,
    found: BTreeMap<&'static str, String>,
    tries: [u32; RULES.len()],
    /// Before this place everything was searched.
    next: u64,
    /// A rule asked for all of the file.
    needs_whole: bool,
    /// The one such rule that can be followed while the file passes.
    python: Option<Python>,
}

impl Search {
    pub(super) fn new(path: &str) -> Self {
        let name = file_name(path);
        Self {
            is_library: is_library(&name),
            python: python_series(&name).map(Python::of),
            name,
            is_whole: false,
            found: BTreeMap::new(),
            tries: [0; RULES.len()],
            next: 0,
            needs_whole: false,
        }
    }

    /// Looks for marks that begin before `limit` in a window, which begins at `base` of the file.
    pub(super) fn pass(&mut self, window: &[u8], base: u64, limit: usize) {
        let end = window.len().min(limit.saturating_add(LONGEST_MARK));
        let mut at = self.next.saturating_sub(base) as usize;
        while at < limit
            && let Some(hit) = MARKS.find(Input::new(window).span(at..end)).filter(|hit| hit.start() < limit)
        {
            at = hit.end();
            let place = Place { name: "", before: &window[..hit.start()], after: &window[at..] };
            let (start, end) = (base + hit.start() as u64, base + at as u64);
            self.mark(hit.pattern().as_usize(), place, start..end);
        }
        if let Some(python) = self.python.as_mut().filter(|_| !self.is_whole) {
            python.pass(window, base, limit);
        }
        self.next = base + at.max(limit) as u64;
    }

    fn mark(&mut self, index: usize, place: Place<'_>, at: Range<u64>) {
        let rule = &RULES[index];
        let is_silent = (rule.is_named || self.is_library) && !has_name(rule, &self.name);
        if is_silent || self.found.contains_key(rule.product) {
            return;
        }
        self.tries[index] += 1;
        if self.tries[index] > rule.tries {
            return;
        }
        if rule.product == PYTHON && !self.is_whole {
            if let Some(python) = &mut self.python {
                python.mark.get_or_insert(at);
            }
        } else if rule.tries == COSTLY_TRIES && !self.is_whole {
            self.needs_whole = true;
        } else if let Some(version) = (rule.version)(&Place { name: &self.name, ..place }) {
            self.found.insert(rule.product, version);
        }
    }

    /// As [`search`]; `None` where that needs all of the file.
    pub(super) fn finish(mut self) -> Option<Vec<u8>> {
        match self.python.take().map(Python::finish) {
            Some(Ok(version)) => self.found.extend(version.map(|version| (PYTHON, version))),
            Some(Err(Unclear)) => return None,
            None => {}
        }
        (!self.needs_whole).then(|| lines(&self.found))
    }
}

/// What [`python`] asks of a file, found out while it passes: the first version behind the first mark, or else the first
/// before it.
struct Python {
    /// How the version begins.
    beginning: String,
    /// Before this place versions were looked for.
    next: u64,
    mark: Option<Range<u64>>,
    /// With where its text ends.
    before: Option<(u64, String)>,
    after: Option<String>,
    /// Whether there was any.
    is_any: bool,
}

/// What passed does not say it.
struct Unclear;

impl Python {
    fn of(beginning: String) -> Self {
        Self { beginning, next: 0, mark: None, before: None, after: None, is_any: false }
    }

    fn pass(&mut self, window: &[u8], base: u64, limit: usize) {
        let from = self.next.saturating_sub(base) as usize;
        let end = window.len().min(limit.saturating_add(LONGEST_MARK));
        // A text needs the zero byte before it.
        let start = from.saturating_sub(1);
        for text in whole_texts(&window[start..end], self.beginning.as_bytes()) {
            let Some(version) = python_version(&self.beginning, text) else { continue };
            let at = text.as_ptr() as usize - window.as_ptr() as usize;
            if at >= limit {
                break;
            }
            self.is_any = true;
            let (at, end) = (base + at as u64, base + (at + text.len()) as u64);
            match &self.mark {
                Some(mark) if at > mark.end => self.after = self.after.take().or(Some(version)),
                Some(mark) if end >= mark.start => {}
                _ => self.before = self.before.take().or(Some((end, version))),
            }
        }
        self.next = base + limit as u64;
    }

    fn finish(self) -> Result<Option<String>, Unclear> {
        let Some(mark) = self.mark else { return Ok(None) };
        let before = self.before.filter(|(end, _)| *end < mark.start).map(|(_, version)| version);
        match self.after.or(before) {
            None if self.is_any => Err(Unclear),
            version => Ok(version),
        }
    }
}

/// What a program of Go is beyond its build information, which is given. `None` where that needs all of the file, and
/// it is not to be had.
pub(super) fn search_go<'a>(
    information: &[u8],
    file: impl FnOnce() -> Option<Cow<'a, [u8]>>,
) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(information);
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
    let mut found = BTreeMap::new();
    if line("path\t") == Some("cmd/go") {
        let version = line("go\tgo").and_then(|version| version.split([' ', '-']).next());
        found.extend(version.map(|version| ("go", version.to_owned())));
    }
    if line("mod\t").is_some_and(|module| module.starts_with("github.com/hashicorp/consul\t")) {
        let file = file()?;
        let at = memmem::find(&file, CONSUL.1);
        let version = at.and_then(|at| plain(&file[at + CONSUL.1.len()..]));
        found.extend(version.map(|version| (CONSUL.0, version)));
    }
    Some(lines(&found))
}

fn lines(found: &BTreeMap<&str, String>) -> Vec<u8> {
    found.iter().map(|(product, version)| format!("{product} {version}\n")).collect::<String>().into_bytes()
}

fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase()
}

fn is_library(name: &str) -> bool {
    name.contains(".so.") || [".so", ".dll", ".dylib", ".node"].iter().any(|ending| name.ends_with(ending))
}

fn has_name(rule: &Rule, name: &str) -> bool {
    rule.names.iter().any(|beginning| name.starts_with(beginning))
}

/// A version at the beginning, and what follows it: numbers with points between, perhaps the name of a
/// release before the final one.
fn version(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    let mut points = 0;
    while end > 0 && end < 40 && bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
        points += 1;
    }
    let word = bytes[end..].strip_prefix(b"-").unwrap_or(&bytes[end..]);
    let before_final = ["alpha", "beta", "RC", "rc", "dev", "preview"];
    let is_before_final = before_final.iter().find(|name| word.starts_with(name.as_bytes()));
    if let Some(name) = is_before_final {
        end = bytes.len() - word.len() + name.len();
        end += usize::from(bytes.get(end) == Some(&b'.') && digits(end + 1) > 0);
        end += digits(end);
    }
    let is_version = (points > 0 || is_before_final.is_some()) && (2..=40).contains(&end);
    let text = std::str::from_utf8(&bytes[..end]).ok()?;
    (is_version && text.starts_with(|first: char| first.is_ascii_digit())).then_some((text, &bytes[end..]))
}

/// A version, whatever follows.
fn plain(bytes: &[u8]) -> Option<String> {
    version(bytes).map(|(version, _)| version.to_owned())
}

/// A version that ends the text it stands in.
fn ended(bytes: &[u8]) -> Option<String> {
    let (version, rest) = version(bytes)?;
    matches!(rest.first(), Some(0 | b'\n' | b'\r')).then(|| version.to_owned())
}

fn followed_by(bytes: &[u8], what: &[u8]) -> Option<String> {
    let (version, rest) = version(bytes)?;
    rest.starts_with(what).then(|| version.to_owned())
}

/// What follows the last `mark` of the text that ends here.
fn after_last<'a>(before: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let near = &before[before.len().saturating_sub(80)..];
    memmem::rfind(near, mark).map(|at| &near[at + mark.len()..])
}

/// The text, between two zero bytes, that begins at each place where `beginning` follows a zero byte.
fn whole_texts<'a>(file: &'a [u8], beginning: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let starts = memmem::find_iter(file, beginning);
    starts.filter(|at| *at > 0 && file[*at - 1] == 0).filter_map(|at| {
        let text = &file[at..file.len().min(at + 64)];
        memchr::memchr(0, text).map(|end| &text[..end])
    })
}

/// A text that is a version and nothing else.
fn whole_version(text: &[u8]) -> Option<String> {
    version(text).filter(|(_, rest)| rest.is_empty()).map(|(version, _)| version.to_owned())
}

/// `OpenSSL 3.0.22 25 Aug 2026` and `OpenSSL 1.1.1w  11 Sep 2023` stand in everything that was compiled
/// against it; only the library says where its configuration lies. The program `openssl` is of one version
/// with its library, which may lie elsewhere.
fn openssl(place: &Place<'_>) -> Option<String> {
    let (number, rest) = version(place.after)?;
    let letters = rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let date = rest[letters..].trim_ascii_start();
    let is_dated = letters <= 2 && rest.get(letters) == Some(&b' ') && date.first()?.is_ascii_digit();
    let near = &place.after[..place.after.len().min(4096)];
    let is_the_library = memmem::find(near, b"OPENSSLDIR: ").is_some()
        || memmem::find(&place.before[place.before.len().saturating_sub(4096)..], b"OPENSSLDIR: ").is_some();
    let letters = std::str::from_utf8(&rest[..letters]).ok()?;
    (is_dated && (is_the_library || place.name == "openssl")).then(|| format!("{number}{letters}"))
}

/// `Apache/2.4.58 (Debian)`; other texts name the series only.
fn httpd(place: &Place<'_>) -> Option<String> {
    let (version, rest) = version(place.after)?;
    let is_whole = matches!(rest.first(), Some(0 | b' ')) && version.matches('.').count() == 2;
    is_whole.then(|| version.to_owned())
}

/// `10.11.19-MariaDB`
fn mariadb(place: &Place<'_>) -> Option<String> {
    let near = &place.before[place.before.len().saturating_sub(32)..];
    whole_version(&near[memchr::memrchr(0, near)? + 1..])
}

/// `17.0.9+9` and `25.0.3+9-LTS` are versions of Java; `25.402-b06`, before Java 9, is one of the virtual
/// machine, whose second number is the update.
fn hotspot(place: &Place<'_>) -> Option<String> {
    let is_of_number = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
    let length = place.after.iter().take(100).take_while(is_of_number).count();
    let number = std::str::from_utf8(&place.after[..length]).ok()?;
    match place.after.get(length..length + 2)? {
        b"-b" => number.strip_prefix("25.").map(|update| format!("1.8.0_{update}")),
        [b'+' | b'-', _] if number.starts_with(|first: char| first.is_ascii_digit()) => {
            Some(number.to_owned())
        }
        _ => None,
    }
}

/// `36, subversion 0`
fn perl(place: &Place<'_>) -> Option<String> {
    let near = std::str::from_utf8(&place.after[..place.after.len().min(24)]).ok()?;
    let (version, rest) = near.split_once(", subversion ")?;
    let subversion: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let are_numbers = !subversion.is_empty() && version.chars().all(|digit| digit.is_ascii_digit());
    are_numbers.then(|| format!("5.{version}.{subversion}"))
}

/// `3.1.2p20 (2022-04-12`
fn ruby(place: &Place<'_>) -> Option<String> {
    let (version, rest) = version(place.after)?;
    let patch = rest.strip_prefix(b"p").unwrap_or_default();
    let patch = patch.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = if patch > 0 { &rest[patch + 1..] } else { rest };
    rest.starts_with(b" (20").then(|| version.to_owned())
}

/// The version stands alone; its first two numbers are those of the file's name: `libpython3.11.so.1.0`.
fn python(place: &Place<'_>) -> Option<String> {
    let beginning = python_series(place.name)?;
    [place.after, place.before].into_iter().find_map(|part| {
        whole_texts(part, beginning.as_bytes()).find_map(|text| python_version(&beginning, text))
    })
}

/// How the version begins of which a file's name tells the first two numbers.
fn python_series(name: &str) -> Option<String> {
    let series = name.trim_start_matches("lib").strip_prefix("python")?;
    let (series, _) = version(series.as_bytes())?;
    let series: Vec<&str> = series.split('.').take(2).collect();
    Some(format!("{}.", series.join(".")))
}

/// `3.13.0rc1+`, `3.12.0a4`
fn python_version(beginning: &str, text: &[u8]) -> Option<String> {
    let rest = text.strip_prefix(beginning.as_bytes())?;
    let is_plain = rest.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'+');
    let text = std::str::from_utf8(text).ok()?.trim_end_matches('+');
    (is_plain && rest.first()?.is_ascii_digit()).then(|| text.to_owned())
}

/// `Erlang/OTP 25%s [erts-13.1.5]`: the version of the release stands alone elsewhere, and begins the same.
fn erlang(place: &Place<'_>) -> Option<String> {
    let series = after_last(place.before, b"Erlang/OTP ")?;
    if series.is_empty() || !series.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let beginning = [series, b"."].concat();
    [place.after, place.before]
        .into_iter()
        .find_map(|part| whole_texts(part, &beginning).find_map(whole_version))
}

/// The version stands alone, and once more before the name of the machine that built it and the time:
/// `7.0.15` and `7.0.15buildkitsandbox-1700000000`.
fn redis(place: &Place<'_>) -> Option<String> {
    let texts = [place.before, place.after].into_iter().flat_map(|part| part.split(|byte| *byte == 0));
    let short = texts.filter(|text| (5..=16).contains(&text.len()) && text[0].is_ascii_digit());
    let mut versions: Vec<String> = short.filter_map(whole_version).collect();
    versions.retain(|version| version.matches('.').count() == 2);
    versions.sort();
    versions.dedup();
    let is_stamped = |version: &String| {
        [place.before, place.after].into_iter().any(|part| {
            memmem::find_iter(part, version).any(|at| {
                let rest = &part[at + version.len()..];
                rest.iter().take(8).filter(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count() == 8
            })
        })
    };
    versions.into_iter().take(100).filter(is_stamped).max_by_key(String::len)
}

/// The version stands alone, near the names of features. As others report it; no envoy was at hand.
fn envoy(place: &Place<'_>) -> Option<String> {
    let before = &place.before[place.before.len().saturating_sub(1000)..];
    let after = &place.after[..place.after.len().min(1000)];
    [before, after].into_iter().find_map(|near| {
        whole_texts(near, b"1.")
            .find_map(|text| whole_version(text).filter(|version| version.matches('.').count() == 2))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, file: &[u8]) -> String {
        String::from_utf8(search(path, file)).expect("text").replace('\n', ";")
    }

    #[test]
    fn each_product_is_known_by_what_it_says_of_itself() {
        let cases: &[(&str, &[u8], &str)] = &[
            ("bin/bash", b"x\0@(#)Bash version 5.2.15(1) release GNU\0", "bash 5.2.15;"),
            ("bin/bun", b"Bun v{}\0Bun v1.1.8 (Linux x64)\0", "bun 1.1.8;"),
            ("bin/x", b"\0BusyBox v1.35.0 (Debian 1:1.35.0-4)\0", "busybox 1.35.0;"),
            ("lib/libcurl.so.4.8.0", b"/\0libcurl/7.88.1\0zlib/%s", "curl 7.88.1;"),
            ("bin/curl", b"json\0curl/8.5.0-DEV\0curl/8.5.0\0", "curl 8.5.0;"),
            (
                "bin/deno",
                b"OTel-OTLP-Exporter-Deno/0.80.0grpcdenover2.9.6Deno/2.9.6Deno/2.9.6+e5",
                "deno 2.9.6;",
            ),
            ("bin/envoy", b"\x001.36.4\0xyz\0envoy_reloadable_features", "envoy 1.36.4;"),
            (
                "erts/bin/beam.smp",
                b"an Erlang/OTP 25 compiler\0Erlang/OTP 25%s [erts-13.1.5] [source]\n\x0025.2.3\0\0",
                "erlang 25.2.3;",
            ),
            ("sbin/haproxy", b"\0 version 2.6.12-1+deb12u4, released 2026/10/17\0", "haproxy 2.6.12;"),
            ("sbin/haproxy", b"HA-Proxy version 1.8.22-dev3 2019/10/25\n", "haproxy 1.8.22-dev3;"),
            ("sbin/apache2", b"Apache/2.4\0Apache/2\0Apache/2.4.58 (Debian)\0", "httpd 2.4.58;"),
            ("sbin/mariadbd", b"1.1-MariaDB-log.\0-0+deb\x0010.11.19-MariaDB\0x86_64", "mariadb 10.11.19;"),
            ("bin/memcached", b"\0memcached 1.6.18\0udp-port\0", "memcached 1.6.18;"),
            ("sbin/mysqld", b"/build/mysql-8.0.36/sql/x.cc\0", "mysql 8.0.36;"),
            ("sbin/nginx", b"\0nginx version: nginx/1.25.1\n\0", "nginx 1.25.1;"),
            ("sbin/nginx", b"\0nginx version: openresty/1.21.4.1\n\0", "openresty 1.21.4.1;"),
            ("bin/node", b"\0node.js/v20.11.0\0Browser\0", "node 20.11.0;"),
            ("lib/libjvm.so", b"\0OpenJDK 64-Bit Server VM (17.0.9+9) for linux", "openjdk 17.0.9;"),
            ("lib/libjvm.so", b"\0OpenJDK 64-Bit Server VM (25.402-b06) for linux", "openjdk 1.8.0_402;"),
            (
                "lib/libcrypto.so.3",
                b"OpenSSL 3.0.11 19 Sep 2023\x003.0.11\0OPENSSLDIR: \"/usr/lib/ssl\"",
                "openssl 3.0.11;",
            ),
            ("bin/openssl", b"speed\0OpenSSL 3.0.22 25 Aug 2026\0Error configuring", "openssl 3.0.22;"),
            ("bin/static", b"OPENSSLDIR: \"/x\"\0OpenSSL 1.1.1w  11 Sep 2023\0", "openssl 1.1.1w;"),
            ("bin/perl", b"\nThis is perl 5, version 36, subversion 0 (%-p) built", "perl 5.36.0;"),
            ("sbin/php-fpm", b"X-Powered-By: PHP/8.3.0RC1\0ZEND", "php 8.3.0RC1;"),
            (
                "bin/postgres",
                b"postgres (PostgreSQL) 17beta1\n\0postgres (PostgreSQL) 15.4",
                "postgresql 17beta1;",
            ),
            ("bin/python3.13", b"\x003.13.0rc2+\0Python %s\0PYTHONINSPECT\0", "python 3.13.0rc2;"),
            ("lib/libpython3.11.so.1.0", b"PYTHONINSPECT\0%s\x003.11.2\0x", "python 3.11.2;"),
            (
                "bin/redis-server",
                b"err\x007.0.15\0c11\0redis_version:%s\r\n\x007.0.151790282056000000000\0%llx",
                "redis 7.0.15;",
            ),
            ("bin/valkey", b"\x008.0.1\0valkey_version:%s\x008.0.1buildhost-17\0", "valkey 8.0.1;"),
            ("lib/libruby.so.3.1", b"\0\0ruby 3.1.2p20 (2022-04-12 revision 44) [x86", "ruby 3.1.2;"),
        ];
        for (path, file, expected) in cases {
            assert!(is_searched(path), "{path}");
            assert_eq!(seen(path, file), *expected, "{path}");
        }
    }

    /// What windows of a file say, wherever they begin.
    fn seen_in_windows(path: &str, file: &[u8], step: usize) -> Option<String> {
        let mut search = Search::new(path);
        let mut searched = 0;
        while searched < file.len() {
            let base = searched.saturating_sub(AROUND);
            let limit = (searched + step).min(file.len());
            let end = (limit + AROUND).min(file.len());
            search.pass(&file[base..end], base as u64, limit - base);
            searched = limit;
        }
        search.finish().map(|lines| String::from_utf8(lines).expect("text").replace('\n', ";"))
    }

    #[test]
    fn windows_say_what_the_whole_says() {
        let openssl = [&b"OPENSSLDIR: "[..], &[0; 4000], b"\0OpenSSL 3.0.11 19 Sep 2023\0"].concat();
        let far = [&b"OPENSSLDIR: "[..], &[0; 4100], b"\0OpenSSL 3.0.11 19 Sep 2023\0"].concat();
        let bun = [&[7; 5000], &b"Bun v{}\0Bun v1.1.8 (Linux x64)\0\0ruby 3.1.2p20 (2022-04-12"[..]].concat();
        let digits =
            [&b"OpenJDK 64-Bit Server VM ("[..], &[b'1'; 20_000], b"+9\0node.js/v20.11.0\0"].concat();
        for file in [&openssl, &far, &bun, &digits] {
            for step in [1, 7, 1000, 4096, 100_000] {
                assert_eq!(seen_in_windows("bin/x", file, step), Some(seen("bin/x", file)), "{step}");
            }
        }
        assert_eq!(seen("lib/libcrypto.so.3", &openssl), "openssl 3.0.11;");
        assert_eq!(seen("lib/libcrypto.so.3", &far), "");
        let redis = b"\x007.0.15\0redis_version:%s\r\n\x007.0.15buildhost-17\0";
        assert_eq!(seen_in_windows("bin/x", redis, 10), None);
        assert_eq!(seen_in_windows("lib/libcurl.so.4", redis, 10).as_deref(), Some(""));
        assert!(is_read_whole("usr/bin/redis-server") && !is_read_whole("usr/bin/node"));
        assert!(RULES.iter().all(|rule| rule.mark.len() <= LONGEST_MARK));
    }

    #[test]
    fn a_python_that_passes_says_what_one_that_is_held_says() {
        let mark = b"PYTHONINSPECT\0";
        let (near, far) = ([0; 30], [0; 9000]);
        let texts: &[&[u8]] =
            &[b"\x003.11.2\0", b"3.11.3\0", b"\x003.11.4", b"\x003.11.x\0", b"3.11.5+\0", mark, &near, &far];
        // Every order of four of them.
        for index in 0..texts.len().pow(4) {
            let file: Vec<u8> = (0..4)
                .flat_map(|place| texts[index / texts.len().pow(place) % texts.len()])
                .copied()
                .collect();
            for path in ["bin/python3.11", "bin/python", "lib/libpython3.11.so.1.0"] {
                let held = seen(path, &file);
                for step in [4000, 100_000] {
                    if let Some(passed) = seen_in_windows(path, &file, step) {
                        assert_eq!(passed, held, "{}", String::from_utf8_lossy(&file));
                    }
                }
            }
        }
        let python = [&far[..], b"\x003.11.2\0", mark, &far].concat();
        assert_eq!(seen_in_windows("bin/python3.11", &python, 4000).as_deref(), Some("python 3.11.2;"));
        let python = [&far[..], mark, &far, b"\x003.13.0rc2+\0"].concat();
        assert_eq!(seen_in_windows("bin/python3.13", &python, 4000).as_deref(), Some("python 3.13.0rc2;"));
    }

    #[test]
    fn what_a_program_was_compiled_against_is_not_what_it_is() {
        for (path, file) in [
            ("sbin/nginx", &b"built with \0OpenSSL 3.0.11 19 Sep 2023\0"[..]),
            ("bin/node", b"OpenSSL 1.1.1 (compatible; BoringSSL)\0OPENSSLDIR: "),
            ("bin/wget", b"User-Agent: Apache/2.4.58 \0 version 1.2.3, released 2024"),
            ("bin/x", b"PYTHONINSPECT\x003.11.2\0"),
            ("bin/redis-cli", b"\x007.0.15\0 (git:%s"),
            ("bin/x", b"Bun v{[bunVersion]s}\0node.js/v18.0.0-custom build\0ruby 3.1.2 is nice"),
        ] {
            assert_eq!(seen(path, file), "", "{path}");
        }
        assert!(!is_searched("lib/x86_64-linux-gnu/libfoo.so.1"));
        assert_eq!(seen("lib/libfoo.so.1", b"\0node.js/v20.11.0\0"), "");
    }

    #[test]
    fn programs_of_go_say_what_they_are_in_their_build_information() {
        let text = |information: &[u8], file: &'static [u8]| {
            let said = search_go(information, || Some(Cow::Borrowed(file))).expect("all of it is there");
            String::from_utf8(said).expect("text")
        };
        assert_eq!(text(b"go\tgo1.22.3 X:boring\npath\tcmd/go\n", b""), "go 1.22.3\n");
        let consul =
            b"go\tgo1.22.3\npath\tgithub.com/hashicorp/consul\nmod\tgithub.com/hashicorp/consul\t(devel)\t\n";
        assert_eq!(text(consul, b"<!-- CONSUL_VERSION: 1.20.1 -->"), "consul 1.20.1\n");
        assert_eq!(text(b"go\tgo1.22.3\npath\tx\n", b"CONSUL_VERSION: 1.20.1"), "");
        assert_eq!(search_go(b"go\tgo1.22.3\npath\tx\n", || None), Some(Vec::new()));
        assert_eq!(search_go(consul, || None), None);
    }

    #[test]
    fn a_file_made_of_marks_does_not_take_long() {
        let bun = b"Bun v{}\0".repeat(50);
        assert_eq!(seen("bin/bun", &[&bun[..], b"Bun v1.1.8 (Linux x64)"].concat()), "bun 1.1.8;");
        let redis = b"redis_version:%s\0".repeat(10);
        let redis = [&redis[..], b"\x007.0.15\0", b"7.0.15buildhost-17\0"].concat();
        assert_eq!(seen("bin/redis-server", &redis), "redis 7.0.15;");
        let long = b"redis_version:%s\x001.2.3\0%s [erts-PYTHONINSPECT\0".repeat(40_000);
        assert_eq!(seen("bin/python3.11", &long), "");
    }

    #[test]
    fn a_mark_at_the_very_end_says_nothing() {
        for rule in RULES {
            for name in ["bin/x", "envoy", "haproxy", "httpd", "mysqld", "python3.11"] {
                assert_eq!(seen(name, rule.mark), "", "{name}");
                assert_eq!(seen(name, &[rule.mark, b"1"].concat()), "", "{name}");
                assert_eq!(seen(name, &[rule.mark, b"1."].concat()), "", "{name}");
                assert_eq!(seen(name, &[rule.mark, &[b'9'; 100]].concat()), "", "{name}");
                assert_eq!(seen(name, &[rule.mark, "1.".repeat(50).as_bytes()].concat()), "", "{name}");
            }
        }
    }
}

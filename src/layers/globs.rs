//! Patterns of paths, all asked at once.
//!
//! `*` and `?` stay within one name, `**` crosses any number of folders, `[a-z]` and `[!a-z]` are one character of
//! some, `{a,b}` is either, `\` takes the next character as it is. A pattern means the whole path.
//!
//! Every path of an image is asked about, and nearly none is wanted; so patterns are looked up by the last name of
//! the path, and most paths meet none. Nothing has to be compiled first: a run may last a few hundredths of a second.

use std::collections::HashMap;

use memchr::memmem::Finder;

/// Places of a table of last names.
const SLOTS: usize = 256;
/// Longest pattern, in characters; longest paths are no longer.
const LONGEST: usize = 4096;
/// Most ways in which the braces of one name or pattern may be read.
const MOST_ALTERNATIVES: usize = 256;
/// How much may stand in all patterns together that are more than one path each. Paths are compared with each.
const MOST: usize = 10_000;
/// How many characters and marks may stand in names with `?` or `[`, all together.
const MOST_MARKS: usize = 1000;

/// Patterns that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    #[error("`{0}` is no pattern: {1}")]
    NoPattern(String, &'static str),
    #[error("the patterns are too many or too long to compare each path with")]
    TooMany,
}

/// A set of patterns, each with its place in the order in which they were given.
#[derive(Debug, Clone, Default)]
pub struct Globs {
    /// Patterns that are one path, and their places.
    paths: HashMap<Box<str>, Vec<usize>>,
    /// Keys of the last names of `paths`.
    ends_of_paths: Table,
    patterns: Vec<Pattern>,
    /// Which of `patterns` end in a name, by the name's key.
    by_name: Table,
    /// Which of them end in `*` and a text, by the text's last two bytes.
    by_end: Table,
    /// Which of them end in a name that begins with a text, by its first byte.
    by_begin: Table,
    /// Which of them end in any name in a folder of one, by the key of the folder's.
    by_folder: Table,
    /// The others.
    by_nothing: Vec<u32>,
}

/// Numbers of patterns, each behind its key, in the slot of the key.
#[derive(Debug, Clone)]
struct Table(Vec<Vec<(u32, u32)>>);

impl Default for Table {
    fn default() -> Self {
        Self(vec![Vec::new(); SLOTS])
    }
}

impl Table {
    fn put(&mut self, key: u32, number: u32) {
        let slot = &mut self.0[key as usize % SLOTS];
        if slot.last() != Some(&(key, number)) {
            slot.push((key, number));
        }
    }

    fn of(&self, key: Option<u32>) -> impl Iterator<Item = u32> {
        let slot = key.and_then(|key| self.0.get(key as usize % SLOTS)).map_or(&[][..], Vec::as_slice);
        slot.iter().filter(move |(own, _)| key == Some(*own)).map(|(_, number)| *number)
    }
}

/// A pattern of names and `**`.
#[derive(Debug, Clone)]
struct Pattern {
    place: usize,
    /// The names between one `**` and the next. Never empty, and neither is any of them.
    runs: Vec<Vec<Name>>,
    /// Whether the first run is where paths begin, and no `**` stands before it.
    begins: bool,
    /// Where there is more than one run, the first, if that is one text: nearly no path has it anywhere.
    first: Option<Finder<'static>>,
}

/// One name of a pattern: what it may be read as.
#[derive(Debug, Clone)]
struct Name(Vec<Text>);

#[derive(Debug, Clone)]
enum Text {
    /// What stands between its `*`: one more than there are of those.
    Pieces(Vec<Box<str>>),
    Marks(Vec<Mark>),
}

/// A character of a pattern and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mark {
    One(char),
    Any,
    Star,
    Slash,
    Open,
    Comma,
    Close,
    /// Whether one that is not among them is meant; from each first to each last.
    Class(bool, Vec<(char, char)>),
}

impl Globs {
    /// # Errors
    /// The first pattern that is none, or what is too many.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, GlobError> {
        let mut globs = Self::default();
        let (mut size, mut marks) = (0, 0);
        for (place, written) in patterns.into_iter().enumerate() {
            if written.len() > LONGEST {
                return Err(GlobError::TooMany);
            }
            if !written.contains(['*', '?', '[', '{', '}', '\\']) {
                globs.ends_of_paths.put(key(split(written).1), 0);
                globs.paths.entry(written.into()).or_default().push(place);
                continue;
            }
            let none = |reason| GlobError::NoPattern(written.to_owned(), reason);
            for pattern in Pattern::read(written, place).map_err(none)? {
                let texts = pattern.runs.iter().flatten().flat_map(|name| &name.0);
                for text in texts {
                    size += text.size();
                    marks += if matches!(text, Text::Marks(_)) { text.size() } else { 0 };
                }
                if size > MOST || marks > MOST_MARKS {
                    return Err(GlobError::TooMany);
                }
                globs.put(pattern);
            }
        }
        Ok(globs)
    }

    fn put(&mut self, pattern: Pattern) {
        let number = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        let last = pattern.runs.last().map_or(&[][..], Vec::as_slice);
        let folder = last.len().checked_sub(2).and_then(|place| last[place].only_text());
        for text in last.last().iter().flat_map(|name| &name.0) {
            match (text, folder) {
                (Text::Pieces(pieces), _) if pieces.len() == 1 => self.by_name.put(key(&pieces[0]), number),
                (Text::Pieces(pieces), _)
                    if let Some(end) = pieces.last().and_then(|end| key_of_end(end)) =>
                {
                    self.by_end.put(end, number);
                }
                (Text::Pieces(pieces), _) if let Some(byte) = pieces[0].bytes().next() => {
                    self.by_begin.put(byte.into(), number);
                }
                (_, Some(folder)) => self.by_folder.put(key(folder), number),
                (_, None) if self.by_nothing.last() == Some(&number) => {}
                (_, None) => self.by_nothing.push(number),
            }
        }
        self.patterns.push(pattern);
    }

    pub fn is_match(&self, path: &str) -> bool {
        let split = split(path);
        let end = key(split.1);
        self.candidates(split, end).any(|pattern| pattern.fits(split))
            || (self.ends_of_paths.of(Some(end)).next().is_some() && self.paths.contains_key(path))
    }

    /// The places of the patterns that a path matches, in order.
    pub fn matches(&self, path: &str) -> Vec<usize> {
        let split = split(path);
        let fitting = self.candidates(split, key(split.1)).filter(|pattern| pattern.fits(split));
        let mut places: Vec<usize> = fitting.map(|pattern| pattern.place).collect();
        places.extend(self.paths.get(path).into_iter().flatten());
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Those that may end as the path does, with the key of its last name; some of them twice.
    fn candidates(&self, (folders, name): (Option<&str>, &str), end: u32) -> impl Iterator<Item = &Pattern> {
        let begin = name.bytes().next().map(u32::from);
        let folder = folders.map(|folders| key(split(folders).1));
        let numbers = self
            .by_name
            .of(Some(end))
            .chain(self.by_end.of(key_of_end(name)))
            .chain(self.by_begin.of(begin))
            .chain(self.by_folder.of(folder))
            .chain(self.by_nothing.iter().copied());
        numbers.filter_map(|number| self.patterns.get(number as usize))
    }
}

/// The folders, where there are any, and the last name.
fn split(path: &str) -> (Option<&str>, &str) {
    match memchr::memrchr(b'/', path.as_bytes()) {
        Some(slash) => (Some(&path[..slash]), &path[slash + 1..]),
        None => (None, path),
    }
}

/// Names are short: to look at each byte is quicker than to prepare for more.
fn split_first(folders: &str) -> (&str, Option<&str>) {
    match folders.bytes().position(|byte| byte == b'/') {
        Some(slash) => (&folders[..slash], Some(&folders[slash + 1..])),
        None => (folders, None),
    }
}

/// By the last two bytes. Absent for texts of fewer.
fn key_of_end(text: &str) -> Option<u32> {
    let [.., one, other] = text.as_bytes() else { return None };
    Some(u32::from(*one) * 31 + u32::from(*other) * 257)
}

/// By the last bytes of a name: those tell names apart that begin alike.
fn key(name: &str) -> u32 {
    let last = match name.as_bytes().last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => name.bytes().fold(0, |last, byte| last << 8 | u64::from(byte)),
    };
    (last.wrapping_add(name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

impl Pattern {
    /// One for all ways in which its braces can be read, or where a folder begins in braces, one for each.
    fn read(written: &str, place: usize) -> Result<Vec<Self>, &'static str> {
        let marks = marks(written)?;
        let mut depth = 0;
        let mut crosses = false;
        for mark in &marks {
            match mark {
                Mark::Open => depth += 1,
                Mark::Close => depth -= 1,
                Mark::Slash => crosses |= depth > 0,
                _ => {}
            }
        }
        let readings = if crosses { alternatives(marks)? } else { vec![marks] };
        readings.iter().map(|marks| Self::of(marks, place)).collect()
    }

    fn of(marks: &[Mark], place: usize) -> Result<Self, &'static str> {
        const FOLDERS: &[Mark] = &[Mark::Star, Mark::Star];
        let mut runs: Vec<Vec<Name>> = vec![Vec::new()];
        let mut begins = true;
        let mut names = marks.split(|mark| *mark == Mark::Slash).peekable();
        while let Some(name) = names.next() {
            if name != FOLDERS {
                let run = runs.last_mut().expect("there is one from the start");
                run.push(Name::of(name)?);
                continue;
            }
            if runs.len() == 1 && runs[0].is_empty() {
                begins = false;
            } else if runs.last().is_some_and(|run| !run.is_empty()) {
                runs.push(Vec::new());
            }
            if names.peek().is_none() {
                // Whatever lies below, but not the folder itself.
                let run = runs.last_mut().expect("there is one from the start");
                run.push(Name(vec![Text::Pieces(vec!["".into(), "".into()])]));
            }
        }
        let texts = runs[0].iter().map(Name::only_text).collect::<Option<Vec<_>>>();
        let first = texts.filter(|_| runs.len() > 1).map(|texts| Finder::new(&texts.join("/")).into_owned());
        Ok(Self { place, runs, begins, first })
    }

    fn fits(&self, (mut rest, mut own): (Option<&str>, &str)) -> bool {
        let Some((last, before)) = self.runs.split_last() else { return false };
        let folders = rest.unwrap_or_default().as_bytes();
        if self.first.as_ref().is_some_and(|first| first.find(folders).is_none()) {
            return false;
        }
        for (number, name) in last.iter().rev().enumerate() {
            if number > 0 {
                let Some(folders) = rest else { return false };
                (rest, own) = split(folders);
            }
            if !name.fits(own) {
                return false;
            }
        }
        match before {
            [] => !self.begins || rest.is_none(),
            before => self.fits_before(before, rest),
        }
    }

    /// Whether the runs before the last one stand in the folders that are left, in order: each as early as it can.
    fn fits_before(&self, runs: &[Vec<Name>], folders: Option<&str>) -> bool {
        let mut rest = folders;
        for (number, run) in runs.iter().enumerate() {
            let mut from = rest;
            rest = loop {
                match (behind(run, from), from) {
                    (Some(behind), _) => break behind,
                    (None, Some(folders)) if number > 0 || !self.begins => from = split_first(folders).1,
                    _ => return false,
                }
            };
        }
        true
    }
}

/// What follows a run of names, where it stands at the beginning of folders.
fn behind<'a>(run: &[Name], folders: Option<&'a str>) -> Option<Option<&'a str>> {
    run.iter().try_fold(folders, |rest, name| {
        let (own, behind) = split_first(rest?);
        name.fits(own).then_some(behind)
    })
}

/// The characters of a pattern. What stands in braces is closed, and closed braces were opened.
fn marks(written: &str) -> Result<Vec<Mark>, &'static str> {
    let mut marks = Vec::with_capacity(written.len());
    let mut depth = 0_usize;
    let mut rest = written.chars();
    while let Some(next) = rest.next() {
        marks.push(match next {
            '*' => Mark::Star,
            '?' => Mark::Any,
            '/' => Mark::Slash,
            '\\' => Mark::One(rest.next().ok_or("a \\ stands at its end")?),
            '[' => class(&mut rest)?,
            '{' => {
                depth += 1;
                Mark::Open
            }
            ',' if depth > 0 => Mark::Comma,
            '}' => {
                depth = depth.checked_sub(1).ok_or("a } without its {")?;
                Mark::Close
            }
            other => Mark::One(other),
        });
    }
    if depth > 0 { Err("a { without its }") } else { Ok(marks) }
}

/// What follows `[`, to its `]`; one that stands first is a character like others.
fn class(rest: &mut std::str::Chars<'_>) -> Result<Mark, &'static str> {
    const OPEN: &str = "a [ without its ]";
    let mut is_negated = false;
    let mut ranges = Vec::new();
    let mut next = rest.next().ok_or(OPEN)?;
    if matches!(next, '!' | '^') {
        is_negated = true;
        next = rest.next().ok_or(OPEN)?;
    }
    loop {
        let first = next;
        next = rest.next().ok_or(OPEN)?;
        if next != '-' {
            ranges.push((first, first));
        } else {
            let last = rest.next().ok_or(OPEN)?;
            if last == ']' {
                ranges.extend([(first, first), ('-', '-')]);
                break;
            }
            if last < first {
                return Err("a range that ends before it begins");
            }
            ranges.push((first, last));
            next = rest.next().ok_or(OPEN)?;
        }
        if next == ']' {
            break;
        }
    }
    Ok(Mark::Class(is_negated, ranges))
}

/// What marks with braces may be read as: the innermost braces first, until none are left.
fn alternatives(marks: Vec<Mark>) -> Result<Vec<Vec<Mark>>, &'static str> {
    let mut read = vec![marks];
    while let Some(close) = read[0].iter().position(|mark| *mark == Mark::Close) {
        let mut next = Vec::new();
        for marks in &read {
            // All were made of one, and from the front: the first braces of all that closes are those of the first.
            let close = marks.iter().position(|mark| *mark == Mark::Close).unwrap_or(close);
            let open = marks[..close].iter().rposition(|mark| *mark == Mark::Open).unwrap_or_default();
            for one in marks[open + 1..close].split(|mark| *mark == Mark::Comma) {
                if next.len() == MOST_ALTERNATIVES {
                    return Err("its braces can be read in too many ways");
                }
                next.push([&marks[..open], one, &marks[close + 1..]].concat());
            }
        }
        read = next;
    }
    Ok(read)
}

impl Name {
    fn of(marks: &[Mark]) -> Result<Self, &'static str> {
        if marks.contains(&Mark::Open) {
            return Ok(Self(alternatives(marks.to_vec())?.iter().map(|marks| Text::of(marks)).collect()));
        }
        Ok(Self(vec![Text::of(marks)]))
    }

    /// The name, where there is only one that fits.
    fn only_text(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Text::Pieces(pieces)] if pieces.len() == 1 => Some(&pieces[0]),
            _ => None,
        }
    }

    fn fits(&self, own: &str) -> bool {
        self.0.iter().any(|text| text.fits(own))
    }
}

impl Text {
    fn of(marks: &[Mark]) -> Self {
        let mut pieces = vec![String::new()];
        for (place, mark) in marks.iter().enumerate() {
            match (mark, pieces.last_mut()) {
                (Mark::One(one), Some(piece)) => piece.push(*one),
                // Two beside each other are one.
                (Mark::Star, _) if place > 0 && marks[place - 1] == Mark::Star => {}
                (Mark::Star, _) => pieces.push(String::new()),
                _ => return Self::Marks(marks.to_vec()),
            }
        }
        Self::Pieces(pieces.into_iter().map(Box::from).collect())
    }

    fn size(&self) -> usize {
        match self {
            Self::Pieces(pieces) => pieces.len(),
            Self::Marks(marks) => marks.len(),
        }
    }

    fn fits(&self, own: &str) -> bool {
        match self {
            Self::Pieces(pieces) => pieces_fit(pieces, own),
            Self::Marks(marks) => marks_fit(marks, own),
        }
    }
}

fn pieces_fit(pieces: &[Box<str>], own: &str) -> bool {
    let (first, others) = match pieces {
        [] => return false,
        [only] => return **only == *own,
        [first, others @ ..] => (first, others),
    };
    let Some((last, between)) = others.split_last() else { return false };
    let Some(mut rest) = own.strip_suffix(&**last).and_then(|rest| rest.strip_prefix(&**first)) else {
        return false;
    };
    for piece in between {
        match rest.find(&**piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// Goes through a name with all places of the marks at once where it may stand, so that no name takes long.
fn marks_fit(marks: &[Mark], own: &str) -> bool {
    let beyond_stars = |at: &mut [bool]| {
        for (place, mark) in marks.iter().enumerate() {
            at[place + 1] |= at[place] && *mark == Mark::Star;
        }
    };
    let mut at = vec![false; marks.len() + 1];
    at[0] = true;
    beyond_stars(&mut at);
    for c in own.chars() {
        let mut next = vec![false; marks.len() + 1];
        for (place, mark) in marks.iter().enumerate().filter(|(place, _)| at[*place]) {
            let beyond = if *mark == Mark::Star { place } else { place + 1 };
            next[beyond] |= mark.is(c);
        }
        beyond_stars(&mut next);
        at = next;
    }
    at[marks.len()]
}

impl Mark {
    fn is(&self, c: char) -> bool {
        match self {
            Self::One(one) => *one == c,
            Self::Any | Self::Star => true,
            Self::Class(is_negated, ranges) => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *is_negated
            }
            Self::Slash | Self::Open | Self::Comma | Self::Close => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use globset::GlobBuilder;

    use super::*;

    /// What `globset` says of each path must be said by ours.
    fn agree(patterns: &[&str], paths: &[&str]) {
        let globs = Globs::new(patterns.iter().copied()).expect("globs");
        for (place, pattern) in patterns.iter().enumerate() {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build().expect("a glob");
            let glob = glob.compile_matcher();
            for path in paths {
                let matches = globs.matches(path);
                assert!(matches.is_sorted(), "{matches:?}");
                assert_eq!(matches.contains(&place), glob.is_match(path), "{pattern} {path}");
                assert_eq!(globs.is_match(path), !matches.is_empty(), "{path}");
            }
        }
    }

    const PATTERNS: &[&str] = &[
        "**/package.json",
        "package.json",
        "a/b",
        "*/b",
        "**/*.lock",
        "**/LICENSE*",
        "**/*requirements*.txt",
        "**/a*b*c",
        "**/*",
        "*",
        "**/.ssh/*",
        "**/{var,usr}/lib/*.list",
        "**/*.{jar,war}!/.archive",
        "**/*.{jar,war}!/**/pom.properties",
        "**/.m2/**/x/**/*.pom",
        ".github/**/action.{yml,yaml}",
        "**/{a,b}{c,d}.txt",
        "**/[Ll]icen?e",
        "a/**",
        "**",
        "{a,{b,c}d}x",
        "/a/b",
        "a\\*b",
        "a**b",
        "[!a-c/]*",
        "x/[]-]",
        "{a/b,c}/**/{x,y*}",
        "**/a?",
        "**/**/x",
    ];

    #[test]
    fn simple_shapes_mean_what_they_mean_to_globset() {
        let paths = "
            package.json a/package.json xpackage.json /package.json a/b b a/a/b a x.lock .lock a/.lock lock
            x/LICENSE LICENSE.md LICENSE/x requirements.txt a/dev-requirements-2.txt requirements.txt.bak abc
            aXbYc abbc ac acb ab/c .ssh/id a/.ssh/id/x .ssh/ usr/lib/x.list opt/usr/lib/x.list lib/x.list
            usr/lib/a/x.list x.jar!/.archive a/x.war!/.archive x.ear!/.archive x.jar!/pom.properties
            x.jar!/META-INF/maven/a/pom.properties .m2/x/y.pom h/.m2/a/x/b/y.pom .m2/y.pom .m2/a/x.pom
            .github/action.yml .github/a/b/action.yaml a/.github/action.yml ac.txt x/bd.txt cd.txt License
            x/licence a/ a//b / a*b /a/b x y/x ä/LICENSE-ü c";
        let paths: Vec<&str> = paths.split_whitespace().chain([""]).collect();
        agree(PATTERNS, &paths);
    }

    /// Paths of short names of few letters, where patterns meet by chance.
    #[test]
    fn short_paths_mean_what_they_mean_to_globset() {
        let names = ["a", "b", "ab", "aab", ""];
        let mut paths = Vec::new();
        for one in names {
            paths.push(one.to_owned());
            for two in names {
                paths.push(format!("{one}/{two}"));
                for three in names {
                    paths.push(format!("{one}/{two}/{three}"));
                    paths.push(format!("{one}/{two}/a/{three}/b"));
                }
            }
        }
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let patterns = [
            "**/a",
            "a/**/b",
            "**/a/**/b",
            "a/**/a/**/b",
            "**/a/b/**/a*",
            "*a*b",
            "**/*a/{a,b}/*",
            "a*/**/{a,ab}",
            "*/*",
            "**/*/a*a*b",
            "*/**/b",
            "**/*/**/*",
        ];
        agree(&patterns, &paths);
    }

    #[test]
    fn a_pattern_that_is_none_is_an_error() {
        for none in ["a{b", "a}b", "[a", "[", "[!", "[a-", "[b-a]", "a*\\"] {
            assert!(matches!(Globs::new(["**/x", none]), Err(GlobError::NoPattern(..))), "{none}");
            assert!(GlobBuilder::new(none).build().is_err(), "{none}");
        }
        assert!(!Globs::default().is_match("a"));
    }

    #[test]
    fn patterns_do_not_multiply_without_end() {
        assert!(Globs::new([&*"{a,b}".repeat(8)]).is_ok());
        assert!(Globs::new([&*"{a,b}".repeat(9)]).is_err());
        assert!(Globs::new(["{{{a,b},c},{d/e,f}}"]).expect("globs").is_match("d/e"));
        assert_eq!(Globs::new([&*"*a".repeat(3000)]).err(), Some(GlobError::TooMany));
        let many: Vec<String> = (0..30_000).map(|number| format!("a{number}/*")).collect();
        assert_eq!(Globs::new(many.iter().map(String::as_str)).err(), Some(GlobError::TooMany));
        let paths: Vec<String> = (0..100_000).map(|number| format!("a{number}/package.json")).collect();
        let paths = Globs::new(paths.iter().map(String::as_str)).expect("globs");
        assert_eq!(paths.matches("a99999/package.json"), [99_999]);
        assert!(!marks_fit(&marks("*?*?*?*a").expect("marks"), &"b".repeat(200)));
    }
}

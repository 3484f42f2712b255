//! The commands that README and docs show, found in their fenced blocks.
//!
//! - In a block of `console` a command stands behind `$ `, in one of `sh` on each line; what ends in `\` goes on below.
//! - `# … exit code 1` behind it claims how it ends; without a word of it, it ends with 0.
//! - `<!-- only read: why -->` on the line before a block keeps its commands from being run: they need a network, a
//!   daemon, a machine of somebody else. They are understood all the same.
//! - In `yaml` a command stands behind `run: ` or `- `, and is not run.

// Each of those who use it uses its own part.
#![expect(dead_code, reason = "no single user needs all of it")]

use std::fs;
use std::path::{Path, PathBuf};

/// One command line of a page.
pub(crate) struct Snippet {
    /// Relative to the project.
    pub(crate) page: String,
    /// 1-based.
    pub(crate) line: usize,
    /// The whole line as a shell gets it, without the claim behind it.
    pub(crate) text: String,
    /// The exit code that is claimed.
    pub(crate) code: i32,
    pub(crate) is_run: bool,
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// README and its like, and everything under docs, in order.
pub(crate) fn pages() -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(root(), false), (root().join("docs"), true)];
    while let Some((folder, is_deep)) = open.pop() {
        for entry in fs::read_dir(folder).expect("there").flatten() {
            let path = entry.path();
            if path.is_dir() && is_deep {
                open.push((path, true));
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(relative(&path));
            }
        }
    }
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/")
}

pub(crate) fn text(page: &str) -> String {
    fs::read_to_string(root().join(page)).expect("a page is text")
}

/// Every command of every page.
pub(crate) fn all() -> Vec<Snippet> {
    pages().iter().flat_map(|page| of(page, &text(page))).collect()
}

/// The commands of one page.
pub(crate) fn of(page: &str, text: &str) -> Vec<Snippet> {
    let mut found = Vec::new();
    let mut kind: Option<&str> = None;
    let mut only_read = false;
    let mut before = "";
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let bare = line.trim_start();
        if let Some(fence) = bare.strip_prefix("```") {
            kind = if kind.is_some() { None } else { Some(fence.trim()) };
            only_read = before.trim_start().starts_with("<!-- only read:");
            continue;
        }
        let command = match kind {
            Some("console") => bare.strip_prefix("$ "),
            Some("sh") => Some(bare).filter(|line| !line.is_empty() && !line.starts_with('#')),
            Some("yaml") => yaml(bare),
            _ => None,
        };
        before = if bare.is_empty() { before } else { line };
        let Some(command) = command else { continue };
        let mut whole = command.to_owned();
        while whole.ends_with('\\') {
            whole.pop();
            whole.push_str(lines.next().map_or("", |(_, line)| line).trim_start());
        }
        let (command, remark) = whole.split_once(" # ").unwrap_or((&whole, ""));
        if !is_ours(command) {
            continue;
        }
        found.push(Snippet {
            page: page.to_owned(),
            line: index + 1,
            text: command.trim().to_owned(),
            code: claimed(remark),
            is_run: !only_read && kind != Some("yaml"),
        });
    }
    found
}

fn yaml(line: &str) -> Option<&str> {
    let line = line.trim_start_matches("- ");
    Some(line.strip_prefix("run: ").unwrap_or(line))
}

/// Whether a line calls packlist, and not only talks of it.
fn is_ours(line: &str) -> bool {
    line.split_whitespace().find(|word| !is_assignment(word)) == Some("packlist")
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
}

fn claimed(remark: &str) -> i32 {
    let behind = remark.split("exit code ").nth(1).unwrap_or_default();
    let digits: String = behind.trim_start_matches('*').chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// The calls of packlist in a line of shell, each as words. Quotes are obeyed, variables are left as they are.
pub(crate) fn calls(line: &str) -> Vec<Vec<String>> {
    let mut calls = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), letter) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ') => calls.last_mut().expect("one is there").extend(word.take()),
            (None, '|' | ';' | '&') => {
                calls.last_mut().expect("one is there").extend(word.take());
                calls.push(Vec::new());
            }
            (None, '>' | '<') => {
                calls.last_mut().expect("one is there").extend(word.take());
                // Where it goes to is no word of the call.
                while letters.next_if(|letter| matches!(letter, ' ' | '>')).is_some() {}
                while letters.next_if(|letter| !matches!(letter, ' ' | '|' | ';' | '&')).is_some() {}
            }
            (None, letter) => word.get_or_insert_default().push(letter),
        }
    }
    calls.last_mut().expect("one is there").extend(word);
    for call in &mut calls {
        let assignments = call.iter().take_while(|word| is_assignment(word)).count();
        call.drain(..assignments);
    }
    calls.retain(|call| call.first().is_some_and(|word| word == "packlist"));
    calls
}

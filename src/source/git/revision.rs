//! What a revision's name leads to: branches, tags, commits whole or abbreviated, and their ancestors.
//!
//! Spec: <https://git-scm.com/docs/gitrevisions>

use std::path::Path;

use super::objects::{Id, Objects, Store};
use super::{GitError, Repository, SMALL, small};

/// Names that lead to names, tags of tags.
const MAX_HOPS: usize = 16;

/// Ancestors that one name may go back.
const MAX_BACK: usize = 1_000_000;

/// Where a name that says no more is looked for, in git's order.
const PLACES: &[(&str, &str)] = &[
    ("", ""),
    ("refs/", ""),
    ("refs/tags/", ""),
    ("refs/heads/", ""),
    ("refs/remotes/", ""),
    ("refs/remotes/", "/HEAD"),
];

/// Fewer digits name no object.
const FEWEST_DIGITS: usize = 4;

pub(super) struct Revision {
    pub(super) id: Id,
    pub(super) tree: Id,
    /// When it was committed, since 1970.
    pub(super) seconds: Option<i64>,
}

pub(super) fn resolve(name: &str, repository: &Repository, objects: &Objects) -> Result<Revision, GitError> {
    let end = name.find(['~', '^']).unwrap_or(name.len());
    let (start, steps) = name.split_at(end);
    let start = if start.is_empty() || start == "@" { "HEAD" } else { start };
    let unknown = || GitError::NoRevision(name.to_owned());
    let mut id = named(start, repository, objects)?.ok_or_else(unknown)?;
    for step in steps_of(steps).ok_or_else(unknown)? {
        id = stepped(&id, step, objects)?.ok_or_else(unknown)?;
    }
    let id = peeled(id, objects)?;
    let object = objects.any(&id, SMALL)?;
    match object.store {
        Store::Tree => Ok(Revision { tree: id.clone(), id, seconds: None }),
        Store::Commit => {
            let commit = Commit::of(&object.content, objects.id_bytes());
            let tree = commit.tree.ok_or_else(|| GitError::Broken(format!("the commit {id} has no tree")))?;
            Ok(Revision { id, tree, seconds: commit.seconds })
        }
        Store::Blob | Store::Tag => Err(unknown()),
    }
}

/// A way from one commit to another.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// The first parent of the first parent, so many times.
    Back(usize),
    /// The parent of this number; 0 is the commit itself.
    Parent(usize),
    /// What a tag is of.
    Peel,
}

/// `None` for what is no way.
fn steps_of(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        if sign == '^' && rest.starts_with('{') {
            let (kind, after) = rest[1..].split_once('}')?;
            if !matches!(kind, "" | "commit" | "tree") {
                return None;
            }
            steps.push(Step::Peel);
            rest = after;
            continue;
        }
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let number =
            if digits == 0 { 1 } else { rest[..digits].parse().ok().filter(|number| *number <= MAX_BACK)? };
        rest = &rest[digits..];
        steps.push(match sign {
            '~' => Step::Back(number),
            '^' => Step::Parent(number),
            _ => return None,
        });
    }
    Some(steps)
}

fn stepped(id: &Id, step: Step, objects: &Objects) -> Result<Option<Id>, GitError> {
    let parent = |id: Id, number: usize| -> Result<Option<Id>, GitError> {
        let content = objects.read(&id, Store::Commit, SMALL)?;
        Ok(Commit::of(&content, objects.id_bytes()).parents.into_iter().nth(number - 1))
    };
    let mut id = peeled(id.clone(), objects)?;
    match step {
        Step::Peel | Step::Parent(0) => {}
        Step::Parent(number) => return parent(id, number),
        Step::Back(count) => {
            for _ in 0..count {
                match parent(id, 1)? {
                    Some(parent) => id = parent,
                    None => return Ok(None),
                }
            }
        }
    }
    Ok(Some(id))
}

/// What a tag is of in the end.
fn peeled(mut id: Id, objects: &Objects) -> Result<Id, GitError> {
    for _ in 0..MAX_HOPS {
        let object = objects.any(&id, SMALL)?;
        if object.store != Store::Tag {
            return Ok(id);
        }
        let text = String::from_utf8_lossy(&object.content);
        let target = text.lines().find_map(|line| line.strip_prefix("object "));
        let target = target.and_then(|target| Id::parse(target, objects.id_bytes()));
        id = target.ok_or_else(|| GitError::Broken(format!("the tag {id} is of nothing")))?;
    }
    Err(GitError::Broken(format!("tags of tags without end lead to {id}")))
}

fn named(name: &str, repository: &Repository, objects: &Objects) -> Result<Option<Id>, GitError> {
    if let Some(id) = Id::parse(name, objects.id_bytes()) {
        return Ok(Some(id));
    }
    if is_name(name) {
        for (before, behind) in PLACES {
            if let Some(id) = reference(&format!("{before}{name}{behind}"), repository, objects)? {
                return Ok(Some(id));
            }
        }
    }
    // `git describe` ends in a commit: v1.2-5-gc0ffee1.
    let digits = name.rsplit_once("-g").map_or(name, |(_, digits)| digits).to_ascii_lowercase();
    let is_abbreviated = digits.len() >= FEWEST_DIGITS
        && digits.len() < objects.id_bytes() * 2
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_abbreviated {
        return Ok(None);
    }
    let mut found = objects.beginning_with(&digits)?;
    if found.len() > 1 {
        // Only commits and tags are revisions.
        let is_revision = |id: &Id| {
            objects.any(id, SMALL).is_ok_and(|object| matches!(object.store, Store::Commit | Store::Tag))
        };
        found.retain(is_revision);
    }
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(GitError::Ambiguous(digits)),
    }
}

/// Whether a name may be one of a branch or tag: nothing that would lead out of the repository.
fn is_name(name: &str) -> bool {
    let is_odd = |letter: char| letter.is_control() || " ~^:?*[\\".contains(letter);
    !name.contains(is_odd)
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
        && !name.contains("..")
}

/// What a branch or tag is at. `None` when there is none of that name.
fn reference(name: &str, repository: &Repository, objects: &Objects) -> Result<Option<Id>, GitError> {
    let mut name = name.to_owned();
    for _ in 0..MAX_HOPS {
        let own = repository.own.join(&name);
        let path = if own.is_file() { own } else { repository.common.join(&name) };
        if !path.is_file() {
            return packed(&name, &repository.common, objects);
        }
        let text = small(&path)?;
        let text = text.trim();
        match text.strip_prefix("ref:").map(str::trim) {
            Some(next) if is_name(next) => next.clone_into(&mut name),
            // Other files lie there too.
            _ => {
                return Ok(Id::parse(text.split_whitespace().next().unwrap_or_default(), objects.id_bytes()));
            }
        }
    }
    Err(GitError::Broken(format!("`{name}` leads to itself")))
}

/// The same of those that were packed into one file.
fn packed(name: &str, common: &Path, objects: &Objects) -> Result<Option<Id>, GitError> {
    let path = common.join("packed-refs");
    if !path.is_file() {
        return Ok(None);
    }
    let text = small(&path)?;
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    let id = lines.find(|(_, found)| *found == name).map(|(id, _)| id);
    Ok(id.and_then(|id| Id::parse(id, objects.id_bytes())))
}

/// What a commit says.
struct Commit {
    tree: Option<Id>,
    parents: Vec<Id>,
    seconds: Option<i64>,
}

impl Commit {
    fn of(content: &[u8], id_bytes: usize) -> Self {
        let text = String::from_utf8_lossy(content);
        let mut commit = Self { tree: None, parents: Vec::new(), seconds: None };
        for line in text.lines().take_while(|line| !line.is_empty()) {
            match line.split_once(' ') {
                Some(("tree", id)) => commit.tree = Id::parse(id, id_bytes),
                Some(("parent", id)) => commit.parents.extend(Id::parse(id, id_bytes)),
                Some(("committer", who)) => {
                    commit.seconds = who.rsplit(' ').nth(1).and_then(|seconds| seconds.parse().ok());
                }
                _ => {}
            }
        }
        commit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_back_are_read_as_git_reads_them() {
        assert_eq!(steps_of("~3^2~"), Some(vec![Step::Back(3), Step::Parent(2), Step::Back(1)]));
        assert_eq!(steps_of("^{}^0^{commit}"), Some(vec![Step::Peel, Step::Parent(0), Step::Peel]));
        for text in ["~x", "^{blob}", "^{", "~99999999999", "^2é"] {
            assert_eq!(steps_of(text), None, "{text}");
        }
    }

    #[test]
    fn no_name_leads_out_of_the_repository() {
        for name in ["main", "feature/x-1", "v1.2"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["../../etc/passwd", "/etc/passwd", "a//b", "a/.git", "a b", "", "a\0"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_commit_says_its_tree_and_time() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        let text = format!(
            "tree {id}\nparent {id}\nauthor A <a> 1 +0000\ncommitter B C <b> 1700000000 +0100\n\nparent x\n"
        );
        let commit = Commit::of(text.as_bytes(), 20);
        assert_eq!(
            (commit.tree, commit.parents.len(), commit.seconds),
            (Id::parse(id, 20), 1, Some(1_700_000_000))
        );
        assert!(Commit::of(b"nonsense", 20).tree.is_none());
    }
}

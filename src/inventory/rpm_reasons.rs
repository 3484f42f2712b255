//! Why rpm packages are there: rpm itself does not know; the program that drives it keeps a record of its own,
//! each in its own form and place.
//!
//! Spec: <https://dnf5.readthedocs.io/en/latest/dnf5_plugins/>,
//! <https://github.com/rpm-software-management/libdnf/tree/dnf-4-master/libdnf/transaction>

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::sqlite;
use crate::layers::Tree;

/// The places of the records, as patterns.
pub(super) const DNF4: &str = "**/var/lib/dnf/history.sqlite";
pub(super) const DNF4_WAL: &str = "**/var/lib/dnf/history.sqlite-wal";
pub(super) const DNF5: &str = "**/usr/lib/sysimage/libdnf5/packages.toml";
pub(super) const YUM: &str = "**/var/lib/yum/yumdb/*/*/reason";
pub(super) const ZYPPER: &str = "**/var/lib/zypp/AutoInstalled";

/// dnf 4's number for packages that somebody named.
const NAMED_BY_USER: i64 = 2;

/// Which packages somebody asked for.
#[derive(Debug, PartialEq)]
pub(super) enum Reasons {
    /// By `name.architecture`.
    AskedFor(HashSet<String>),
    /// By name: all but these.
    AllBut(HashSet<String>),
    /// Nobody kept a record.
    Unknown,
}

impl Reasons {
    /// What is recorded in the root file system at `root`.
    pub(super) fn of(tree: &Tree, root: &str) -> Self {
        let read = |place: &str| tree.read(&format!("{root}{place}"));
        if let Some(toml) = read("usr/lib/sysimage/libdnf5/packages.toml").and_then(of_dnf5) {
            return Self::AskedFor(toml);
        }
        let wal = read("var/lib/dnf/history.sqlite-wal");
        if let Some(asked_for) = read("var/lib/dnf/history.sqlite").and_then(|bytes| of_dnf4(bytes, wal)) {
            return Self::AskedFor(asked_for);
        }
        if let Some(list) = read("var/lib/zypp/AutoInstalled") {
            let list = String::from_utf8_lossy(list);
            let names = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            return Self::AllBut(names.map(str::to_owned).collect());
        }
        of_yum(tree, root).map_or(Self::Unknown, Self::AskedFor)
    }

    pub(super) fn asked_for(&self, name: &str, architecture: &str) -> bool {
        match self {
            Self::AskedFor(names) => names.contains(&format!("{name}.{architecture}")),
            Self::AllBut(names) => !names.contains(name),
            Self::Unknown => false,
        }
    }
}

#[derive(Deserialize)]
struct State {
    packages: HashMap<String, Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    #[serde(default)]
    reason: String,
}

/// `"bash.x86_64" = {reason = "User"}`
fn of_dnf5(toml: &[u8]) -> Option<HashSet<String>> {
    let state: State = toml::from_str(&String::from_utf8_lossy(toml)).ok()?;
    let named = |recorded: &Recorded| matches!(recorded.reason.as_str(), "User" | "External User");
    Some(state.packages.into_iter().filter(|(_, recorded)| named(recorded)).map(|(name, _)| name).collect())
}

/// The last transaction that touched a package says why it is there.
fn of_dnf4(history: &[u8], wal: Option<&[u8]>) -> Option<HashSet<String>> {
    let packages = sqlite::rows(history, wal, "rpm").ok()?;
    let names: HashMap<i64, String> = packages
        .rows
        .iter()
        .filter_map(|row| {
            // Where the number of the item is the table's key, the column itself is empty.
            let item = row.integer(0).unwrap_or(row.id);
            Some((item, format!("{}.{}", row.text(1)?, row.text(5)?)))
        })
        .collect();
    let items = sqlite::rows(history, wal, "trans_item").ok()?;
    let mut last: HashMap<&str, (i64, i64)> = HashMap::new();
    for row in &items.rows {
        let Some(name) = row.integer(2).and_then(|item| names.get(&item)) else { continue };
        let entry = last.entry(name).or_insert((row.id, 0));
        if row.id >= entry.0 {
            *entry = (row.id, row.integer(5).unwrap_or_default());
        }
    }
    let named = last.into_iter().filter(|(_, (_, reason))| *reason == NAMED_BY_USER);
    Some(named.map(|(name, _)| name.to_owned()).collect())
}

/// A folder a package, `<digest>-<name>-<version>-<release>-<architecture>`, in it a file `reason`.
fn of_yum(tree: &Tree, root: &str) -> Option<HashSet<String>> {
    let mut reasons = tree.below(&format!("{root}var/lib/yum/yumdb")).peekable();
    reasons.peek()?;
    let named = reasons.filter(|(_, reason)| reason.trim_ascii() == b"user");
    let name = |path: &str| {
        let folder = path.strip_suffix("/reason")?.rsplit('/').next()?;
        let mut parts = folder.split_once('-')?.1.rsplitn(4, '-');
        let (architecture, _, _) = (parts.next()?, parts.next()?, parts.next()?);
        Some(format!("{}.{architecture}", parts.next()?))
    };
    Some(named.filter_map(|(path, _)| name(path)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::sqlite::testing::{record, tables};
    use super::*;
    use crate::layers::{Entry, Extract, Node};

    fn reasons(files: &[(&str, &[u8])]) -> Reasons {
        let entry =
            |(path, bytes): &(&str, &[u8])| Entry { path: (*path).into(), node: Node::File((*bytes).into()) };
        let extract = Extract { entries: files.iter().map(entry).collect(), ..Extract::default() };
        Reasons::of(&Tree::stack([&extract]), "x/")
    }

    fn history(items: &[(u8, u8)]) -> Vec<u8> {
        let text = |text: &'static str| (13 + 2 * text.len(), text.as_bytes());
        let rpm = |name| record(&[(0, b""), text(name), (8, b""), text("1"), text("2"), text("x86_64")]);
        let item = |(item, reason): &(u8, u8)| {
            record(&[(0, b""), (1, &[1]), (1, &[*item]), (0, b""), (1, &[1]), (1, &[*reason])])
        };
        let items: Vec<Vec<u8>> = items.iter().map(item).collect();
        tables(&[("rpm", &[rpm("bash"), rpm("glibc")]), ("trans_item", &items)])
    }

    #[test]
    fn each_program_keeps_its_own_record() {
        let dnf5 = b"version = \"1.0\"\n[packages]\n\"bash.x86_64\" = {reason = \"User\"}\n\"glibc.x86_64\" = {reason = \"Dependency\"}\n";
        let dnf4 = history(&[(2, 2), (1, 1), (2, 1), (1, 2)]);
        let yum: &[(&str, &[u8])] = &[
            ("x/var/lib/yum/yumdb/b/0f3a-bash-4.2.46-34.el7-x86_64/reason", b"user"),
            ("x/var/lib/yum/yumdb/g/0f3b-glibc-2.17-317.el7-x86_64/reason", b"dep"),
        ];
        for kept in [
            reasons(&[("x/usr/lib/sysimage/libdnf5/packages.toml", dnf5)]),
            reasons(&[("x/var/lib/dnf/history.sqlite", &dnf4)]),
            reasons(&[("x/var/lib/zypp/AutoInstalled", b"# automatically\n\nglibc\n")]),
            reasons(yum),
        ] {
            assert!(kept.asked_for("bash", "x86_64") && !kept.asked_for("glibc", "x86_64"), "{kept:?}");
        }
    }

    #[test]
    fn without_a_record_or_with_a_broken_one_nobody_knows() {
        assert_eq!(reasons(&[]), Reasons::Unknown);
        assert_eq!(reasons(&[("x/usr/lib/sysimage/libdnf5/packages.toml", b"[packages")]), Reasons::Unknown);
        assert_eq!(reasons(&[("x/var/lib/dnf/history.sqlite", b"SQLite format 3\0")]), Reasons::Unknown);
        let odd = reasons(&[("x/var/lib/yum/yumdb/b/short/reason", b"user")]);
        assert_eq!(odd, Reasons::AskedFor(HashSet::new()));
    }
}

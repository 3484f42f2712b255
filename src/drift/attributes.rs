//! What else became different about a package that stands on both sides.

use std::collections::BTreeSet;

use super::comparable::{Attribute, Bills};
use super::{Change, Kind, Pair, licenses};
use crate::bom::{Component, Hash, HashAlgorithm, Purl};
use crate::versions::Step;

pub(super) fn differences(bills: &Bills<'_>, pair: &Pair<'_, '_>, changes: &mut Vec<Change>) {
    let (old, new) = (pair.old.component, pair.new.component);
    let same_version = pair.same_version();
    let mut push = |kind: Kind, from: Option<String>, to: Option<String>| {
        let mut change = pair.change(kind, bills);
        (change.from, change.to) = (from, to);
        change.step = (kind == Kind::Rebuilt).then_some(Step::Rebuild);
        changes.push(change);
    };
    if same_version
        && pair.old.variant == pair.new.variant
        && let Some((from, to)) = other_artefact(bills, old, new).or_else(|| other_contents(old, new))
    {
        // A distribution may build the same version again.
        push(if new.is_os() { Kind::Rebuilt } else { Kind::Replaced }, Some(from), Some(to));
    }
    if bills.compares(Attribute::Source)
        && let Some((from, to)) = other_source(old, new)
    {
        push(Kind::Source, Some(from), Some(to));
    }
    if bills.compares(Attribute::Supplier)
        && let Some((from, to)) = other_supplier(old, new)
    {
        push(Kind::Supplier, Some(from), Some(to));
    }
    if let (false, Some(standing)) = (bills.foreign() || old.standing == new.standing, &new.standing) {
        let text = match standing.reason.as_str() {
            "" => standing.kind.name().to_owned(),
            reason => format!("{}: {reason}", standing.kind.name()),
        };
        push(Kind::EndOfLife, old.standing.as_ref().map(|s| s.kind.name().to_owned()), Some(text));
    }
    let altered: Vec<&str> =
        new.altered.iter().filter(|path| !old.altered.contains(path)).map(String::as_str).collect();
    if !altered.is_empty() {
        push(Kind::Files, None, Some(altered.join(", ")));
    }
    if same_version
        && let (Some(from), Some(to)) = (bills.old_cause(old), bills.new_cause(new))
        && from != to
    {
        push(Kind::Layer, Some(from.name().to_owned()), Some(to.name().to_owned()));
    }
    if let Some((was_direct, is_direct)) = bills.direct(pair)
        && was_direct != is_direct
    {
        let name = |direct: bool| Some(if direct { "direct" } else { "indirect" }.to_owned());
        push(Kind::Depth, name(was_direct), name(is_direct));
    }
    if bills.compares(Attribute::License)
        && let Some(license) = licenses::difference(bills.old, old, bills.new, new)
    {
        let mut change = pair.change(Kind::License, bills);
        (change.from, change.to) = (license.from, license.to);
        change.direction = Some(license.direction);
        changes.push(change);
    }
}

fn other_artefact(bills: &Bills<'_>, old: &Component, new: &Component) -> Option<(String, String)> {
    if bills.compares(Attribute::Bytes) { other_bytes(&old.hashes, &new.hashes) } else { None }
}

/// What is installed, where both sides digested it.
fn other_contents(old: &Component, new: &Component) -> Option<(String, String)> {
    let (from, to) = other_bytes(&old.contents, &new.contents)?;
    Some((format!("contents {from}"), format!("contents {to}")))
}

/// The digests of the strongest algorithm that both sides give, where they have none in common.
fn other_bytes(old: &[Hash], new: &[Hash]) -> Option<(String, String)> {
    if old == new {
        return None;
    }
    HashAlgorithm::ALL.iter().rev().find_map(|algorithm| {
        let of = |hashes: &[Hash]| -> BTreeSet<String> {
            let same = hashes.iter().filter(|hash| hash.algorithm == *algorithm);
            same.map(|hash| hash.hex.clone()).collect()
        };
        let (from, to) = (of(old), of(new));
        let (first, second) = (from.first()?, to.first()?);
        let text = |hex: &str| format!("{}:{hex}", algorithm.name().to_lowercase().replace('-', ""));
        Some((from.is_disjoint(&to)).then(|| (text(first), text(second))))
    })?
}

/// The registry, else the repository of the source code, where both sides name one and they differ.
fn other_source(old: &Component, new: &Component) -> Option<(String, String)> {
    let readers: [fn(&Component) -> Option<String>; 3] = [
        |component| {
            component.purl.as_ref().and_then(|purl| purl.qualifier("repository_url")).map(host_and_path)
        },
        |component| component.download.as_deref().map(host),
        |component| {
            let qualifier = component.purl.as_ref().and_then(|purl| Purl::qualifier(purl, "vcs_url"));
            qualifier.or(component.vcs.as_deref()).map(host_and_path)
        },
    ];
    readers.iter().find_map(|read| {
        let (from, to) = (read(old)?, read(new)?);
        (from != to).then_some((from, to))
    })
}

/// A URL without its scheme, user, revision and the `.git` at its end.
fn host_and_path(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['#', '?']).next().unwrap_or(rest);
    let rest = rest.split_once('@').map_or(rest, |(before, after)| {
        // `git@host/x`, or `host/x@revision`.
        if before.contains('/') { before } else { after }
    });
    rest.trim_end_matches('/').trim_end_matches(".git").to_lowercase()
}

fn host(url: &str) -> String {
    host_and_path(url).split('/').next().unwrap_or_default().to_owned()
}

fn other_supplier(old: &Component, new: &Component) -> Option<(String, String)> {
    let (from, to) = (old.supplier.as_deref()?, new.supplier.as_deref()?);
    (name_of(from) != name_of(to)).then(|| (from.to_owned(), to.to_owned()))
}

/// A supplier's name without SPDX's prefix and without the address.
fn name_of(supplier: &str) -> String {
    let name = supplier.trim();
    let name = ["Organization:", "Person:"].iter().find_map(|word| name.strip_prefix(word)).unwrap_or(name);
    let name = name.split(['<', '(']).next().unwrap_or(name);
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check, check_one_way};

    #[test]
    fn the_same_version_with_other_bytes() {
        check(
            &[
                "pkg:npm/a@1.0.0 sha256=aa",
                "pkg:deb/debian/b@1.0 sha256=aa",
                "pkg:pypi/c@1 sha256=aa sha256=bb",
            ],
            &[
                "pkg:npm/a@1.0.0 sha256=ab",
                "pkg:deb/debian/b@1.0 sha256=ab",
                "pkg:pypi/c@1 sha256=bb sha256=cc",
            ],
            expect![[r#"
                replaced pkg:npm/a sha256:aa → sha256:ab
                rebuilt pkg:deb/debian/b sha256:aa → sha256:ab rebuild
            "#]],
        );
    }

    #[test]
    fn the_same_artefact_installed_otherwise() {
        check(
            &[
                "pkg:npm/a@1 sha256=aa contents=01",
                "pkg:deb/debian/b@1 contents=01",
                "pkg:npm/c@1 contents=01",
            ],
            &["pkg:npm/a@1 sha256=aa contents=02", "pkg:deb/debian/b@1 contents=02", "pkg:npm/c@1"],
            expect![[r#"
                replaced pkg:npm/a contents sha256:01 → contents sha256:02
                rebuilt pkg:deb/debian/b contents sha256:01 → contents sha256:02 rebuild
            "#]],
        );
    }

    #[test]
    fn supplier_source_and_files() {
        check_one_way(
            &[
                "pkg:deb/debian/a@1 supplier=Debian_<a@debian.org>",
                "pkg:npm/b@1 from=https://registry.npmjs.org/b-1.tgz",
                "pkg:rpm/fedora/c@1-1",
            ],
            &[
                "pkg:deb/debian/a@1 supplier=Somebody_<b@example.org>",
                "pkg:npm/b@1 from=https://npm.example.org/b-1.tgz",
                "pkg:rpm/fedora/c@1-1 altered=etc/c.conf",
            ],
            expect![[r#"
                source-changed pkg:npm/b registry.npmjs.org → npm.example.org
                supplier-changed pkg:deb/debian/a Debian <a@debian.org> → Somebody <b@example.org>
                files-modified pkg:rpm/fedora/c – → etc/c.conf
            "#]],
        );
    }
}

//! `bun.lockb`: what Bun before 1.2 resolved for a project, as it lay in Bun's memory.
//!
//! Behind a header stand the packages, one column after another (names, where each came from, which slices of
//! the lists below are its dependencies and what they resolved to, digests), then six lists, each behind a
//! pair of file positions and the name of its type. Format 2 has versions of 32-bit numbers, format 3 of 64.
//! Short texts stand in their eight bytes; longer ones are a place and a length in the last list.
//! Where a `bun.lock` lies beside, Bun reads that one, and so do we.
//! Spec: <https://bun.com/docs/pm/lockfile>; the layout is that of Bun's `src/install/lockfile`.

use super::super::locked::{self, Locked};
use super::super::node;
use super::super::{Ecosystem, File, ParseError, Parsed, Problem, Problems, nothing_beside};
use crate::bom::{Hash, HashAlgorithm, Scope};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "bun-lockb",
    about: "packages locked by Bun in the binary bun.lockb",
    reads: &["**/bun.lockb"],
    beside: &["**/bun.lock"],
    spec: "https://bun.com/docs/pm/lockfile",
    parse,
    enrich: nothing_beside,
};

const MAGIC: &[u8] = b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n";
/// Behind the format's number and the digest of the whole.
const SIZES: usize = MAGIC.len() + 4 + 32;
const DEPENDENCY: usize = 26;
const DIGESTS: usize = 88;
/// Among the bits that say how much a dependency is needed.
const OPTIONAL: u8 = 1 << 2;
const DEV: u8 = 1 << 3;

fn parse(file: &File<'_>, tree: &Tree) -> Result<Parsed, ParseError> {
    if node::is_in_package(file.path) || tree.read(file.path.trim_end_matches('b')).is_some() {
        return Ok(Parsed::default());
    }
    let lockfile = Lockfile::of(file.bytes).ok_or_else(|| {
        ParseError::new(None, "is no lockfile of Bun of a format that is known, or is cut short")
    })?;
    let mut problems = Problems::new();
    let mut list = Vec::new();
    for index in 0..lockfile.count {
        match lockfile.package(index) {
            Ok(locked) => list.push(locked),
            Err(reason) => {
                problems.push(Problem::new(None, reason));
                // The places of the others count it.
                list.push(Locked { line: None, ..Locked::new(locked::own("", None), 1) });
            }
        }
    }
    for (index, locked) in list.iter_mut().enumerate() {
        locked.needs = Some(lockfile.needs(index));
    }
    locked::work_out_scopes(&mut list);
    Ok(Parsed { packages: locked::packages(file.path, list), problems })
}

struct Lockfile<'a> {
    count: usize,
    names: &'a [u8],
    /// Where each came from, `width` bytes each.
    origins: &'a [u8],
    width: usize,
    /// Pairs of a place in `dependencies` or `resolutions`, and how many.
    needs: &'a [u8],
    needs_resolved: &'a [u8],
    digests: &'a [u8],
    resolutions: &'a [u8],
    dependencies: &'a [u8],
    texts: &'a [u8],
}

impl<'a> Lockfile<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let number = u32_at(bytes.strip_prefix(MAGIC)?, 0)?;
        let width = match number {
            2 => 64,
            3 => 72,
            _ => return None,
        };
        let count = usize::try_from(u64_at(bytes, SIZES + 8)?).ok().filter(|count| *count < bytes.len())?;
        let mut end = usize::try_from(u64_at(bytes, SIZES + 40)?).ok()?;
        let mut at = usize::try_from(u64_at(bytes, SIZES + 32)?).ok()?;
        let mut column = |width: usize| {
            let column = bytes.get(..end)?.get(at..at.checked_add(count.checked_mul(width)?)?)?;
            at += column.len();
            Some(column)
        };
        let names = column(8)?;
        column(8)?;
        let origins = column(width)?;
        let (needs, needs_resolved) = (column(8)?, column(8)?);
        let digests = column(DIGESTS)?;
        let mut lists = [&bytes[..0]; 6];
        for list in &mut lists {
            let next = usize::try_from(u64_at(bytes, end + 8)?).ok().filter(|next| *next > end)?;
            *list = bytes.get(usize::try_from(u64_at(bytes, end)?).ok()?..next)?;
            end = next;
        }
        let [_, _, resolutions, dependencies, _, texts] = lists;
        Some(Self {
            count,
            names,
            origins,
            width,
            needs,
            needs_resolved,
            digests,
            resolutions,
            dependencies,
            texts,
        })
    }

    fn text(&self, bytes: &'a [u8], at: usize) -> Option<&'a str> {
        let text = bytes.get(at..at.checked_add(8)?)?;
        let text = if text[7] & 0x80 == 0 {
            &text[..text.iter().position(|byte| *byte == 0).unwrap_or(8)]
        } else {
            let start = usize::try_from(u32_at(text, 0)?).ok()?;
            let length = usize::try_from(u32_at(text, 4)? & 0x7fff_ffff).ok()?;
            self.texts.get(start..start.checked_add(length)?)?
        };
        std::str::from_utf8(text).ok()
    }

    fn package(&self, index: usize) -> Result<Locked, String> {
        let name = self.text(self.names, index * 8).ok_or("the name of a package lies outside the file")?;
        let origin = &self.origins[index * self.width..][..self.width];
        let text = |at: usize| self.text(origin, at).unwrap_or_default();
        let mut component = match origin[0] {
            // The project, its folders, and archives in them.
            0 | 1 | 4 | 8 | 64 | 72 => locked::own(name, None),
            2 => {
                let version = self.version(origin).ok_or_else(|| format!("`{name}` has no version"))?;
                node::locked(name, Some(&version), text(8))?
            }
            // The commit stands last in the name of the archive that GitHub made of it.
            16 => {
                let commit = text(32).rsplit('-').next().unwrap_or_default();
                node::locked(
                    name,
                    None,
                    &format!("git+https://github.com/{}/{}.git#{commit}", text(8), text(16)),
                )?
            }
            32 => {
                let place = text(16);
                let git = if place.starts_with("git") { "" } else { "git+" };
                node::locked(name, None, &format!("{git}{place}#{}", text(32)))?
            }
            80 => node::locked(name, None, text(8))?,
            other => return Err(format!("`{name}` comes from a place of the unknown kind {other}")),
        };
        component.hashes.extend(self.digest(index));
        Ok(Locked { line: None, ..Locked::new(component, 1) })
    }

    fn version(&self, origin: &'a [u8]) -> Option<String> {
        let (numbers, at) = if self.width == 64 {
            ([16, 20, 24].map(|at| u32_at(origin, at).map(u64::from)), 32)
        } else {
            ([16, 24, 32].map(|at| u64_at(origin, at)), 40)
        };
        let [major, minor, patch] = numbers;
        let mut version = format!("{}.{}.{}", major?, minor?, patch?);
        for (mark, at) in [("-", at), ("+", at + 16)] {
            let word = self.text(origin, at)?;
            if !word.is_empty() {
                version.push_str(mark);
                version.push_str(word);
            }
        }
        Some(version)
    }

    fn digest(&self, index: usize) -> Option<Hash> {
        let digest = &self.digests[index * DIGESTS + 20..][..65];
        let (algorithm, length) = match digest[0] {
            1 => (HashAlgorithm::Sha1, 20),
            2 => (HashAlgorithm::Sha256, 32),
            3 => (HashAlgorithm::Sha384, 48),
            4 => (HashAlgorithm::Sha512, 64),
            _ => return None,
        };
        Hash::from_bytes(algorithm, &digest[1..=length])
    }

    /// What was resolved, and how much it is needed. What is not there has a place beyond all packages.
    fn needs(&self, index: usize) -> Vec<(usize, Scope)> {
        let slice = |list: &[u8]| {
            let (start, length) = (u32_at(list, index * 8)?, u32_at(list, index * 8 + 4)?);
            Some((usize::try_from(start).ok()?, usize::try_from(length).ok()?))
        };
        let (Some((wanted, _)), Some((start, length))) = (slice(self.needs), slice(self.needs_resolved))
        else {
            return Vec::new();
        };
        let length = length.min(self.resolutions.len() / 4);
        let need = |offset: usize| {
            let target = u32_at(self.resolutions, start.checked_add(offset)?.checked_mul(4)?)?;
            let behaviour = wanted.checked_add(offset)?.checked_mul(DEPENDENCY)?.checked_add(16)?;
            let scope = match self.dependencies.get(behaviour)? {
                bits if bits & DEV != 0 => Scope::Dev,
                bits if bits & OPTIONAL != 0 => Scope::Optional,
                _ => Scope::Required,
            };
            usize::try_from(target).ok().filter(|target| *target < self.count).map(|target| (target, scope))
        };
        (0..length).filter_map(need).collect()
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check_bytes;
    use super::*;

    /// A package: its name, kind and texts of its origin, version, and what it needs with the bits of how much.
    struct Row {
        name: &'static str,
        kind: u8,
        texts: &'static [&'static str],
        version: [u8; 3],
        before_final: &'static str,
        needs: &'static [(u32, u8)],
    }

    const fn row(name: &'static str, version: [u8; 3], needs: &'static [(u32, u8)]) -> Row {
        Row { name, kind: 2, texts: &[""], version, before_final: "", needs }
    }

    /// Writes a text as Bun does, into eight bytes or into the list of texts.
    fn text(text: &str, texts: &mut Vec<u8>) -> [u8; 8] {
        let mut bytes = [0; 8];
        if text.len() <= 8 && text.as_bytes().get(7).is_none_or(u8::is_ascii) {
            bytes[..text.len()].copy_from_slice(text.as_bytes());
        } else {
            bytes[..4].copy_from_slice(&(texts.len() as u32).to_le_bytes());
            bytes[4..].copy_from_slice(&(text.len() as u32 | 1 << 31).to_le_bytes());
            texts.extend(text.as_bytes());
        }
        bytes
    }

    fn origin(row: &Row, format: u32, texts: &mut Vec<u8>) -> Vec<u8> {
        let mut bytes = vec![row.kind, 0, 0, 0, 0, 0, 0, 0];
        for part in row.texts {
            bytes.extend(text(part, texts));
        }
        if row.kind == 2 {
            for number in row.version {
                bytes.extend(&u64::from(number).to_le_bytes()[..if format == 2 { 4 } else { 8 }]);
            }
            bytes.resize(if format == 2 { 32 } else { 40 }, 0);
            bytes.extend(text(row.before_final, texts));
        }
        bytes.resize(if format == 2 { 64 } else { 72 }, 0);
        bytes
    }

    fn lockfile(format: u32, rows: &[Row]) -> Vec<u8> {
        let (mut names, mut origins, mut slices, mut digests) = (vec![], vec![], vec![], vec![]);
        let (mut resolutions, mut dependencies, mut texts) = (vec![], vec![], vec![]);
        for row in rows {
            names.extend(text(row.name, &mut texts));
            origins.extend(origin(row, format, &mut texts));
            slices.extend((resolutions.len() as u32 / 4).to_le_bytes());
            slices.extend((row.needs.len() as u32).to_le_bytes());
            for (target, bits) in row.needs {
                resolutions.extend(target.to_le_bytes());
                dependencies.extend([&[0; 16][..], &[*bits], &[0; 9]].concat());
            }
            digests.extend([&[0; 20][..], &[u8::from(row.kind == 2)], &[0xab; 67]].concat());
        }
        let columns = [names, vec![0; rows.len() * 8], origins, slices.clone(), slices, digests].concat();
        let mut file = [MAGIC, &format.to_le_bytes(), &[0; 32]].concat();
        let start = SIZES + 48;
        for number in [0, rows.len(), 8, 8, start, start + columns.len()] {
            file.extend((number as u64).to_le_bytes());
        }
        file.extend(columns);
        for list in [vec![], vec![], resolutions, dependencies, vec![], texts] {
            let start = file.len() + 16 + 7;
            file.extend((start as u64).to_le_bytes());
            file.extend(((start + list.len()) as u64).to_le_bytes());
            file.extend(b"\n<u32>\n");
            file.extend(list);
        }
        file
    }

    const ROWS: &[Row] = &[
        Row {
            name: "app",
            kind: 1,
            texts: &[],
            version: [0; 3],
            before_final: "",
            needs: &[(1, 2), (2, DEV), (3, OPTIONAL), (5, 2), (u32::MAX, OPTIONAL)],
        },
        row("@types/node", [20, 10, 0], &[(4, 2)]),
        row("ms", [2, 1, 3], &[]),
        row("fsevents", [2, 3, 3], &[]),
        Row { before_final: "canary-20240101", ..row("undici-types", [5, 26, 5], &[]) },
        Row {
            kind: 16,
            texts: &[
                "sindresorhus",
                "is-odd",
                "",
                "sindresorhus-is-odd-0123456789abcdef0123456789abcdef01234567",
            ],
            ..row("is-odd", [0; 3], &[])
        },
    ];

    #[test]
    fn both_formats_say_the_same() {
        for format in [2, 3] {
            check_bytes(
                &ECOSYSTEM,
                &[("bun.lockb", lockfile(format, ROWS).as_slice())],
                expect![[r#"
                application:app application first-party needs [%40types/node@20.10.0, fsevents@2.3.3, is-odd, ms@2.1.3]
                pkg:npm/%40types/node@20.10.0 SHA-1:abababab needs [undici-types@5.26.5-canary-20240101]
                pkg:npm/fsevents@2.3.3 optional SHA-1:abababab needs []
                pkg:npm/is-odd?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fsindresorhus%2Fis-odd.git%400123456789abcdef0123456789abcdef01234567 needs []
                pkg:npm/ms@2.1.3 dev SHA-1:abababab needs []
                pkg:npm/undici-types@5.26.5-canary-20240101 SHA-1:abababab needs []
            "#]],
            );
        }
    }

    #[test]
    fn the_text_beside_it_is_read_instead() {
        let file = lockfile(3, ROWS);
        check_bytes(
            &ECOSYSTEM,
            &[("bun.lockb", file.as_slice()), ("bun.lock", b"{}"), ("node_modules/x/bun.lockb", b"")],
            expect![[r#""#]],
        );
    }

    #[test]
    fn what_is_cut_short_or_lies_outside_is_a_gap() {
        let whole = lockfile(3, ROWS);
        let mut unknown =
            lockfile(2, &[row("x", [1, 0, 0], &[(9, 2)]), Row { kind: 7, ..row("y", [0; 3], &[]) }]);
        check_bytes(
            &ECOSYSTEM,
            &[
                ("a/bun.lockb", &whole[..whole.len() - 1]),
                ("b/bun.lockb", &whole[..200]),
                ("c/bun.lockb", unknown.as_slice()),
                ("d/bun.lockb", MAGIC),
            ],
            expect![[r#"
                pkg:npm/x@1.0.0 SHA-1:abababab needs []
                gap a/bun.lockb: is no lockfile of Bun of a format that is known, or is cut short
                gap b/bun.lockb: is no lockfile of Bun of a format that is known, or is cut short
                gap c/bun.lockb: `y` comes from a place of the unknown kind 7
                gap d/bun.lockb: is no lockfile of Bun of a format that is known, or is cut short
            "#]],
        );
        for at in SIZES..unknown.len() {
            unknown[at] ^= 0xff;
            if let Some(lockfile) = Lockfile::of(&unknown) {
                for index in 0..lockfile.count {
                    let _ = (lockfile.package(index), lockfile.needs(index));
                }
            }
            unknown[at] ^= 0xff;
        }
    }
}

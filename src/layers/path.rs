//! Paths inside a subject: relative to its root, `/` between names, no `.`, no `..`, no leading slash.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Brings a name as an archive writes it into our form: `./usr//lib/` becomes `usr/lib`.
///
/// Bytes that are not UTF-8 are written `\xNN`, and so is an exclamation mark at the end of a name: such a name
/// with something below it is that of a file we looked into ([`super::inside`]). The root itself is the empty string. `None` when the name
/// climbs out of the root.
pub fn clean(name: &[u8]) -> Option<String> {
    if let Some(path) = clean_already(name) {
        return Some(path.to_owned());
    }
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let mut path = String::with_capacity(name.len());
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            path.push('/');
        }
        push_name(&mut path, part);
    }
    Some(path)
}

/// A name that is in our form but for what stands before and behind it, as nearly all are.
fn clean_already(name: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.strip_prefix("./").unwrap_or(name);
    let name = name.strip_suffix('/').unwrap_or(name);
    let bytes = name.as_bytes();
    let is_plain = |part: &[u8]| !matches!(part, b"" | b"." | b"..") && part.last() != Some(&b'!');
    let has_odd_ends = matches!(bytes, [] | [b'/' | b'.', ..] | [.., b'/']);
    let is_odd = has_odd_ends
        || memchr::memchr(b'!', bytes).is_some()
        || ODD.iter().any(|odd| odd.find(bytes).is_some());
    (!is_odd || bytes.split(|byte| *byte == b'/').all(is_plain)).then_some(name)
}

/// What a name may have to be looked at for, part by part.
static ODD: LazyLock<[Finder<'_>; 2]> = LazyLock::new(|| [Finder::new("//"), Finder::new("/.")]);

fn push_name(path: &mut String, name: &[u8]) {
    let marks = name.iter().rev().take_while(|byte| **byte == b'!').count();
    for chunk in name[..name.len() - marks].utf8_chunks() {
        path.push_str(chunk.valid());
        for byte in chunk.invalid() {
            path.push_str(&format!("\\x{byte:02x}"));
        }
    }
    path.push_str(&"\\x21".repeat(marks));
}

/// The folder a path lies in; the empty string for names at the root.
pub fn parent(path: &str) -> &str {
    memchr::memrchr(b'/', path.as_bytes()).map_or("", |slash| &path[..slash])
}

/// How many bytes of a folder are the folders that it has in common with another, itself where it lies in that one.
pub(super) fn in_common(folder: &str, other: &str) -> usize {
    let same = folder.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let ends = |path: &str| matches!(path.as_bytes().get(same), None | Some(b'/'));
    if ends(folder) && ends(other) {
        return same;
    }
    folder.as_bytes()[..same].iter().rposition(|byte| *byte == b'/').unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_path_is_one_path() {
        for name in ["usr/lib", "./usr/lib", "/usr/lib/", "usr//./lib", "usr/x/../lib"] {
            assert_eq!(clean(name.as_bytes()).as_deref(), Some("usr/lib"), "{name}");
        }
        assert_eq!(clean(b"./").as_deref(), Some(""));
        for name in ["a/..b/.c/...", ".a", "..a/b", "!a/!b"] {
            assert_eq!(clean(name.as_bytes()).as_deref(), Some(name));
        }
        for (name, path) in [("a/.", "a"), ("a/..", ""), (".", ""), ("a!", "a\\x21"), ("a!/b", "a\\x21/b")] {
            assert_eq!(clean(name.as_bytes()).as_deref(), Some(path), "{name}");
        }
    }

    #[test]
    fn a_path_that_climbs_out_is_refused() {
        assert_eq!(clean(b"../etc/passwd"), None);
        assert_eq!(clean(b"a/../../b"), None);
    }

    #[test]
    fn bytes_that_are_no_text_stay_apart() {
        assert_eq!(clean(b"caf\xe9/x").as_deref(), Some("caf\\xe9/x"));
        assert_ne!(clean(b"caf\xe9"), clean(b"caf\xe8"));
    }

    #[test]
    fn no_real_path_looks_like_one_inside_a_file() {
        assert_eq!(clean(b"a.jar!/x").as_deref(), Some("a.jar\\x21/x"));
        assert_eq!(clean(b"a!b/wow!!").as_deref(), Some("a!b/wow\\x21\\x21"));
        assert_eq!(clean(b"a.jar\\x21/x").as_deref(), Some("a.jar\\x21/x"));
    }

    #[test]
    fn folders_in_common_are_whole_names() {
        let common = |folder: &str, other: &str| folder[..in_common(folder, other)].to_owned();
        assert_eq!(common("usr/lib/x", "usr/lib/y"), "usr/lib");
        assert_eq!(common("usr/lib/x", "usr/lib"), "usr/lib");
        assert_eq!(common("usr/lib", "usr/lib/x"), "usr/lib");
        assert_eq!(common("usr/lib", "usr/lib32"), "usr");
        assert_eq!(common("usr/lib32/x", "usr/lib/x"), "usr");
        assert_eq!(common("usr/lib", "usr/lib"), "usr/lib");
        assert_eq!(common("usr", "var"), "");
        assert_eq!(common("é/a", "è/a"), "");
        assert_eq!(common("a/é", "a/è"), "a");
    }

    #[test]
    fn the_folder_of_a_path() {
        assert_eq!(parent("usr/lib/x"), "usr/lib");
        assert_eq!(parent("x"), "");
    }
}

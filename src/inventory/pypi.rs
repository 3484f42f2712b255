//! What Python's package managers have in common: how a package is named in a purl, and which digest stands
//! for it.

use super::integrity;
use super::pep508::normalized;
use crate::bom::{Hash, HashAlgorithm, Purl, PurlError};

/// The purl of a package from an index, with its name in the form under which Python's tools compare names.
///
/// # Errors
/// When there is no name.
pub(super) fn purl(
    name: &str,
    version: Option<&str>,
    qualifiers: &[(&str, &str)],
) -> Result<Purl, PurlError> {
    Purl::new("pypi", None, &normalized(name), version, qualifiers)
}

/// Which of a release's many files stands for it: the only one, else the source archive, else the only wheel
/// for every platform. Which wheel was or will be installed a lockfile does not say, and a component with a
/// digest for each platform would claim to be all of them.
pub(super) fn hash_of<'a>(files: impl IntoIterator<Item = (&'a str, Hash)>) -> Option<Hash> {
    let files: Vec<(&str, Hash)> = files.into_iter().collect();
    if let [(_, hash)] = files.as_slice() {
        return Some(hash.clone());
    }
    let is_source =
        |name: &str| [".tar.gz", ".zip", ".tar.bz2", ".tgz"].iter().any(|end| name.ends_with(end));
    only(&files, is_source).or_else(|| only(&files, |name| name.ends_with("-none-any.whl")))
}

fn only(files: &[(&str, Hash)], wanted: impl Fn(&str) -> bool) -> Option<Hash> {
    let mut found = files.iter().filter(|(name, _)| wanted(name));
    match (found.next(), found.next()) {
        (Some((_, hash)), None) => Some(hash.clone()),
        _ => None,
    }
}

/// `sha256:2cf2…`, as lockfiles write it.
pub(super) fn hash(text: &str) -> Option<Hash> {
    let (algorithm, hex) = text.split_once([':', '='])?;
    Hash::from_hex(HashAlgorithm::from_name(algorithm)?, hex)
}

/// A digest in the base 64 of file names, without padding, as `RECORD` has it: `sha256=47DEQ…`.
pub(super) fn record_hash(text: &str) -> Option<Hash> {
    let (algorithm, encoded) = text.split_once('=')?;
    integrity::from_base64(HashAlgorithm::from_name(algorithm)?, encoded)
}

/// The file name of the wheel that was installed, from the name of its metadata's folder and from its `WHEEL`, which
/// has one `Tag` for each combination of what the name joins with dots: `py2.py3-none-any`. Absent where the tags are
/// no such combinations.
///
/// Spec: <https://packaging.python.org/en/latest/specifications/binary-distribution-format/>
pub(super) fn wheel_name(folder: &str, wheel: &str) -> Option<String> {
    let name = folder.strip_suffix(".dist-info")?;
    let field = |line: &'_ str, key: &str| line.strip_prefix(key).map(|value| value.trim().to_owned());
    let build = wheel.lines().find_map(|line| field(line, "Build:"));
    let tags: Vec<String> = wheel.lines().filter_map(|line| field(line, "Tag:")).take(100).collect();
    let mut parts: [Vec<&str>; 3] = Default::default();
    for tag in &tags {
        let mut words = tag.splitn(3, '-');
        for part in &mut parts {
            let word = words.next().filter(|word| !word.is_empty() && !word.contains(['/', ' ']))?;
            if !part.contains(&word) {
                part.push(word);
            }
        }
    }
    let combinations: usize = parts.iter().map(Vec::len).product();
    let [python, abi, platform] = parts.map(|part| part.join("."));
    let build = build.map_or_else(String::new, |build| format!("-{build}"));
    (combinations == tags.len() && combinations > 0)
        .then(|| format!("{name}{build}-{python}-{abi}-{platform}.whl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_in_base_64_is_the_same_digest() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let hash = Hash::from_hex(HashAlgorithm::Sha256, empty);
        assert_eq!(record_hash("sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"), hash);
        for broken in
            ["", "sha256=", "sha256=47DEQpj8", "crc=00", "sha256=é", &format!("md5={}", "A".repeat(999))]
        {
            assert_eq!(record_hash(broken), None, "{broken:.20}");
        }
    }

    #[test]
    fn a_release_is_known_by_its_source() {
        let hash = |digit: char| Hash { algorithm: HashAlgorithm::Md5, hex: digit.to_string().repeat(32) };
        let (one, two, three) = (hash('1'), hash('2'), hash('3'));
        let files = [
            ("a-1-cp39-win32.whl", one.clone()),
            ("a-1.tar.gz", two.clone()),
            ("a-1-py3-none-any.whl", three.clone()),
        ];
        assert_eq!(hash_of(files.clone()), Some(two));
        assert_eq!(hash_of([files[0].clone(), files[2].clone()]), Some(three));
        assert_eq!(hash_of([files[0].clone()]), Some(one));
        assert_eq!(hash_of([files[0].clone(), files[0].clone()]), None);
    }

    #[test]
    fn the_name_of_a_wheel_follows_from_its_tags() {
        let check = |tags: &str, expected: Option<&str>| {
            assert_eq!(wheel_name("x_y-1.0.dist-info", tags).as_deref(), expected, "{tags}");
        };
        check("Wheel-Version: 1.0\nTag: py3-none-any\n", Some("x_y-1.0-py3-none-any.whl"));
        check("Tag: py2-none-any\nTag: py3-none-any\n", Some("x_y-1.0-py2.py3-none-any.whl"));
        check(
            "Build: 1\nTag: cp311-abi3-manylinux_2_17_x86_64\nTag: cp311-abi3-manylinux2014_x86_64\n",
            Some("x_y-1.0-1-cp311-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
        );
        check("Tag: py2-none-any\nTag: py3-abi3-any\n", None);
        check("Tag: py3\n", None);
        check("", None);
        assert_eq!(wheel_name("x.egg-info", "Tag: py3-none-any\n"), None);
    }
}

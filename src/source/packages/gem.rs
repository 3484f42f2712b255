//! Gems: a tar of the specification, packed and as YAML, and of a tar of the files.
//!
//! Spec: <https://guides.rubygems.org/specification-reference/>

use std::io::Read;

use super::record;
use crate::layers::Extract;
use crate::source::decompress::{Compression, Unpacked};

/// The members that every gem has.
pub(in crate::source) const METADATA: &str = "metadata.gz";
pub(in crate::source) const FILES: &str = "data.tar.gz";

/// No honest specification is larger.
const MOST_METADATA: u64 = 16 << 20;

/// The files where installing puts them, with the specification where it would stand. `None` where the specification
/// cannot be unpacked.
pub(in crate::source) fn installed(metadata: &[u8], mut files: Extract) -> Option<Extract> {
    let mut text = Vec::new();
    let mut data = Unpacked::new(Compression::Gzip, metadata, MOST_METADATA).ok()?;
    data.read_to_end(&mut text).ok()?;
    let name = full_name(&String::from_utf8_lossy(&text));
    let moved = |path: &str| format!("gems/{name}/{path}");
    for entry in &mut files.entries {
        entry.path = moved(&entry.path).into();
    }
    for gap in files.gaps.iter_mut().filter(|gap| !gap.path.is_empty()) {
        gap.path = moved(&gap.path);
    }
    files.entries.push(record(format!("specifications/{name}.gemspec"), text));
    Some(files)
}

/// Name, version and platform as the folder of an installed gem has them.
fn full_name(specification: &str) -> String {
    let value = |key: &str| {
        let line = specification.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.map(|text| text.trim().trim_matches(['\'', '"'])).filter(|text| !text.is_empty())
    };
    let version = value("  version").or_else(|| value("version"));
    let platform = value("platform").filter(|platform| *platform != "ruby");
    let parts = [value("name"), version, platform];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join("-");
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.+".contains(letter);
    let name: String = name.chars().filter(|letter| is_plain(*letter)).take(200).collect();
    if name.trim_matches('.').is_empty() { "gem".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gem_is_called_by_name_version_and_platform() {
        let of = |text: &str| full_name(text);
        let head = "--- !ruby/object:Gem::Specification\nname: rack\nversion: !ruby/object:Gem::Version\n  version: 3.0.8\n";
        assert_eq!(of(&format!("{head}platform: ruby\n")), "rack-3.0.8");
        assert_eq!(of(&format!("{head}platform: x86_64-linux\n")), "rack-3.0.8-x86_64-linux");
        assert_eq!(of("name: ../../etc\nversion: '1'\n"), "....etc-1");
        assert_eq!(of("name: ..\n"), "gem");
        assert_eq!(of(""), "gem");
    }
}

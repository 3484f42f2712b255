//! Files whose content is no longer what their package recorded.
//!
//! Only where digests were asked for. A file that is not there is no alteration: images leave documentation and
//! translations out on purpose. A file of several packages is altered when no package that claims it recorded
//! what it holds now: a diversion or an alternative is nobody's alteration.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use super::owners::Folders;
use crate::bom::{Components, Hash, HashAlgorithm, Ref};
use crate::layers::{DIGESTS, Tree};

/// Notes the altered files of each component.
pub(super) fn note(components: &mut Components, found: &[Found], tree: &Tree) {
    let mut folders = Folders::of(tree);
    // By path: whether some package recorded what is there, and who recorded something else.
    let mut files: BTreeMap<String, (bool, BTreeSet<Ref>)> = BTreeMap::new();
    for found in found {
        let recorded = found.files.iter().filter_map(|file| Some((file, file.digest.as_ref()?)));
        for (file, recorded) in recorded {
            let path = folders.real(&file.path);
            let Some(same) = tree.read(&format!("{path}!/{DIGESTS}")).and_then(|now| is_same(now, recorded))
            else {
                continue;
            };
            let (known, others) = files.entry(path.into_owned()).or_default();
            *known |= same;
            if !same {
                others.insert(found.component.reference());
            }
        }
    }
    for (path, (known, others)) in files {
        for reference in others.iter().filter(|_| !known) {
            if let Some(component) = components.get_mut(reference) {
                component.altered.push(path.clone());
            }
        }
    }
}

/// `None` for an algorithm whose digest was not taken.
fn is_same(digests: &[u8], recorded: &Hash) -> Option<bool> {
    let name = match recorded.algorithm {
        HashAlgorithm::Md5 => "md5",
        HashAlgorithm::Sha1 => "sha1",
        HashAlgorithm::Sha256 => "sha256",
        HashAlgorithm::Sha384 | HashAlgorithm::Sha512 => return None,
    };
    let digests = std::str::from_utf8(digests).ok()?;
    let now =
        digests.lines().filter_map(|line| line.split_once(' ')).find(|(algorithm, _)| *algorithm == name);
    now.map(|(_, hex)| hex == recorded.hex)
}

#[cfg(test)]
mod tests {
    use crate::inventory::ecosystems::testing::layered;

    const STATUS: &str = "Package: ls\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n";

    #[test]
    fn a_file_that_was_changed_after_installation_is_named() {
        let sums = "00000000000000000000000000000001  usr/bin/ls\n\
                    00000000000000000000000000000002  usr/bin/dir\n\
                    00000000000000000000000000000003  usr/share/doc/ls/copyright\n";
        let bom = layered(&[&[
            ("bin", "->usr/bin"),
            ("var/lib/dpkg/status", STATUS),
            ("var/lib/dpkg/info/ls.list", "/.\n/bin/ls\n/bin/dir\n/usr/share/doc/ls/copyright\n"),
            ("var/lib/dpkg/info/ls.md5sums", &sums.replace("usr/bin/", "bin/")),
            ("usr/bin/ls!/.digests", "md5 00000000000000000000000000000009\nsha1 00\n"),
            ("usr/bin/dir!/.digests", "md5 00000000000000000000000000000002\nsha1 00\n"),
        ]]);
        let component = bom.components.values().next().expect("one");
        assert_eq!(*component.altered, ["usr/bin/ls"]);
    }
}

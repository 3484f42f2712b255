//! The texts of the SPDX list's licences and exceptions, as the list prints them.
//!
//! Embedded as one compressed stream: 4 MB of text that are rarely needed. Ids that share a text (`-only` and
//! `-or-later`) share it here.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::data;

/// Far more than the texts have; the stream is ours, so this only bounds a mistake.
const LONGEST: usize = 64 << 20;

/// The text of a licence or exception of the list. Absent for ids the list does not have.
pub fn license_text(id: &str) -> Option<&'static str> {
    static BY_ID: OnceLock<BTreeMap<&'static str, &'static str>> = OnceLock::new();
    BY_ID
        .get_or_init(|| all().flat_map(|(ids, text)| ids.split(' ').map(move |id| (id, text))).collect())
        .get(id)
        .copied()
}

/// Every text with its ids, by a space.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    static TEXTS: OnceLock<String> = OnceLock::new();
    let texts = TEXTS.get_or_init(|| {
        let bytes = zstd::bulk::decompress(data::TEXTS, LONGEST).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    });
    texts.split('\0').filter_map(|entry| entry.split_once('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stream's contents made anew from the crate that carries the list.
    fn made_anew() -> String {
        let mut ids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let texts = spdx::text::LICENSE_TEXTS.iter().chain(spdx::text::EXCEPTION_TEXTS);
        for (id, text) in texts.filter(|(id, _)| *id != "NOASSERTION") {
            ids.entry(text).or_default().push(id);
        }
        let mut entries: Vec<String> =
            ids.into_iter().map(|(text, ids)| format!("{}\n{text}", ids.join(" "))).collect();
        entries.sort();
        entries.join("\0")
    }

    /// To make the file anew after the list changed: `UPDATE_EXPECT=1 cargo test --lib the_texts_are`.
    #[test]
    fn the_texts_are_those_of_the_list() {
        let anew = made_anew();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/licenses/texts.zst");
            if zstd::bulk::decompress(data::TEXTS, LONGEST).ok().as_deref() != Some(anew.as_bytes()) {
                std::fs::write(path, zstd::bulk::compress(anew.as_bytes(), 22).expect("compresses"))
                    .expect("writes");
            }
        } else {
            let shipped = all().map(|(ids, text)| format!("{ids}\n{text}")).collect::<Vec<_>>().join("\0");
            assert!(shipped == anew, "licenses/texts.zst is not the list's");
        }
    }

    #[test]
    fn every_id_has_its_text() {
        assert!(license_text("MIT").is_some_and(|text| text.contains("Permission is hereby granted")));
        assert_eq!(license_text("GPL-2.0-only"), license_text("GPL-2.0-or-later"));
        assert!(license_text("Classpath-exception-2.0").is_some());
        assert_eq!(license_text("mit"), None);
    }
}

//! What we know of licences beside the SPDX list: the files of `licenses/`, embedded.
//!
//! The only place that embeds them. Each file's head says where its facts come from.

pub(super) const CATEGORIES: &str = include_str!("../../licenses/categories.csv");
pub(super) const EXCEPTIONS: &str = include_str!("../../licenses/exceptions.csv");
pub(super) const EXCEPTION_NAMES: &str = include_str!("../../licenses/exception-names.csv");
pub(super) const FAMILIES: &str = include_str!("../../licenses/families.csv");
/// See `detect::stored`.
pub(super) const INDEX: &[u8] = include_bytes!("../../licenses/index.bin");
pub(super) const NAMES: &str = include_str!("../../licenses/names.csv");
pub(super) const NOTICES: &str = include_str!("../../licenses/notices.csv");
pub(super) const OBLIGATIONS: &str = include_str!("../../licenses/obligations.csv");
pub(super) const PHRASES: &str = include_str!("../../licenses/phrases.csv");
/// Compressed: see `texts`.
pub(super) const TEXTS: &[u8] = include_bytes!("../../licenses/texts.zst");
pub(super) const UNLISTED: &str = include_str!("../../licenses/unlisted.csv");
pub(super) const URLS: &str = include_str!("../../licenses/urls.csv");
pub(super) const WORDS: &str = include_str!("../../licenses/words.csv");

/// The rows of a table: no comments, no header, fields by comma (no field holds one).
pub(super) fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .skip(1)
        .map(|line| line.split(',').collect())
}

//! Entries of a layer that are no files: what they hide of lower layers, and what a packing adds for itself.
//!
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts>,
//! <https://github.com/containerd/stargz-snapshotter/blob/main/docs/estargz.md>

use super::parent;

/// What eStargz adds to a layer: its table of contents, and the mark of where fetching ahead ends. Who mounts the layer
/// sees none of them.
pub(super) const LANDMARKS: &[&str] = &["stargz.index.json", ".prefetch.landmark", ".no.prefetch.landmark"];

/// What the name of an entry says of others, and is no content itself.
pub(super) enum Whiteout {
    Path(String),
    Contents(String),
    /// Files of the union file system that once stored the layer.
    Bookkeeping,
}

impl Whiteout {
    pub(super) fn of(path: &str) -> Option<Self> {
        let folder = parent(path);
        let hidden = path[folder.len()..].trim_start_matches('/').strip_prefix(".wh.")?;
        Some(match hidden {
            ".wh..opq" => Self::Contents(folder.to_owned()),
            _ if hidden.starts_with(".wh.") => Self::Bookkeeping,
            "" => Self::Bookkeeping,
            _ if folder.is_empty() => Self::Path(hidden.to_owned()),
            _ => Self::Path(format!("{folder}/{hidden}")),
        })
    }
}

//! Hardlinks: a wanted name of a file that had another name, under which nobody asked for it.
//!
//! Its content has gone past when the wanted name comes. A layer that can be read again is; of data that pass once,
//! contents are kept that a link might ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Extract, Node, Wanted};
use crate::bom::{Gap, GapKind};

/// Contents nobody asked for by the names they have: of small texts whose names tell nothing, as stores that link
/// equal files to each other name them.
#[derive(Default)]
pub(super) struct Spare {
    contents: BTreeMap<String, Arc<[u8]>>,
    bytes: usize,
}

/// The largest content that is kept for a link to come, and all of them.
pub(super) const SPARE: (usize, usize) = (256 << 10, 128 << 20);

impl Spare {
    pub(super) fn keep(&mut self, path: &str, content: Vec<u8>) {
        if self.bytes + content.len() <= SPARE.1 {
            self.bytes += content.len();
            self.contents.insert(path.to_owned(), content.into());
        }
    }

    /// Gives links what they ask for; what is not there is a gap.
    pub(super) fn serve(self, extract: &mut Extract, wanted: &Wanted) {
        for target in extract.missing_links(wanted) {
            let latest = extract.entries.iter_mut().rev().find(|entry| *entry.path == target);
            match (self.contents.get(&target), latest) {
                (Some(content), Some(entry)) => entry.node = Node::File(Arc::clone(content)),
                _ => extract.gaps.push(Gap {
                    path: target,
                    line: None,
                    kind: GapKind::Unread,
                    reason:
                        "had passed when a hardlink gave it a name that is read; a file can be read twice"
                            .to_owned(),
                }),
            }
        }
    }
}

/// What a second reading of a layer is to keep or hold, because the first one let it go.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Again {
    /// Files to keep although no pattern asks for them by these names: hardlinks give them others.
    pub linked: BTreeSet<String>,
    /// Programs and archives to hold whole while they are looked into.
    pub torn: BTreeSet<String>,
}

impl Again {
    pub fn is_empty(&self) -> bool {
        self.linked.is_empty() && self.torn.is_empty()
    }
}

impl Extract {
    /// What the layer is to be read once more for.
    pub fn again(&self, wanted: &Wanted) -> Again {
        Again { linked: self.missing_links(wanted), torn: self.torn.clone() }
    }

    /// Files nobody asked for by that name, to which a wanted name of the same layer is a hardlink.
    ///
    /// Their content has gone past when the wanted name comes, so the layer is to be read once more with
    /// these kept.
    pub fn missing_links(&self, wanted: &Wanted) -> BTreeSet<String> {
        let is_link = |node: &Node| matches!(node, Node::Hardlink(_));
        if !self.entries.iter().any(|entry| is_link(&entry.node) && wanted.wants(&entry.path)) {
            return BTreeSet::new();
        }
        let latest: BTreeMap<&str, &Node> =
            self.entries.iter().map(|entry| (&*entry.path, &entry.node)).collect();
        let mut missing = BTreeSet::new();
        for entry in &self.entries {
            let Node::Hardlink(target) = &entry.node else { continue };
            if wanted.wants(&entry.path) && latest.get(&**target) == Some(&&Node::Other) {
                missing.insert(target.to_string());
            }
        }
        missing
    }
}

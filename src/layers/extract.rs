//! What one layer says: one streaming pass over its tar, keeping only the bytes somebody asked for.
//!
//! Names of everything are kept, because any entry of an upper layer may hide something below it; contents
//! only of wanted files. Archives and executables are looked into as they pass ([`super::inside`]). Whiteouts are told
//! apart from entries, since they speak of lower layers only, whatever their place in the archive.
//!
//! Spec: <https://github.com/opencontainers/image-spec/blob/main/layer.md>

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Read, Seek};
use std::sync::Arc;

use tar::EntryType;

use super::entries::{Entries, is_pax_sparse};
use super::heads::{Bounded, MOST_HEADS};
use super::inside::Inside;
use super::keeper::{Keeper, Member};
use super::links::{Again, Spare};
use super::{Limits, Wanted, clean};
use crate::bom::Gap;

/// Everything one layer says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extract {
    /// In the order of the archive: where two have one path, the last is right.
    pub entries: Vec<Entry>,
    /// Paths of lower layers that this one removes, with all below them.
    pub whiteouts: Vec<String>,
    /// Folders of lower layers whose contents this one hides.
    pub opaque: Vec<String>,
    pub gaps: Vec<Gap>,
    /// Programs and archives of which something was needed that had been let go. Empty once the layer was read for them again.
    pub torn: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub path: Box<str>,
    pub node: Node,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    Directory,
    /// Anything that is not a folder and whose content nobody asked for.
    Other,
    /// A wanted file with its content.
    File(Arc<[u8]>),
    /// The target as written.
    Symlink(Box<str>),
    /// The path of an earlier name of the same file, in our form.
    Hardlink(Box<str>),
}

impl Node {
    /// Bytes of the content that is kept.
    pub fn size(&self) -> u64 {
        match self {
            Self::File(bytes) => bytes.len() as u64,
            _ => 0,
        }
    }
}

/// Why a layer cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    #[error("the layer's tar is broken after `{after}`")]
    Broken {
        /// The last entry that was read; empty when there was none.
        after: String,
        source: io::Error,
    },
    #[error("it has more than {0} entries")]
    TooManyEntries(usize),
}

/// Reads a layer's uncompressed tar to its end.
///
/// Bodies that nobody asked for are passed over by seeking forward from where the reader is; no other seek is
/// made. Large programs and archives are not held: what comes of [`Extract::again`] is to be asked for in a second reading.
///
/// # Errors
/// When the archive is broken, or has more entries than `limits` allow.
pub fn extract(
    layer: impl Read + Seek,
    wanted: &Wanted,
    again: &Again,
    limits: &Limits,
) -> Result<Extract, ExtractError> {
    let mut walk = Walk::new(wanted, &again.linked, limits);
    walk.keeper.whole = Some(&again.torn);
    walk.tar(layer)?;
    Ok(walk.finish())
}

/// One entry, of whatever it is an entry.
pub enum Item<'a> {
    Directory,
    File {
        size: u64,
        data: &'a mut dyn Read,
    },
    /// The target as written.
    Symlink(String),
    /// The path of an earlier name of the same file. `None` where it names nothing that could be there.
    Hardlink(Option<String>),
    /// A file that nobody asked for by its name and that was looked into already.
    Looked(Inside),
    Other,
}

/// Takes entries one by one, and keeps of each what was asked for.
pub struct Walk<'a> {
    keeper: Keeper<'a>,
    /// Contents that a hardlink might yet ask for.
    spare: Option<Spare>,
    after: String,
}

impl<'a> Walk<'a> {
    pub fn new(wanted: &'a Wanted, also: &'a BTreeSet<String>, limits: &'a Limits) -> Self {
        Self { keeper: Keeper::new(wanted, also, limits), spare: None, after: String::new() }
    }

    /// For data that pass once: contents are kept to which a later hardlink may give a wanted name.
    #[must_use]
    pub fn once(self) -> Self {
        Self { spare: Some(Spare::default()), ..self }
    }

    /// Takes all of a tar.
    ///
    /// # Errors
    /// When it is broken, or has more entries than the limits allow.
    pub fn tar(&mut self, layer: impl Read + Seek) -> Result<(), ExtractError> {
        let heads = Cell::new(MOST_HEADS);
        let mut entries = Entries::new(Bounded { data: layer, heads: &heads });
        while entries.advance().map_err(|error| self.broken(error))? {
            heads.set(u64::MAX);
            let head = &entries.head;
            self.member(Member {
                name: &head.name(),
                target: head.target().as_deref(),
                kind: head.header().entry_type(),
                size: head.size,
                is_sparse: head.is_pax_sparse(),
                data: &mut entries.body,
            })?;
            heads.set(MOST_HEADS);
        }
        Ok(())
    }

    /// Takes one entry of a tar.
    ///
    /// # Errors
    /// When it is broken, or one too many.
    pub fn entry<R: Read>(&mut self, entry: &mut tar::Entry<'_, R>) -> Result<(), ExtractError> {
        let name = entry.path_bytes().into_owned();
        let target = entry.link_name_bytes().map(Cow::into_owned);
        let (kind, size) = (entry.header().entry_type(), entry.size());
        let mut is_sparse = false;
        if !matches!(kind, EntryType::XHeader | EntryType::XGlobalHeader) {
            let records = entry.pax_extensions().map_err(|error| self.broken(error))?;
            is_sparse = records.is_some_and(is_pax_sparse);
        }
        let target = target.as_deref();
        self.member(Member { name: &name, target, kind, size, is_sparse, data: entry })
    }

    fn member(&mut self, member: Member<'_>) -> Result<(), ExtractError> {
        if self.keeper.extract.entries.len() >= self.keeper.limits.entries {
            return Err(ExtractError::TooManyEntries(self.keeper.limits.entries));
        }
        let Some(path) = clean(member.name) else {
            self.keeper.gap(&String::from_utf8_lossy(member.name), CLIMBS);
            return Ok(());
        };
        if !self.keeper.is_short(&path, member.target.map_or(0, <[u8]>::len)) {
            return Ok(());
        }
        let taken = self.keeper.take(&path, member, self.spare.as_mut());
        self.after = path;
        taken.map_err(|error| self.broken(error))
    }

    /// Takes an entry of something that is no layer: no name hides another.
    ///
    /// # Errors
    /// When its data break off, or it is one too many.
    pub fn put(&mut self, path: &str, item: Item<'_>) -> Result<(), ExtractError> {
        if self.keeper.extract.entries.len() >= self.keeper.limits.entries {
            return Err(ExtractError::TooManyEntries(self.keeper.limits.entries));
        }
        let target = match &item {
            Item::Symlink(target) | Item::Hardlink(Some(target)) => target.len(),
            _ => 0,
        };
        if !self.keeper.is_short(path, target) {
            return Ok(());
        }
        let taken = self.keeper.put(path, item, false, self.spare.as_mut());
        path.clone_into(&mut self.after);
        taken.map_err(|error| self.broken(error))
    }

    /// Takes an entry of a layer that comes from a list of its entries and not from its tar.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub fn listed(&mut self, name: &str, item: Item<'_>) -> Result<(), ExtractError> {
        match clean(name.as_bytes()) {
            Some(path) if self.keeper.is_told(&path) => Ok(()),
            Some(path) => self.put(&path, item),
            None => {
                self.keeper.gap(name, CLIMBS);
                Ok(())
            }
        }
    }

    /// Something that is not looked into, and why.
    pub fn gap(&mut self, path: &str, reason: &str) {
        self.keeper.gap(path, reason);
    }

    pub(super) fn wanted(&self) -> &Wanted {
        self.keeper.wanted
    }

    pub(super) fn limits(&self) -> &Limits {
        self.keeper.limits
    }

    fn broken(&self, source: io::Error) -> ExtractError {
        ExtractError::Broken { after: self.after.clone(), source }
    }

    pub fn finish(self) -> Extract {
        let mut extract = self.keeper.extract;
        if let Some(spare) = self.spare {
            spare.serve(&mut extract, self.keeper.wanted);
        }
        extract
    }
}

const CLIMBS: &str = "the entry's name climbs out of the layer";

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::Mutex;

    use super::super::{Watcher, inside};
    use super::*;

    fn wanted() -> Wanted {
        Wanted::new(["**/package.json"]).expect("globs")
    }

    fn archive(build: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        build(&mut builder);
        builder.into_inner().expect("in memory")
    }

    fn add(builder: &mut tar::Builder<Vec<u8>>, path: &str, content: &[u8]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, content).expect("in memory");
    }

    fn link(builder: &mut tar::Builder<Vec<u8>>, kind: tar::EntryType, path: &str, target: &str) {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        builder.append_link(&mut header, path, target).expect("in memory");
    }

    fn read(layer: &[u8]) -> Result<Extract, ExtractError> {
        extract(Cursor::new(layer), &wanted(), &Again::default(), &Limits::default())
    }

    #[test]
    fn only_wanted_files_keep_their_content() {
        let long = format!("{}/package.json", "deep/".repeat(60));
        let layer = archive(|tar| {
            add(tar, "a/package.json", b"{}");
            add(tar, "a/index.js", b"code");
            add(tar, &long, b"{1}");
        });
        let nodes: Vec<_> =
            read(&layer).expect("whole").entries.into_iter().map(|entry| entry.node).collect();
        assert_eq!(nodes, [Node::File((*b"{}").into()), Node::Other, Node::File((*b"{1}").into())]);
    }

    #[test]
    fn whiteouts_are_no_entries() {
        let layer = archive(|tar| {
            add(tar, "srv/.wh.gone", b"");
            add(tar, "srv/app/.wh..wh..opq", b"");
            add(tar, ".wh.top", b"");
            add(tar, ".wh..wh.plnk", b"");
        });
        let extract = read(&layer).expect("whole");
        assert_eq!(extract.whiteouts, ["srv/gone", "top"]);
        assert_eq!(extract.opaque, ["srv/app"]);
        assert!(extract.entries.is_empty());
    }

    #[test]
    fn what_is_kept_is_told_before_the_layer_ends() {
        #[derive(Default)]
        struct Told(Mutex<Vec<String>>);
        impl Watcher for Told {
            fn kept(&self, path: &str, content: &Arc<[u8]>) {
                self.0.lock().expect("one thread").push(format!("{path} {}", content.len()));
            }
        }
        let told = Arc::new(Told::default());
        let mut layer = archive(|tar| {
            add(tar, "a/package.json", b"{}");
            add(tar, "a/index.js", b"code");
            add(tar, "b/package.json", b"{1}");
        });
        layer.truncate(layer.len() - 1024);
        layer.extend([b'x'; 600]);
        let watched = wanted().watched_by(told.clone());
        assert!(extract(Cursor::new(layer), &watched, &Again::default(), &Limits::default()).is_err());
        assert_eq!(*told.0.lock().expect("one thread"), ["a/package.json 2", "b/package.json 3"]);
    }

    #[test]
    fn what_estargz_adds_is_no_content() {
        let layer = archive(|tar| {
            add(tar, ".no.prefetch.landmark", b"\x0f");
            add(tar, "srv/stargz.index.json", b"{}");
            add(tar, "stargz.index.json", b"{}");
        });
        let entries = read(&layer).expect("whole").entries;
        assert_eq!(entries, [Entry { path: "srv/stargz.index.json".into(), node: Node::Other }]);
    }

    #[test]
    fn a_wanted_name_of_an_unwanted_file_is_asked_for_again() {
        let layer = archive(|tar| {
            add(tar, "store/abc", b"{}");
            link(tar, tar::EntryType::Link, "x/package.json", "store/abc");
        });
        let missing = read(&layer).expect("whole").again(&wanted());
        assert_eq!(missing.linked.iter().collect::<Vec<_>>(), ["store/abc"]);
        let again = extract(Cursor::new(&*layer), &wanted(), &missing, &Limits::default()).expect("whole");
        assert_eq!(again.entries[0].node, Node::File((*b"{}").into()));
        assert!(again.again(&wanted()).is_empty());
    }

    #[test]
    fn a_truncated_layer_is_told_with_the_last_good_entry() {
        let layer = archive(|tar| {
            add(tar, "a/index.js", b"code");
            add(tar, "a/package.json", &[b' '; 5000]);
        });
        let error = read(&layer[..2000]).expect_err("truncated");
        assert_eq!(error.to_string(), "the layer's tar is broken after `a/package.json`");
        let error = read(b"this is no tar at all, but it is longer than nothing").expect_err("text");
        assert_eq!(error.to_string(), "the layer's tar is broken after ``");
    }

    #[test]
    fn a_file_over_the_limit_is_a_gap() {
        let layer = archive(|tar| add(tar, "a/package.json", b"0123456789"));
        let limits = Limits { file_bytes: 9, ..Limits::default() };
        let extract = extract(Cursor::new(&*layer), &wanted(), &Again::default(), &limits).expect("whole");
        assert_eq!(extract.entries[0].node, Node::Other);
        assert_eq!(extract.gaps[0].reason, "10 bytes is more than the limit of 9 a file");
    }

    #[test]
    fn a_sparse_file_in_pax_form_is_a_gap_not_a_wrong_answer() {
        let layer = archive(|tar| {
            tar.append_pax_extensions([("GNU.sparse.major", &b"1"[..])]).expect("in memory");
            add(tar, "a/package.json", b"{}");
        });
        let extract = read(&layer).expect("whole");
        assert_eq!(extract.gaps.len(), 1);
        assert_eq!(extract.entries[0].node, Node::Other);
    }

    #[test]
    fn archives_and_executables_are_looked_into_and_dropped() {
        // The shortest archive there is: the end record of an empty one.
        let jar = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
        let wanted = Wanted::new(["**/*!/.archive", "**/both.jar"]).expect("globs");
        let layer = archive(|tar| {
            add(tar, "lib/x.jar", &jar);
            add(tar, "lib/both.jar", &jar);
            add(tar, "lib/x.js", &jar);
        });
        let read =
            |limits| extract(Cursor::new(&*layer), &wanted, &Again::default(), &limits).expect("whole");
        let whole = read(Limits::default());
        let paths: Vec<_> = whole.entries.iter().map(|entry| &*entry.path).collect();
        assert_eq!(
            paths,
            ["lib/x.jar", "lib/x.jar!/.archive", "lib/both.jar", "lib/both.jar!/.archive", "lib/x.js"]
        );
        assert_eq!((&whole.entries[0].node, &whole.entries[2].node), (&Node::Other, &Node::File(jar.into())));
        let tight = read(Limits { archive_bytes: 21, ..Limits::default() });
        assert_eq!(tight.gaps[0].reason, "22 bytes is more than the limit of 21 to be looked into");
        let full = read(Limits { layer_bytes: 60, ..Limits::default() });
        assert_eq!(full.gaps[0].reason, "the layer's wanted files are more than the limit of 60 bytes");
    }

    /// A large program that says what it is only to those who read all of it, and one that says it anyway.
    fn programs() -> Vec<u8> {
        let mut header = b"\x7fELF\x02\x01\x01".to_vec();
        header.resize(64, 0);
        header[16] = 3;
        let program = |text: &[u8]| [&header[..], &[7; 600_000], text, &[7; 100_000]].concat();
        archive(|tar| {
            add(tar, "bin/redis", &program(b"\0redis_version:%s\0\x007.0.15\x007.0.15buildhost-17\0"));
            add(tar, "bin/renamed", &program(b"\0redis_version:%s\0\x007.0.15\x007.0.15buildhost-17\0"));
            add(tar, "bin/web", &program(b"\0nginx version: nginx/1.25.1\0"));
        })
    }

    #[test]
    fn a_large_program_of_which_all_is_needed_is_read_twice() {
        let layer = programs();
        let wanted = Wanted::new(["**/*!/.fingerprint"]).expect("globs");
        let limits = Limits::default();
        let read = |again: &Again| extract(Cursor::new(&*layer), &wanted, again, &limits).expect("whole");
        let again = read(&Again::default()).again(&wanted);
        assert_eq!(again, Again { torn: ["bin/renamed".to_owned()].into(), ..Again::default() });
        let whole = read(&again);
        assert!(whole.again(&wanted).is_empty());
        let found: Vec<_> = whole.entries.iter().filter(|entry| entry.path.ends_with("print")).collect();
        let content = |index: usize| match &found[index].node {
            Node::File(content) => String::from_utf8_lossy(content).into_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!([0, 1, 2].map(content), ["redis 7.0.15\n", "redis 7.0.15\n", "nginx 1.25.1\n"]);
        // Of data that pass once, all is held at once.
        let none = BTreeSet::new();
        let mut walk = Walk::new(&wanted, &none, &limits).once();
        walk.tar(Cursor::new(&*layer)).expect("whole");
        assert_eq!(walk.finish(), whole);
    }

    #[test]
    fn a_large_archive_of_which_all_is_needed_is_read_twice() {
        // Nothing tells where its members end but the directory.
        let noise: Vec<u8> = (0..700_000_u64).map(|number| ((number * number) >> 7) as u8).collect();
        let members: &[(&str, &[u8])] =
            &[("b", &[1; 9]), ("META-INF/MANIFEST.MF", b"A: b"), ("a", &noise), ("d", b""), ("c", &noise)];
        let jar = inside::zip::testing::zip(members);
        let layer = archive(|tar| add(tar, "lib/x.jar", &jar));
        let wanted = Wanted::new(["**/META-INF/MANIFEST.MF", "**/*!/.archive"]).expect("globs");
        let limits = Limits::default();
        let again = extract(Cursor::new(&*layer), &wanted, &Again::default(), &limits).expect("whole");
        let again = again.again(&wanted);
        assert_eq!(again.torn, ["lib/x.jar".to_owned()].into());
        let whole = extract(Cursor::new(&*layer), &wanted, &again, &limits).expect("whole");
        assert_eq!((whole.entries.len(), whole.torn.len()), (3, 0));
        let cut = extract(Cursor::new(&layer[..800_000]), &wanted, &Again::default(), &limits);
        let Err(ExtractError::Broken { source, .. }) = cut else { panic!("{cut:?}") };
        assert_eq!(source.to_string(), "the archive ends inside a file");
    }

    #[test]
    fn a_layer_that_ends_in_a_large_program_is_broken() {
        let layer = programs();
        let wanted = Wanted::new(["**/*!/.fingerprint"]).expect("globs");
        for length in [700_000, 800_000, 1_000_000, 1_200_000] {
            let cut = &layer[..length];
            let error = extract(Cursor::new(cut), &wanted, &Again::default(), &Limits::default());
            assert!(matches!(error, Err(ExtractError::Broken { .. })), "{length}");
        }
    }
}

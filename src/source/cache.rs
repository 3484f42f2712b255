//! What was read of images, kept between runs: extracts of layers, as images share their bases and a base is read once,
//! and finished bills, as the same image is looked at more than once.
//!
//! One file a layer, named by its diff ID, by its digest as it is packed and by everything else the extract depends on.
//! The diff ID of a packed layer may be no more than the config's word: whoever says that a layer is another cannot put
//! an extract in that one's place, nor have that one's taken for its own. A file comes into
//! being whole, under its name, by a rename; one that is not what it was written as is thrown away and made
//! again. So neither a crash nor another process at the same time can do more harm than a layer read twice.
//! Only what was verified is kept: who finds a diff ID here need not read the layer again to believe it.
//!
//! No failure of the cache is a failure of the scan.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::{Digest, Verify};
use crate::bom::{Bom, TAKER};
use crate::layers::{EXTRACTOR, Extract, Limits, Wanted};

/// What opens every file of this form.
const MAGIC: &[u8] = b"packlist layer 1\n";

/// Bytes of a SHA-256.
const SUM: usize = 32;

/// How hard extracts are packed: more costs as much time as reading the layer again.
const LEVEL: i32 = 1;

/// How files of bills begin.
const BILL: &str = "bill-";

/// How files of answers begin.
const ANSWERS: &str = "answers-";

/// More bytes of them are not kept: tens of thousands of licence files take a few million.
const MOST_ANSWERS: usize = 64 << 20;

/// An extract of more bytes is not read back: its layer is read instead.
const MAX_EXTRACT: u64 = 4 << 30;

/// A file that is still unfinished after so long was left by a run that ended.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Where extracts are kept.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    max_bytes: u64,
}

impl Cache {
    /// Bytes of all files together, unless told otherwise.
    pub const MAX_BYTES: u64 = 2 << 30;

    /// A cache in `folder`, which need not exist.
    pub fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self { folder, max_bytes }
    }

    /// Makes the folder of caches, for this user alone.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_folder(folder: &Path) -> io::Result<()> {
        create_private(folder)
    }

    /// What was found in licence files in earlier runs, by finders of this name.
    pub fn answers(&self, finder: &str) -> Option<Vec<u8>> {
        self.read(&self.answers_at(finder), Some)
    }

    /// What a file that was kept says; a damaged one goes.
    fn read<T>(&self, path: &Path, understood: impl Fn(Vec<u8>) -> Option<T>) -> Option<T> {
        let bytes = fs::read(path).ok()?;
        let kept = unpacked(&bytes).and_then(understood);
        if kept.is_none() {
            // Whether it goes or not, it is made again.
            let _ = fs::remove_file(path);
        }
        kept
    }

    /// Notes that a file was of use: the day of last use decides what goes first.
    fn was_used(path: &Path) {
        let _ = File::options().write(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// The bill that was made of an image earlier: see [`Shelf::bill_name`].
    pub(super) fn bill(&self, name: &str) -> Option<Bom> {
        let path = self.folder.join(name);
        let bill = self.read(&path, |plain| Bom::from_bytes(&plain))?;
        Self::was_used(&path);
        Some(bill)
    }

    /// Keeps the bill that was made of an image, under the name its snapshot has for it.
    pub fn keep_bill(&self, name: &str, bill: &Bom) {
        let Some(bytes) = bill.to_bytes().and_then(|plain| packed(&plain).ok()) else { return };
        if self.write(&self.folder.join(name), &bytes).is_ok() {
            self.make_room();
        }
    }

    /// Keeps what was found in licence files; what other finders found goes.
    pub fn keep_answers(&self, finder: &str, answers: &[u8]) {
        let path = self.answers_at(finder);
        if answers.len() > MOST_ANSWERS {
            return;
        }
        if packed(answers).and_then(|bytes| self.write(&path, &bytes)).is_err() {
            return;
        }
        for file in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let is_of_others = file.file_name().to_string_lossy().starts_with(ANSWERS) && file.path() != path;
            if is_of_others {
                // It may be another run's that is just about to do the same.
                let _ = fs::remove_file(file.path());
            }
        }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() as u64 > self.max_bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        create_private(&self.folder)?;
        let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private(&mut options);
        let written = options.open(&unfinished).and_then(|mut file| file.write_all(bytes));
        let kept = written.and_then(|()| fs::rename(&unfinished, path));
        if kept.is_err() {
            // There may be nothing to remove.
            let _ = fs::remove_file(&unfinished);
        }
        kept
    }

    /// Removes what was not used for longest until what is left fits.
    fn make_room(&self) {
        let Ok(files) = fs::read_dir(&self.folder) else { return };
        let mut files: Vec<(SystemTime, u64, PathBuf)> =
            files.flatten().filter_map(|file| aged(&file)).collect();
        files.sort();
        let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
        for (used, size, path) in files {
            let is_abandoned = path.extension().is_some_and(|extension| extension == "unfinished")
                && used.elapsed().is_ok_and(|age| age > ABANDONED);
            if (total > self.max_bytes || is_abandoned) && fs::remove_file(path).is_ok() {
                total -= size;
            }
        }
    }

    fn answers_at(&self, finder: &str) -> PathBuf {
        self.folder.join(format!("{ANSWERS}{finder}"))
    }

    /// The shelf of extracts made in this way.
    pub(super) fn shelf(&self, wanted: &Wanted, limits: &Limits, verify: Verify) -> Shelf<'_> {
        let mut hasher = Sha256::new();
        let are_verified = verify == Verify::DiffIds;
        hasher.update(format!("{EXTRACTOR}\n{limits:?}\n{:?}\n{are_verified}\n", wanted.digests()));
        wanted.patterns().for_each(|pattern| hasher.update(format!("{pattern}\n")));
        let way = hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Shelf { cache: self, way }
    }
}

/// The part of a cache that one run can use.
pub(super) struct Shelf<'a> {
    cache: &'a Cache,
    way: String,
}

impl Shelf<'_> {
    /// The extract of a layer and of its blob, where that has a digest. `None` when it is not there, or damaged.
    pub(super) fn get(&self, diff_id: &Digest, blob: Option<&Digest>) -> Option<Extract> {
        let path = self.path(diff_id, blob);
        let extract = self.cache.read(&path, |plain| Extract::from_bytes(&plain))?;
        Cache::was_used(&path);
        Some(extract)
    }

    /// Keeps an extract, and makes room for it.
    pub(super) fn put(&self, diff_id: &Digest, blob: Option<&Digest>, extract: &Extract) {
        let path = self.path(diff_id, blob);
        let kept = packed(&extract.to_bytes()).and_then(|bytes| self.cache.write(&path, &bytes));
        if kept.is_ok() {
            self.cache.make_room();
        }
    }

    /// The name under which a bill is kept: of all that it depends on. `image` tells what the layers do not, and
    /// the layers themselves.
    pub(super) fn bill_name(&self, image: &[&str]) -> String {
        let mut hasher = Sha256::new();
        for part in [TAKER, &self.way].iter().chain(image) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize().iter().take(16).fold(BILL.to_owned(), |name, byte| format!("{name}{byte:02x}"))
    }

    fn path(&self, diff_id: &Digest, blob: Option<&Digest>) -> PathBuf {
        let mut name = diff_id.to_string().replace(':', "-");
        if let Some(blob) = blob.filter(|blob| *blob != diff_id) {
            // Two digests of the longer kind do not fit into a name.
            let sum = Sha256::digest(blob.to_string());
            sum.iter().take(16).for_each(|byte| name.push_str(&format!("{byte:02x}")));
        }
        self.cache.folder.join(format!("{name}-{}", self.way))
    }
}

fn aged(file: &fs::DirEntry) -> Option<(SystemTime, u64, PathBuf)> {
    let metadata = file.metadata().ok().filter(fs::Metadata::is_file)?;
    let is_ours =
        file.file_name().to_str().is_some_and(|name| name.starts_with("sha") || name.starts_with(BILL));
    is_ours.then(|| Some((metadata.modified().ok()?, metadata.len(), file.path()))).flatten()
}

/// What is kept may be of images that others may not read.
#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

fn packed(plain: &[u8]) -> io::Result<Vec<u8>> {
    let body = zstd::encode_all(plain, LEVEL)?;
    Ok([MAGIC, &Sha256::digest(&body), &body].concat())
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let (sum, body) = bytes.strip_prefix(MAGIC)?.split_at_checked(SUM)?;
    if *sum != *Sha256::digest(body) {
        return None;
    }
    let mut plain = Vec::new();
    let decoder = zstd::Decoder::with_buffer(body).ok()?;
    decoder.take(MAX_EXTRACT).read_to_end(&mut plain).ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Digests, Entry, Node};

    fn extract(content: &[u8]) -> Extract {
        Extract {
            entries: vec![Entry { path: "a/package.json".into(), node: Node::File(content.into()) }],
            ..Extract::default()
        }
    }

    fn with_cache(max_bytes: u64, test: impl FnOnce(&Path, &Shelf<'_>)) {
        let folder = tempfile::tempdir().expect("a place for temporary files");
        let place = folder.path().join("not/yet/there");
        let cache = Cache::new(place.clone(), max_bytes);
        test(
            &place,
            &cache.shelf(
                &Wanted::new(["**/package.json"]).expect("globs"),
                &Limits::default(),
                Verify::Named,
            ),
        );
    }

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).map_or(0, Iterator::count)
    }

    #[test]
    fn a_layer_is_found_by_its_diff_id_and_the_way_it_was_read() {
        with_cache(Cache::MAX_BYTES, |_, shelf| {
            let (id, other) = (Digest::sha256(b"1"), Digest::sha256(b"2"));
            assert_eq!(shelf.get(&id, None), None);
            shelf.put(&id, None, &extract(b"{}"));
            assert_eq!((shelf.get(&id, None), shelf.get(&other, None)), (Some(extract(b"{}")), None));
            let other_way = Limits { file_bytes: 1, ..Limits::default() };
            let wanted = Wanted::new(["**/package.json"]).expect("globs");
            assert_eq!(shelf.cache.shelf(&wanted, &other_way, Verify::Named).get(&id, None), None);
            let more = Wanted::new(["**/package.json", "x"]).expect("globs");
            assert_eq!(shelf.cache.shelf(&more, &Limits::default(), Verify::Named).get(&id, None), None);
            assert_eq!(
                shelf
                    .cache
                    .shelf(
                        &wanted.with_digests(Digests { compared: true, told: false }),
                        &Limits::default(),
                        Verify::Named
                    )
                    .get(&id, None),
                None
            );
        });
    }

    #[test]
    fn a_diff_id_that_is_only_said_is_of_use_to_the_same_blob_alone() {
        with_cache(Cache::MAX_BYTES, |_, shelf| {
            let id = Digest::sha256(b"1");
            let (blob, other) = (Digest::sha256(b"packed"), Digest::sha256(b"not what the config says"));
            shelf.put(&id, Some(&other), &extract(b"{}"));
            assert_eq!((shelf.get(&id, None), shelf.get(&id, Some(&blob))), (None, None));
            assert_eq!(shelf.get(&id, Some(&other)), Some(extract(b"{}")));
            let wanted = Wanted::new(["**/package.json"]).expect("globs");
            let strict = shelf.cache.shelf(&wanted, &Limits::default(), Verify::DiffIds);
            assert_eq!(strict.get(&id, Some(&other)), None);
            shelf.put(&id, None, &extract(b"{1}"));
            assert_eq!(shelf.get(&id, Some(&blob)), None);
            assert_eq!(shelf.get(&id, Some(&id)), Some(extract(b"{1}")));
        });
    }

    #[test]
    fn what_is_damaged_is_thrown_away() {
        with_cache(Cache::MAX_BYTES, |folder, shelf| {
            let id = Digest::sha256(b"1");
            shelf.put(&id, None, &extract(b"{}"));
            let whole = fs::read(shelf.path(&id, None)).expect("kept");
            for at in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[at] ^= 0x10;
                fs::write(shelf.path(&id, None), damaged).expect("written");
                assert_eq!((shelf.get(&id, None), names(folder)), (None, 0), "byte {at}");
                fs::write(shelf.path(&id, None), &whole[..at]).expect("written");
                assert_eq!((shelf.get(&id, None), names(folder)), (None, 0), "the first {at} bytes");
            }
        });
    }

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let one = packed(&extract(&[1; 10]).to_bytes()).expect("in memory").len() as u64;
        with_cache(one * 2 + one / 2, |folder, shelf| {
            let ids: Vec<Digest> = (0..3).map(|number: u8| Digest::sha256(&[number])).collect();
            let old = SystemTime::now() - Duration::from_secs(100);
            for (id, age) in ids.iter().zip([0, 1]) {
                shelf.put(id, None, &extract(&[age; 10]));
                let file = File::options().write(true).open(shelf.path(id, None)).expect("kept");
                file.set_modified(old + Duration::from_secs(age.into())).expect("set");
            }
            assert!(shelf.get(&ids[0], None).is_some());
            fs::write(folder.join("README"), "not ours").expect("written");
            shelf.put(&ids[2], None, &extract(&[2; 10]));
            let left: Vec<bool> = ids.iter().map(|id| shelf.get(id, None).is_some()).collect();
            assert_eq!((left, names(folder)), (vec![true, false, true], 3));
        });
        with_cache(one - 1, |folder, shelf| {
            shelf.put(&Digest::sha256(b"1"), None, &extract(&[1; 10]));
            assert_eq!(names(folder), 0);
        });
    }

    #[test]
    fn a_cache_that_cannot_be_written_does_nothing() {
        let file = tempfile::NamedTempFile::new().expect("a place for temporary files");
        let cache = Cache::new(file.path().join("below/a/file"), Cache::MAX_BYTES);
        let shelf = cache.shelf(&Wanted::new([]).expect("none"), &Limits::default(), Verify::Named);
        shelf.put(&Digest::sha256(b"1"), None, &extract(b"{}"));
        assert_eq!(shelf.get(&Digest::sha256(b"1"), None), None);
    }

    #[test]
    fn a_bill_is_found_by_all_it_depends_on() {
        with_cache(Cache::MAX_BYTES, |folder, shelf| {
            let name = shelf.bill_name(&["app", "sha256:1"]);
            let others = [shelf.bill_name(&["app", "sha256:2"]), shelf.bill_name(&["apps", "ha256:1"])];
            let mut bill = Bom::default();
            bill.subject.name = "app".to_owned();
            shelf.cache.keep_bill(&name, &bill);
            assert_eq!(shelf.cache.bill(&name), Some(bill));
            assert!(others.iter().all(|other| shelf.cache.bill(other).is_none()));
            let path = folder.join(&name);
            let mut damaged = fs::read(&path).expect("kept");
            *damaged.last_mut().expect("not empty") ^= 1;
            fs::write(&path, damaged).expect("written");
            assert_eq!((shelf.cache.bill(&name), names(folder)), (None, 0));
        });
    }

    #[test]
    fn answers_of_other_finders_go() {
        let folder = tempfile::tempdir().expect("a place for temporary files");
        let cache = Cache::new(folder.path().to_owned(), Cache::MAX_BYTES);
        cache.keep_answers("1", b"one");
        assert_eq!((cache.answers("1").as_deref(), cache.answers("2")), (Some(&b"one"[..]), None));
        cache.keep_answers("2", b"two");
        assert_eq!((cache.answers("1"), cache.answers("2").as_deref()), (None, Some(&b"two"[..])));
        fs::write(folder.path().join("answers-2"), "damaged").expect("writable");
        assert_eq!((cache.answers("2"), names(folder.path())), (None, 0));
    }
}

//! What a run may touch, from its arguments: what they name is read, where their outputs lie is written, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::ArgMatches;
use packlist::source::{self, Cache, Confined, Confinement};

use super::{buildkit, console, passing, world};

/// Options that name a file, or a format and a file, to be written.
const WRITTEN: &[&str] = &["output"];

/// Options and arguments that name what is read; what is no file or folder lies on another machine.
const SOURCES: &[&str] =
    &["attestation", "base", "baseline", "image", "new", "old", "sbom", "sboms", "source", "subject"];

/// Arguments that name an image to which something is attached.
const HOMES: &[&str] = &["home"];

/// Options that name a file to be written, and no format.
const FILES_WRITTEN: &[&str] = &["written"];

/// Settled once, when the arguments are known. Without, nothing is confined.
static NEEDS: OnceLock<Needs> = OnceLock::new();

/// Once is enough, and the second time would ask for rights that are gone.
static ENTERED: OnceLock<()> = OnceLock::new();

/// Takes from the arguments what the run needs.
pub(super) fn settle(matches: &ArgMatches) {
    let mut needs = Needs { is_kept: true, ..Needs::default() };
    let mut at = Some(matches);
    while let Some(matches) = at {
        if matches.subcommand_name() == Some(buildkit::NAME) {
            let (readable, written) = buildkit::needs();
            needs.readable.extend(readable);
            needs.writable.extend(written);
        }
        if matches.try_get_one::<bool>("no_cache").ok().flatten().copied().unwrap_or_default() {
            needs.is_kept = false;
        }
        for id in matches.ids() {
            let Ok(Some(values)) = matches.try_get_raw(id.as_str()) else { continue };
            values.for_each(|value| needs.take(id.as_str(), &value.to_string_lossy()));
        }
        at = matches.subcommand().map(|(_, inner)| inner);
    }
    NEEDS.get_or_init(|| needs);
}

/// Gives up every right that the run does not need any more. Called when policies, calendars and settings were read, before
/// anything is that others made, and by the thread that starts all others.
pub(super) fn enter() {
    let Some(needs) = NEEDS.get() else { return };
    ENTERED.get_or_init(|| {
        let confined = needs.confinement().enter();
        console::detail(|| told(confined).to_owned());
    });
}

fn told(confined: Confined) -> &'static str {
    match confined {
        Confined::Fully => "confined to what the arguments name",
        Confined::Partly => "confined to what the arguments name, as far as this kernel can",
        Confined::Not => "not confined: the kernel has no Landlock",
    }
}

#[derive(Debug, Default)]
struct Needs {
    readable: Vec<PathBuf>,
    writable: Vec<PathBuf>,
    /// The folder of the cache, where one is named.
    cache: Option<PathBuf>,
    is_kept: bool,
    network: bool,
}

impl Needs {
    fn take(&mut self, option: &str, value: &str) {
        if WRITTEN.contains(&option) {
            if let Some((_, file)) = value.split_once('=') {
                self.writable.extend(written(Path::new(file)));
            }
        } else if FILES_WRITTEN.contains(&option) {
            self.writable.extend(written(Path::new(value)));
        } else if HOMES.contains(&option) && source::path_of(value).exists() {
            self.writable.push(source::path_of(value));
        } else if HOMES.contains(&option) {
            self.network = true;
        } else if option == "cache" {
            self.cache = Some(value.into());
        } else if SOURCES.contains(&option) && !passing::is_named(value) {
            self.read_from(value);
        } else if Path::new(value).exists() {
            // A key, a calendar, another list: whatever it is, it was named.
            self.readable.push(value.into());
        }
    }

    fn read_from(&mut self, subject: &str) {
        let path = source::path_of(subject);
        if let Some(stores) = source::stores(subject) {
            self.readable.extend(stores);
        } else if path.exists() && !source::is_elsewhere(subject) {
            self.readable.extend(with_linked_blobs(path));
        } else {
            self.network = true;
        }
    }

    fn confinement(&self) -> Confinement {
        let mut writable = self.writable.clone();
        // What a credential helper says beside its answer goes there.
        writable.extend(Some(PathBuf::from("/dev/null")).filter(|nowhere| nowhere.exists()));
        if let Some(folder) = self.cache.clone().or_else(world::cache_folder).filter(|_| self.is_kept) {
            // It cannot be made later. What cannot be made at all is not used, and that is no failure.
            if Cache::make_folder(&folder).is_ok() {
                writable.push(folder);
            }
        }
        Confinement { readable: self.readable.clone(), writable, network: self.network }
    }
}

/// An OCI layout's folder, and where its blobs lie that are links: builders link them into their own stores.
fn with_linked_blobs(path: PathBuf) -> Vec<PathBuf> {
    let folders = fs::read_dir(path.join("blobs")).into_iter().flatten().flatten();
    let blobs = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
    let links = blobs.filter(|blob| blob.file_type().is_ok_and(|kind| kind.is_symlink()));
    let targets = links.filter_map(|link| link.path().canonicalize().ok()).collect::<Vec<_>>();
    targets.into_iter().chain([path]).collect()
}

/// Where a file comes into being: its folder, or itself where it is a device or pipe.
fn written(file: &Path) -> Option<PathBuf> {
    if file == Path::new("-") {
        return None;
    }
    let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    if real.exists() && !real.is_file() {
        return Some(real);
    }
    match real.parent() {
        Some(folder) if folder != Path::new("") => Some(folder.to_owned()),
        _ => Some(PathBuf::from(".")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(subject: &str) -> Needs {
        let mut needs = Needs::default();
        needs.take("subject", subject);
        needs
    }

    #[test]
    fn a_store_of_this_machine_is_read_and_no_other_machine_is_asked() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = format!("containerd:{}@alpine:3.20", root.path().display());
        let found = needs(&store);
        assert_eq!((found.readable, found.network), (vec![root.path().to_owned()], false));
        let asked = needs("registry:alpine:3.20");
        assert_eq!((asked.readable, asked.network), (Vec::new(), true));
    }

    #[test]
    fn of_a_repository_its_own_files_are_read_and_those_it_borrows() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let at = |path: &str| place.path().canonicalize().expect("a folder").join(path);
        for folder in ["main/.git/objects/info", "main/.git/worktrees/side", "side", "lender/objects"] {
            fs::create_dir_all(at(folder)).expect("writable");
        }
        let write = |path: &str, text: &str| fs::write(at(path), text).expect("writable");
        write("main/.git/HEAD", "ref: refs/heads/main\n");
        write("main/.git/worktrees/side/commondir", "../..\n");
        write("main/.git/objects/info/alternates", &format!("{}\n", at("lender/objects").display()));
        write("side/.git", &format!("gitdir: {}\n", at("main/.git/worktrees/side").display()));
        let found = needs(&format!("git:{}@HEAD", at("side").display()));
        assert!(!found.network);
        for read in ["side/.git", "main/.git/HEAD", "lender/objects"] {
            let path = at(read);
            let is_read = found.readable.iter().filter_map(|place| place.canonicalize().ok());
            assert!(is_read.into_iter().any(|place| path.starts_with(place)), "{read}");
        }
        assert!(!found.readable.iter().any(|path| at("main/src").starts_with(path)), "{:?}", found.readable);
    }
}

//! What is looked at: an image, a directory or an SBOM, made into a bill.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};

use clap::{Args, ValueEnum};
use packlist::bom::{Bom, GapKind, Owned, Ref, deception};
use packlist::inventory::{self, Foresight, ecosystems};
use packlist::layers::{Digests, LIMITS, Limit, Limits, Tree, Wanted};
use packlist::report::explain;
use packlist::source::registry::RegistryOptions;
use packlist::source::{Cache, Platform, Snapshot, Verify};
use packlist::{licenses, reader, source};

use super::failure::Failure;
use super::passing::{self, Passing};
use super::remote::Remote;
use super::writing::size;
use super::{confinement, console, world};

/// An SBOM larger than this is not one.
pub(super) const MAX_DOCUMENT: u64 = 4 << 30;

/// How a subject is read.
#[derive(Debug, Args, Default)]
pub(super) struct Input {
    /// Which of an image's platforms: OS/ARCH[/VARIANT]
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<String>,
    /// The base image, or its SBOM: tells the base's layers from the application's
    #[arg(long, value_name = "IMAGE|SBOM")]
    base: Option<String>,
    /// What lies in files of another package: as components of their own, inside their owner, or not at all
    #[arg(long, value_name = "WAY", value_enum, default_value_t)]
    owned: OwnedWay,
    /// Compare every file with what its package recorded, and name those that were altered
    #[arg(long)]
    verify_files: bool,
    /// Digest what is installed of every package, so that two lists tell contents apart
    #[arg(long)]
    hash_contents: bool,
    /// Believe the digests of an image's layers: most of what is not compressed is then never read
    #[arg(long)]
    no_verify: bool,
    /// Verify the diff IDs of compressed layers too, which their config states, and not only the digests by which the
    /// manifest names them; with `--base` it is always done
    #[arg(long, conflicts_with = "no_verify")]
    verify_diff_ids: bool,
    /// Fetch of an image in a registry only the parts that are needed, of layers that tell where these lie (eStargz,
    /// zstd:chunked); their digests are then not verified, but those of the parts are
    #[arg(long)]
    lazy: bool,
    /// Where what was read of layers is kept, for the next image on the same base [default: in the user's cache
    /// folder]
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_cache")]
    cache: Option<PathBuf>,
    /// Keep nothing of layers between runs, and use nothing that was kept
    #[arg(long)]
    no_cache: bool,
    /// Moves a limit on what an input may cost: NAME=NUMBER; `--limit help` lists them; may be repeated
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = limit)]
    limits: Vec<(String, u64)>,
    /// Which dependencies: everything, or only what is needed to run
    #[arg(long, value_name = "SCOPE", value_enum, default_value_t)]
    scope: ScopeWay,
    #[command(flatten)]
    remote: Remote,
}

impl Input {
    /// The platform that the user names.
    pub(super) fn platform(&self) -> Result<Option<Platform>, Failure> {
        platform(self.platform.as_deref())
    }

    /// How registries are asked.
    pub(super) fn registry(&self) -> Result<Option<RegistryOptions>, Failure> {
        self.remote.options()
    }

    /// For those who are not to believe an image in anything.
    pub(super) fn with_diff_ids(self) -> Self {
        Self { verify_diff_ids: true, ..self }
    }

    /// What tells the base's layers from others is not to be the image's own word.
    fn verify(&self) -> Verify {
        match self.no_verify {
            true => Verify::Nothing,
            false if self.verify_diff_ids || self.base.is_some() => Verify::DiffIds,
            false => Verify::Named,
        }
    }

    fn cache(&self) -> Option<Cache> {
        if self.no_cache {
            return None;
        }
        let folder = self.cache.clone().or_else(world::cache_folder)?;
        Some(Cache::new(folder.join("layers"), Cache::MAX_BYTES))
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        for (name, value) in &self.limits {
            limits.set(name, *value);
        }
        limits
    }
}

/// `entries=1000`, `file-bytes=1GiB`.
fn limit(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let Some(limit) = LIMITS.iter().find(|limit| limit.name == name) else {
        let line = |limit: &Limit| format!("\n  {:<18}{}", limit.name, limit.about);
        let all: String = LIMITS.iter().map(line).collect();
        return Err(format!("there is no limit of that name; these are the limits:{all}"));
    };
    let value = match limit.is_bytes {
        true => size(value).map(|bytes| bytes as u64),
        false => value.parse().map_err(|_| format!("write it as {name}=NUMBER")),
    };
    value.map(|value| (name.to_owned(), value))
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum OwnedWay {
    Keep,
    #[default]
    Nest,
    Drop,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ScopeWay {
    #[default]
    All,
    Runtime,
}

/// The bill of what the user names, as the user wants it.
pub(super) fn load(reference: &str, input: &Input) -> Result<Bom, Failure> {
    as_wished(read(reference, input)?, input)
}

/// The same with the files it was taken from, and `others` beside them. There are none where a document was read.
pub(super) fn load_with_files(
    reference: &str,
    input: &Input,
    others: &[&str],
) -> Result<(Bom, Option<Tree>), Failure> {
    let (bom, tree) = read_with_files(reference, input, Some(others))?;
    Ok((as_wished(bom, input)?, tree))
}

/// The bill of a document that was read already, as the user wants it.
pub(super) fn load_document(bytes: &[u8], name: &str, input: &Input) -> Result<Bom, Failure> {
    let bom = reader::read(bytes).map_err(|source| Failure::Read { path: PathBuf::from(name), source })?;
    as_wished(bom, input)
}

/// The bills of an image, one for every platform it comes in.
pub(super) fn load_all(reference: &str, input: &Input) -> Result<Vec<Bom>, Failure> {
    confinement::enter();
    let options = options(reference, input, false)?;
    let answers = Answers::in_cache(&options);
    let wanted = wanted(input, &[], &answers);
    let snapshots =
        console::step(&format!("reading {reference}"), || source::read_all(reference, &wanted, &options))?;
    drop(wanted);
    let mut boms = Vec::new();
    for snapshot in snapshots {
        let (bom, _) = taken(snapshot, &options, &answers);
        boms.push(as_wished(bom, input)?);
    }
    Ok(boms)
}

/// What the user wants to see of a bill.
fn as_wished(mut bom: Bom, input: &Input) -> Result<Bom, Failure> {
    if let Some(base) = &input.base {
        let base = read(base, input)?;
        bom.set_base(&base.layers).map_err(|error| {
            Failure::usage(error.to_string(), "name the image whose layers this one begins with")
        })?;
    }
    bom.place_owned(match input.owned {
        OwnedWay::Keep => Owned::Keep,
        OwnedWay::Nest => Owned::Nest,
        OwnedWay::Drop => Owned::Drop,
    });
    if input.scope == ScopeWay::Runtime {
        bom.drop_dev();
    }
    Ok(bom)
}

/// The bill of what the user names, whole: something to compare with.
pub(super) fn load_plain(reference: &str, input: &Input) -> Result<Bom, Failure> {
    read(reference, input)
}

fn read(reference: &str, input: &Input) -> Result<Bom, Failure> {
    read_with_files(reference, input, None).map(|(bom, _)| bom)
}

/// The bill, and the files it was taken from with `others` beside them, where they are asked for and it was not read
/// from a document.
fn read_with_files(
    reference: &str,
    input: &Input,
    others: Option<&[&str]>,
) -> Result<(Bom, Option<Tree>), Failure> {
    confinement::enter();
    let passing = passing::opened(reference)?;
    let path = source::path_of(reference);
    match passing {
        Some(passing) if passing.is_document() => passing.document().map(|bom| (bom, None)),
        None if !source::names_scheme(reference) && path.is_file() && is_document(&path)? => {
            read_document(&path).map(|bom| (bom, None))
        }
        passing => read_subject(reference, input, others, passing),
    }
}

/// An image, a tree or a package, from a place that is named or from what is `passing`.
fn read_subject(
    reference: &str,
    input: &Input,
    others: Option<&[&str]>,
    passing: Option<Passing<'_>>,
) -> Result<(Bom, Option<Tree>), Failure> {
    let options = options(reference, input, others.is_none())?;
    let answers = Answers::in_cache(&options);
    let wanted = wanted(input, others.unwrap_or_default(), &answers);
    let snapshot = console::step(&format!("reading {reference}"), || match passing {
        Some(passing) => passing.subject(&wanted, &options),
        None => Ok(source::read(reference, &wanted, &options)?),
    })?;
    drop(wanted);
    for note in &snapshot.notes {
        world::note(note);
    }
    if let Some(bom) = snapshot.bill {
        tell_found(&bom);
        return Ok((bom, None));
    }
    let (bom, tree) = taken(snapshot, &options, &answers);
    Ok((bom, Some(tree)))
}

/// What is to be read. Licences are looked for in it while it is read, until this is dropped.
fn wanted(input: &Input, others: &[&str], answers: &Answers) -> Wanted {
    let digests = Digests { compared: input.verify_files, told: input.hash_contents };
    let answers = answers.clone();
    let foresight = Foresight::new(move || answers.take_up());
    inventory::wanted_with(ecosystems::ALL, others).with_digests(digests).watched_by(Arc::new(foresight))
}

/// What licences earlier runs found in which texts.
#[derive(Clone)]
struct Answers(Arc<(Option<Cache>, Once)>);

impl Answers {
    fn in_cache(options: &source::Options) -> Self {
        Self(Arc::new((options.cache.clone(), Once::new())))
    }

    /// Takes them up, the first time it is called.
    fn take_up(&self) {
        let (cache, once) = &*self.0;
        once.call_once(|| {
            if let Some(answers) = cache.as_ref().and_then(|cache| cache.answers(licenses::FINDER)) {
                licenses::know(&answers);
            }
        });
    }
}

fn options(reference: &str, input: &Input, takes_bills: bool) -> Result<source::Options, Failure> {
    Ok(source::Options {
        progress: console::watch(&short_name(reference)),
        platform: input.platform()?,
        verify: input.verify(),
        lazy: input.lazy,
        cache: input.cache(),
        takes_bills,
        limits: input.limits(),
        registry: input.remote.options()?,
    })
}

/// The bill of what was read, and the files it was taken from.
fn taken(snapshot: Snapshot, options: &source::Options, answers: &Answers) -> (Bom, Tree) {
    let is_image = !snapshot.layers.is_empty();
    let cache = options.cache.as_ref().filter(|_| is_image);
    if is_image {
        answers.take_up();
    }
    let (tree, mut bom) = console::step("taking inventory", || {
        let tree = Tree::stack(&snapshot.extracts).with_most_records(options.limits.records);
        let bom = inventory::take(snapshot.subject, snapshot.layers, &tree, snapshot.gaps, ecosystems::ALL);
        (tree, bom)
    });
    for document in inventory::documents(&tree) {
        match reader::read(document.bytes) {
            Ok(said) => inventory::embed(&mut bom, &document, said),
            Err(error) => {
                inventory::unreadable(&mut bom, &document, format!("is not read as an SBOM: {error}"));
            }
        }
    }
    console::step("concluding licences", || {
        inventory::name_suppliers(&mut bom);
        bom.conclude();
    });
    tell_found(&bom);
    if let Some((cache, answers)) = cache.and_then(|cache| Some((cache, licenses::answers()?))) {
        cache.keep_answers(licenses::FINDER, &answers);
    }
    if let Some((cache, name)) = cache.zip(snapshot.bill_name) {
        cache.keep_bill(&name, &bom);
    }
    (bom, tree)
}

/// The platform that a user names.
pub(super) fn platform(text: Option<&str>) -> Result<Option<Platform>, Failure> {
    text.map(str::parse).transpose().map_err(|_| {
        Failure::usage(
            format!("`{}` is not a platform", text.unwrap_or_default()),
            "write it as OS/ARCH or OS/ARCH/VARIANT: linux/amd64, linux/arm/v7",
        )
    })
}

/// The document that the user names, whole, with its path. `None` where no document is named.
pub(super) fn document(reference: &str) -> Result<Option<(PathBuf, Vec<u8>)>, Failure> {
    let path = source::path_of(reference);
    if source::names_scheme(reference) || !path.is_file() || !is_document(&path)? {
        return Ok(None);
    }
    let bytes = contents(&path)?;
    Ok(Some((path, bytes)))
}

/// The bytes of a file that holds no more than so many.
pub(super) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |source| Failure::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    read.map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(failed(std::io::Error::other(format!("it is longer than {limit} bytes"))));
    }
    Ok(bytes)
}

fn is_document(path: &Path) -> Result<bool, Failure> {
    let mut head = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(64 << 10).read_to_end(&mut head));
    opened.map_err(|source| Failure::File { path: path.to_owned(), source })?;
    // No image is JSON, and the word that tells a document may be its last.
    let is_json = head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if is_json && !reader::recognises(&head) {
        return Ok(reader::recognises(&contents(path)?));
    }
    Ok(reader::recognises(&head))
}

fn read_document(path: &Path) -> Result<Bom, Failure> {
    let file = File::open(path).map_err(|source| Failure::File { path: path.to_owned(), source })?;
    let bom =
        console::step(&format!("reading {}", path.display()), || reader::read_from(file.take(MAX_DOCUMENT)));
    bom.inspect(tell_found).map_err(|source| Failure::Read { path: path.to_owned(), source })
}

fn contents(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(MAX_DOCUMENT).read_to_end(&mut bytes));
    opened.map_err(|source| Failure::File { path: path.to_owned(), source })?;
    Ok(bytes)
}

/// The components a person means, or what is near.
pub(super) fn meant<'a>(bom: &'a Bom, component: &str, source: &str) -> Result<Vec<&'a Ref>, Failure> {
    let meant = explain::meant(bom, component);
    if !meant.is_empty() {
        return Ok(meant);
    }
    let near: Vec<&str> = explain::nearby(bom, component).into_iter().map(Ref::as_str).collect();
    Err(Failure::Usage {
        message: format!("there is no component `{component}` in `{source}`"),
        help: Some(match near.is_empty() {
            true => format!("packlist scan {source} lists what there is"),
            false => format!("it has {}", near.join(", ")),
        }),
    })
}

/// What a source is called while it is read: without the folders before it.
fn short_name(reference: &str) -> String {
    reference.trim_end_matches('/').rsplit('/').next().unwrap_or(reference).to_owned()
}

/// For who wants details: what each kind of file gave, and what is not in the list and why.
fn tell_found(bom: &Bom) {
    if !console::is_verbose() {
        return;
    }
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for evidence in bom.components.values().flat_map(|component| &component.evidence) {
        *found.entry(evidence.found_by.as_str()).or_default() += 1;
    }
    for (ecosystem, count) in found.iter().filter(|(ecosystem, _)| !ecosystem.is_empty()) {
        console::detail(|| format!("{ecosystem}: named {count} packages"));
    }
    for gap in &bom.gaps {
        let line = gap.line.map(|line| format!(":{line}")).unwrap_or_default();
        let path = if gap.path.is_empty() { "the whole" } else { &gap.path };
        console::detail(|| format!("{}: {path}{line}: {}", gap.kind.name(), gap.reason));
    }
    console::detail(|| format!("{} components in {}", bom.components.len(), bom.subject.name));
}

/// One line about what could not be read; the document has them all.
pub(super) fn tell_gaps(bom: &Bom) {
    let mut unread = bom.gaps.iter().filter(|gap| gap.kind == GapKind::Unread);
    let Some(first) = unread.next() else { return };
    let place = match (first.path.as_str(), first.line) {
        ("", _) => String::new(),
        (path, Some(line)) => format!("{path}:{line}: "),
        (path, None) => format!("{path}: "),
    };
    let more = match unread.count() {
        0 => String::new(),
        count => format!(", and {count} more (the document lists them)"),
    };
    world::note(&format!("not everything could be read: {place}{}{more}", first.reason));
}

/// One line about names that are not what they look like; the rule `name-deceptive` names each.
pub(super) fn tell_deceptions(bom: &Bom) {
    let mut deceptive = bom.components.values().filter_map(|one| Some((&one.name, deception(&one.name)?)));
    let Some((name, reason)) = deceptive.next() else { return };
    let more = match deceptive.count() {
        0 => String::new(),
        count => format!(", and {count} more"),
    };
    world::note(&format!("not every name is what it looks like: `{name}` {reason}{more}"));
}

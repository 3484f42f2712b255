//! Layers stacked: what each wanted file was after every layer, and what it is at the top.
//!
//! Symlinks count: a file written to `lib/x` where a lower layer made `lib` a link to `usr/lib` lies at
//! `usr/lib/x`. A folder entry over a link replaces the link, as the container runtimes do it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

use super::path::in_common;
use super::{Extract, MOST_RECORDS, Node, clean, parent};

/// How many links one look-up may pass through; more is a loop.
const MAX_LINKS: usize = 40;

/// The wanted files of a subject, seen after one of its layers (the last, unless asked otherwise).
#[derive(Debug, Clone)]
pub struct Tree {
    history: Arc<BTreeMap<String, Vec<State>>>,
    /// Every path that ever was a link. Nearly no folder is one, and every look-up asks for all its folders.
    links: Arc<HashSet<String>>,
    /// The layer after which we look.
    at: usize,
    /// How many packages one of the files may name.
    most_records: usize,
}

/// What a path became in one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub layer: usize,
    /// `None` when the layer removed it.
    live: Option<Live>,
}

#[derive(Debug, Clone, PartialEq)]
enum Live {
    File(Arc<[u8]>),
    Link(Box<str>),
}

impl State {
    /// The content the layer gave it; `None` when the layer removed it or made it a link.
    pub fn content(&self) -> Option<&Arc<[u8]>> {
        match &self.live {
            Some(Live::File(bytes)) => Some(bytes),
            _ => None,
        }
    }
}

impl Tree {
    /// Stacks layers, base first. A directory is a stack of one.
    pub fn stack<'a>(layers: impl IntoIterator<Item = &'a Extract>) -> Self {
        let mut stack = Stack::default();
        for (index, extract) in layers.into_iter().enumerate() {
            stack.apply(index, extract);
        }
        let was_link =
            |states: &[State]| states.iter().any(|state| matches!(state.live, Some(Live::Link(_))));
        let links = stack.history.iter().filter(|(_, states)| was_link(states));
        let links = links.map(|(path, _)| path.clone()).collect();
        Self {
            history: Arc::new(stack.history),
            links: Arc::new(links),
            at: usize::MAX,
            most_records: MOST_RECORDS,
        }
    }

    /// The same tree as it was after layer `layer`.
    pub fn after(&self, layer: usize) -> Self {
        Self {
            history: Arc::clone(&self.history),
            links: Arc::clone(&self.links),
            at: layer,
            most_records: self.most_records,
        }
    }

    /// The same tree, of which each file may name so many packages.
    pub fn with_most_records(self, most_records: usize) -> Self {
        Self { most_records, ..self }
    }

    /// How many packages one file may name.
    pub fn most_records(&self) -> usize {
        self.most_records
    }

    /// Every path that ever held a wanted file, with what each layer made of it, oldest first.
    pub fn histories(&self) -> impl Iterator<Item = (&str, &[State])> {
        self.history.iter().map(|(path, states)| (path.as_str(), states.as_slice()))
    }

    /// Every wanted file that is there, in order of path; links are not followed.
    pub fn present(&self) -> impl Iterator<Item = &str> {
        self.history.iter().filter_map(|(path, states)| match latest(states, self.at)? {
            Live::File(_) => Some(path.as_str()),
            Live::Link(_) => None,
        })
    }

    /// The content of a file, links followed. `None` when there is none, or nobody asked for its bytes.
    pub fn read(&self, path: &str) -> Option<&[u8]> {
        let mut path = self.folders_resolved(path)?;
        for _ in 0..MAX_LINKS {
            match self.live(&path)? {
                Live::File(bytes) => return Some(bytes),
                Live::Link(target) => {
                    let target = joined(parent(&path), target)?;
                    path = Cow::Owned(self.folders_resolved(&target)?.into_owned());
                }
            }
        }
        None
    }

    /// Wanted files below a folder, in order of path; links are not followed.
    pub fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        let (from, to) = below(folder);
        let range = self.history.range::<str, _>((Bound::Included(from.as_str()), to.as_bound()));
        let found: Vec<_> = range
            .filter_map(|(path, states)| match latest(states, self.at)? {
                Live::File(bytes) => Some((path.as_str(), &**bytes)),
                Live::Link(_) => None,
            })
            .collect();
        found.into_iter()
    }

    /// Paths of files that begin with a text, in order: `specifications/rake-` for every version of rake.
    pub fn beginning_with<'a>(&'a self, start: &'a str) -> impl Iterator<Item = &'a str> {
        let range = self.history.range::<str, _>((Bound::Included(start), Bound::Unbounded));
        let matching = range.take_while(move |(path, _)| path.starts_with(start));
        matching.filter_map(|(path, states)| match latest(states, self.at)? {
            Live::File(_) => Some(path.as_str()),
            Live::Link(_) => None,
        })
    }

    /// Names of the folders in a folder that hold wanted files somewhere, in order; links are not followed.
    pub fn folders_in<'a>(&'a self, folder: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut from = Bound::Included(start.clone());
        std::iter::from_fn(move || {
            loop {
                let range = (from.as_ref().map(String::as_str), Bound::Unbounded);
                let (path, _) = self.history.range::<str, _>(range).next()?;
                let rest = path.strip_prefix(start.as_str())?;
                match rest.split_once('/') {
                    Some((name, _)) => {
                        // `0` follows `/`: all that lies in the folder is passed over.
                        from = Bound::Included(format!("{start}{name}0"));
                        return Some(name);
                    }
                    None => from = Bound::Excluded(path.clone()),
                }
            }
        })
    }

    fn live(&self, path: &str) -> Option<&Live> {
        latest(self.history.get(path)?, self.at)
    }

    /// Where a folder really lies, links followed. `None` for a loop of links.
    pub fn real_folder(&self, folder: &str) -> Option<String> {
        resolve_folder(folder, 0, |folder| self.link(folder)).map(Cow::into_owned)
    }

    /// The same for one folder after another. Borrowed where it lies where it says.
    pub fn next_real_folder<'f>(&self, last: &mut LastFolder, folder: &'f str) -> Option<Cow<'f, str>> {
        last.next(folder, |folder| self.link(folder))
    }

    fn link(&self, path: &str) -> Option<&str> {
        match self.links.get(path).and_then(|link| self.live(link))? {
            Live::Link(target) => Some(target),
            Live::File(_) => None,
        }
    }

    /// Whether a path is a link itself; links in its folders are not followed.
    pub fn is_link(&self, path: &str) -> bool {
        matches!(self.live(path), Some(Live::Link(_)))
    }

    fn folders_resolved<'p>(&self, path: &'p str) -> Option<Cow<'p, str>> {
        let (folder, name) = (parent(path), file_name(path));
        Some(match resolve_folder(folder, 0, |folder| self.link(folder))? {
            Cow::Borrowed(_) if !folder.is_empty() && !name.is_empty() => Cow::Borrowed(path),
            folder => Cow::Owned(under(&folder, name)),
        })
    }
}

/// The last folder that was resolved. Archives and lists name files folder by folder: what one has in common with the
/// last is not looked up again.
#[derive(Debug, Default)]
pub struct LastFolder {
    folder: String,
    /// Where it lies, where that is elsewhere.
    place: Option<String>,
}

impl LastFolder {
    /// Where a folder lies; borrowed where that is where it says. `None` for a loop of links.
    fn next<'f, 'l>(
        &mut self,
        folder: &'f str,
        link: impl Fn(&str) -> Option<&'l str>,
    ) -> Option<Cow<'f, str>> {
        if folder != self.folder {
            let known = if self.place.is_none() { in_common(folder, &self.folder) } else { 0 };
            self.place = match resolve_folder(folder, known, link)? {
                Cow::Borrowed(_) => None,
                Cow::Owned(place) => Some(place),
            };
            folder.clone_into(&mut self.folder);
        }
        Some(match &self.place {
            Some(place) => Cow::Owned(place.clone()),
            None => Cow::Borrowed(folder),
        })
    }
}

fn file_name(path: &str) -> &str {
    memchr::memrchr(b'/', path.as_bytes()).map_or(path, |slash| &path[slash + 1..])
}

fn latest(states: &[State], at: usize) -> Option<&Live> {
    states.iter().rev().find(|state| state.layer <= at)?.live.as_ref()
}

/// `target` as seen from `folder`, in our form. `None` when it climbs out of the root: a kernel would stop
/// at the root, and so do we.
fn joined(folder: &str, target: &str) -> Option<String> {
    let whole = if target.starts_with('/') { target.to_owned() } else { format!("{folder}/{target}") };
    clean(whole.as_bytes()).or_else(|| clean(stopped_at_root(&whole).as_bytes()))
}

fn stopped_at_root(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Replaces every part of `folder` that is a link by what it points to. Of its first `known` bytes, which are whole
/// names, none is. `None` for a loop.
fn resolve_folder<'f, 'l>(
    folder: &'f str,
    mut known: usize,
    link: impl Fn(&str) -> Option<&'l str>,
) -> Option<Cow<'f, str>> {
    let mut folder = Cow::Borrowed(folder);
    for _ in 0..=MAX_LINKS {
        let Some((end, target)) = first_link(&folder, known, &link) else { return Some(folder) };
        let resolved = joined(parent(&folder[..end]), target)?;
        folder = Cow::Owned(under(&resolved, folder[end..].trim_start_matches('/')));
        known = 0;
    }
    None
}

/// The first part of `folder` behind what is known that is a link: where its name ends, and its target.
fn first_link<'l>(
    folder: &str,
    known: usize,
    link: &impl Fn(&str) -> Option<&'l str>,
) -> Option<(usize, &'l str)> {
    let slashes = folder.bytes().enumerate().skip(known + 1).filter(|(_, byte)| *byte == b'/');
    let ends = slashes.map(|(index, _)| index).chain(Some(folder.len()).filter(|end| *end > known));
    ends.into_iter().find_map(|end| Some((end, link(&folder[..end])?)))
}

/// `name` in `folder`; either may be the empty string.
fn under(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", path) | (path, "") => path.to_owned(),
        (folder, name) => [folder, "/", name].concat(),
    }
}

/// The bounds of everything below a folder: `a/` up to, but without, `a0` (`0` follows `/`).
fn below(folder: &str) -> (String, End) {
    match folder {
        "" => (String::new(), End::Open),
        folder => (format!("{folder}/"), End::Before(format!("{folder}0"))),
    }
}

enum End {
    Open,
    Before(String),
}

impl End {
    fn as_bound(&self) -> Bound<&str> {
        match self {
            Self::Open => Bound::Unbounded,
            Self::Before(end) => Bound::Excluded(end),
        }
    }
}

/// The tree while it is being stacked.
#[derive(Default)]
struct Stack {
    history: BTreeMap<String, Vec<State>>,
    /// Links alive now, by path: every folder of every entry asks for them.
    links: HashMap<String, Box<str>>,
    folder: LastFolder,
    gap: Gap,
}

/// Two paths between which nothing ever was: archives name their entries nearly in order.
#[derive(Default)]
struct Gap {
    after: String,
    /// Absent where nothing follows.
    before: Option<String>,
    is_known: bool,
}

impl Gap {
    fn has(&self, path: &str) -> bool {
        self.is_known
            && self.after.as_str() < path
            && self.before.as_ref().is_none_or(|before| path < before.as_str())
    }
}

impl Stack {
    fn apply(&mut self, layer: usize, extract: &Extract) {
        for folder in &extract.opaque {
            if let Some(folder) = self.place_folder(folder) {
                self.remove_below(layer, &folder);
            }
        }
        for path in &extract.whiteouts {
            if let Some(path) = self.place(path) {
                self.remove(layer, &path);
                self.remove_inside(layer, &path);
                self.remove_below(layer, &path);
            }
        }
        for entry in &extract.entries {
            if let Some(path) = self.place(&entry.path) {
                self.put(layer, path, &entry.node);
            }
        }
    }

    fn put(&mut self, layer: usize, path: Cow<'_, str>, node: &Node) {
        if let Node::Hardlink(target) = node {
            return self.put_hardlink(layer, path.into_owned(), target);
        }
        let is_new = self.is_new(&path);
        if !is_new {
            self.remove_inside(layer, &path);
        }
        let live = match node {
            Node::Directory if is_new => return,
            Node::Directory => return self.remove(layer, &path),
            Node::Other => None,
            Node::File(bytes) => Some(Live::File(Arc::clone(bytes))),
            Node::Symlink(target) => Some(Live::Link(target.clone())),
            Node::Hardlink(_) => None,
        };
        if !is_new {
            self.remove_below(layer, &path);
        }
        match live {
            None if is_new => {}
            live => self.set_or_remove(layer, path.into_owned(), live),
        }
    }

    /// Whether nothing ever was at a path, inside it or below it, as for most entries of most layers.
    fn is_new(&mut self, path: &str) -> bool {
        if !self.gap.has(path) {
            let mut behind = self.history.range::<str, _>((Bound::Included(path), Bound::Unbounded));
            let next = behind.next().map(|(next, _)| next);
            path.clone_into(&mut self.gap.after);
            self.gap.before = next.cloned();
            self.gap.is_known = true;
        }
        self.gap.before.as_ref().is_none_or(|next| !next.starts_with(path))
    }

    /// A second name has the content of the first, and what lies inside it.
    fn put_hardlink(&mut self, layer: usize, path: String, target: &str) {
        let target = self.place(target).unwrap_or_default();
        if target == path {
            return;
        }
        let live = self.history.get(&*target).and_then(|states| latest(states, usize::MAX)).cloned();
        let inside = format!("{target}!");
        let inside: Vec<_> = self
            .alive_below(&inside)
            .map(|(name, live)| (name[inside.len()..].to_owned(), live.clone()))
            .collect();
        self.remove_inside(layer, &path);
        self.remove_below(layer, &path);
        for (name, live) in inside {
            self.set(layer, format!("{path}!{name}"), Some(live));
        }
        self.set_or_remove(layer, path, live);
    }

    fn set_or_remove(&mut self, layer: usize, path: String, live: Option<Live>) {
        match live {
            Some(live) => self.set(layer, path, Some(live)),
            None => self.remove(layer, &path),
        }
    }

    /// Where a path of the next entry really lies. `None` for a loop of links.
    fn place<'a>(&mut self, path: &'a str) -> Option<Cow<'a, str>> {
        Some(match self.place_folder(parent(path))? {
            Cow::Borrowed(_) => Cow::Borrowed(path),
            Cow::Owned(folder) => Cow::Owned(under(&folder, file_name(path))),
        })
    }

    /// Borrowed where the folder lies where it says.
    fn place_folder<'a>(&mut self, folder: &'a str) -> Option<Cow<'a, str>> {
        if folder.is_empty() || self.links.is_empty() {
            return Some(Cow::Borrowed(folder));
        }
        self.folder.next(folder, |folder| self.links.get(folder).map(|target| &**target))
    }

    fn remove(&mut self, layer: usize, path: &str) {
        let alive = self.history.get(path).is_some_and(|states| latest(states, usize::MAX).is_some());
        if alive {
            self.set(layer, path.to_owned(), None);
        }
    }

    fn remove_below(&mut self, layer: usize, folder: &str) {
        let paths: Vec<String> = self.alive_below(folder).map(|(path, _)| path.to_owned()).collect();
        for path in paths {
            self.set(layer, path, None);
        }
    }

    /// What was found inside a file goes with the file.
    fn remove_inside(&mut self, layer: usize, path: &str) {
        self.remove_below(layer, &format!("{path}!"));
    }

    fn alive_below(&self, folder: &str) -> impl Iterator<Item = (&str, &Live)> {
        let (from, to) = below(folder);
        let range = self.history.range::<str, _>((Bound::Included(from.as_str()), to.as_bound()));
        range.filter_map(|(path, states)| Some((path.as_str(), latest(states, usize::MAX)?)))
    }

    fn set(&mut self, layer: usize, path: String, live: Option<Live>) {
        let is_link = match &live {
            Some(Live::Link(target)) => {
                self.links.insert(path.clone(), target.clone());
                true
            }
            _ => self.links.remove(&path).is_some(),
        };
        if is_link {
            self.folder = LastFolder::default();
        }
        if self.gap.has(&path) {
            path.clone_into(&mut self.gap.after);
        }
        let states = self.history.entry(path).or_default();
        match states.last_mut().map(|last| (last.layer.cmp(&layer), last)) {
            Some((Ordering::Equal, last)) => last.live = live,
            _ => states.push(State { layer, live }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Entry;

    fn file(path: &str, content: &str) -> Entry {
        Entry { path: path.into(), node: Node::File(content.as_bytes().into()) }
    }

    fn node(path: &str, node: Node) -> Entry {
        Entry { path: path.into(), node }
    }

    fn symlink(path: &str, target: &str) -> Entry {
        node(path, Node::Symlink(target.into()))
    }

    fn layer(entries: Vec<Entry>) -> Extract {
        Extract { entries, ..Extract::default() }
    }

    fn text<'a>(tree: &'a Tree, path: &str) -> Option<&'a str> {
        tree.read(path).map(|bytes| std::str::from_utf8(bytes).expect("text"))
    }

    #[test]
    fn whiteouts_hide_lower_layers_but_not_their_own() {
        let below = layer(vec![file("a/gone/x", "1"), file("a/kept", "1"), file("o/old", "1")]);
        let mut above = layer(vec![file("a/gone/y", "2"), file("o/new", "2")]);
        above.whiteouts = vec!["a/gone".into()];
        above.opaque = vec!["o".into()];
        let tree = Tree::stack([&below, &above]);
        assert_eq!(text(&tree, "a/gone/x"), None);
        assert_eq!(text(&tree, "a/gone/y"), Some("2"));
        assert_eq!(text(&tree, "a/kept"), Some("1"));
        assert_eq!(text(&tree, "o/old"), None);
        assert_eq!(text(&tree, "o/new"), Some("2"));
        assert_eq!(text(&tree.after(0), "a/gone/x"), Some("1"));
    }

    #[test]
    fn an_opaque_folder_named_through_a_link_hides_what_the_link_points_to() {
        let below = layer(vec![symlink("lib", "usr/lib"), file("usr/lib/x", "1"), file("usr/y", "1")]);
        let above = Extract { opaque: vec!["lib".into()], ..Extract::default() };
        let tree = Tree::stack([&below, &above]);
        assert_eq!((text(&tree, "usr/lib/x"), text(&tree, "usr/y")), (None, Some("1")));
        let root = Extract { opaque: vec![String::new()], ..Extract::default() };
        assert_eq!(text(&Tree::stack([&below, &root]), "usr/y"), None);
    }

    #[test]
    fn a_file_written_through_a_link_lies_where_the_link_points() {
        let below = layer(vec![symlink("lib", "usr/lib"), file("usr/lib/a", "1"), symlink("top", "/")]);
        let mut above = layer(vec![file("lib/b", "2"), file("lib/sub/c", "2"), file("top/d", "2")]);
        above.whiteouts = vec!["lib/a".into()];
        let tree = Tree::stack([&below, &above]);
        let paths: Vec<_> = tree.below("").map(|(path, _)| path).collect();
        assert_eq!(paths, ["d", "usr/lib/b", "usr/lib/sub/c"]);
        assert_eq!(text(&tree, "lib/b"), Some("2"));
    }

    #[test]
    fn files_folders_and_links_replace_each_other() {
        let below = layer(vec![file("a/x", "1"), file("b", "1"), symlink("c", "a")]);
        let above =
            layer(vec![node("a", Node::Other), node("b", Node::Directory), node("c", Node::Directory)]);
        let tree = Tree::stack([&below, &above]);
        assert_eq!(text(&tree, "a/x"), None);
        assert_eq!(text(&tree, "b"), None);
        assert_eq!(text(&tree, "c/x"), None);
    }

    #[test]
    fn the_second_name_of_a_file_outlives_the_first() {
        let below = layer(vec![file("a", "1"), node("b", Node::Hardlink("a".into()))]);
        let above = Extract { whiteouts: vec!["a".into()], ..Extract::default() };
        let link = layer(vec![node("c", Node::Hardlink("b".into()))]);
        let tree = Tree::stack([&below, &above, &link]);
        assert_eq!((text(&tree, "a"), text(&tree, "b"), text(&tree, "c")), (None, Some("1"), Some("1")));
    }

    #[test]
    fn what_lies_inside_a_file_comes_and_goes_with_it() {
        let inside = |path: &str| file(&format!("{path}!/deep/x"), "1");
        let below = layer(vec![
            node("bin/a", Node::Other),
            inside("bin/a"),
            node("bin/b", Node::Other),
            inside("bin/b"),
            file("c.jar", "1"),
            inside("c.jar"),
            node("bin/second", Node::Hardlink("bin/b".into())),
            symlink("sbin", "bin"),
        ]);
        let mut above =
            layer(vec![node("sbin/a", Node::Other), node("c.jar", Node::Directory), file("c.jar/real", "2")]);
        above.whiteouts = vec!["sbin/b".into()];
        let tree = Tree::stack([&below, &above]);
        assert_eq!(text(&tree.after(0), "sbin/a!/deep/x"), Some("1"));
        assert_eq!(text(&tree.after(0), "bin/b!/deep/x"), Some("1"));
        let paths: Vec<_> = tree.below("").map(|(path, _)| path).collect();
        assert_eq!(paths, ["bin/second!/deep/x", "c.jar/real"]);
    }

    #[test]
    fn a_whiteout_of_a_folder_takes_what_lies_inside_its_files() {
        let below = layer(vec![file("d/e/x.jar!/m", "1"), file("d/e.jar!/m", "1")]);
        let above = Extract { whiteouts: vec!["d/e".into()], ..Extract::default() };
        let tree = Tree::stack([&below, &above]);
        assert_eq!((text(&tree, "d/e/x.jar!/m"), text(&tree, "d/e.jar!/m")), (None, Some("1")));
    }

    #[test]
    fn links_are_followed_and_loops_end() {
        let tree = Tree::stack([&layer(vec![
            file("usr/lib/os-release", "ID=x"),
            symlink("etc/os-release", "../usr/lib/os-release"),
            symlink("abs", "/usr/lib/os-release"),
            symlink("out", "../../../../usr/lib/os-release"),
            symlink("loop", "loop"),
            symlink("ping", "pong/x"),
            symlink("pong", "ping"),
        ])]);
        for path in ["etc/os-release", "abs", "out"] {
            assert_eq!(text(&tree, path), Some("ID=x"), "{path}");
        }
        for path in ["loop", "loop/x", "ping", "pong/x"] {
            assert_eq!(text(&tree, path), None, "{path}");
        }
    }

    #[test]
    fn the_last_of_two_entries_is_right() {
        let tree = Tree::stack([&layer(vec![file("a", "1"), file("a", "2")])]);
        assert_eq!(text(&tree, "a"), Some("2"));
        assert_eq!(tree.histories().next().map(|(_, states)| states.len()), Some(1));
    }
}

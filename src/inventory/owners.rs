//! Whose files a component lies in.
//!
//! Distributions package Python modules, node modules, jars and programs: the same code is then recorded
//! twice, by dpkg and by the language's own metadata. It is one thing. A component all of whose places are
//! files of one package is part of that package; one that is also found elsewhere is a copy of its own.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Found;
use crate::bom::{Components, Owner, Purl, Ref};
use crate::layers::{LastFolder, Tree, parent};

/// Who recorded a path as its own; an operating system's package comes before a language's.
struct Claim {
    owner: Ref,
    is_os: bool,
}

/// Who has places of a component among its files.
#[derive(Default)]
pub(super) struct Carriers {
    pub(super) owners: BTreeSet<Ref>,
    /// Whether a place is nobody's: then it is there for its own sake too.
    pub(super) is_elsewhere: bool,
}

/// Settles the owner of every component, and tells who carries it.
pub(super) fn settle(components: &mut Components, found: &[Found], tree: &Tree) -> BTreeMap<Ref, Carriers> {
    let claims = claims(components, found, tree);
    let mut carried = BTreeMap::new();
    for (reference, component) in components.iter_mut() {
        if component.is_os() || component.first_party {
            continue;
        }
        let mut carriers = Carriers::default();
        let mut first = None;
        for evidence in &component.evidence {
            match claims.get(file_of(&evidence.path)).filter(|claim| claim.owner != *reference) {
                Some(claim) => {
                    carriers.owners.insert(claim.owner.clone());
                    first.get_or_insert_with(|| Owner {
                        component: claim.owner.clone(),
                        path: evidence.path.clone(),
                    });
                }
                None => carriers.is_elsewhere = true,
            }
        }
        component.owner = first.filter(|_| !carriers.is_elsewhere).map(Box::new);
        // Somebody may have asked for the distribution's package, and not for what it is made of.
        component.asked_for &= !component.owner.as_ref().is_some_and(|owner| is_os(&owner.component));
        carried.insert(reference.clone(), carriers);
    }
    carried
}

fn is_os(reference: &Ref) -> bool {
    reference.0.parse::<Purl>().is_ok_and(|purl| purl.is_os())
}

/// The file of the subject that a path lies in: `app.jar!/META-INF/x` lies in `app.jar`.
pub(super) fn file_of(path: &str) -> &str {
    path.split("!/").next().unwrap_or(path)
}

/// Claims on files that some component lies in; others are of no interest here.
fn claims(components: &Components, found: &[Found], tree: &Tree) -> HashMap<String, Claim> {
    let mut places: HashMap<&str, Option<Claim>> = HashMap::new();
    for component in components.values().filter(|component| !component.is_os()) {
        for evidence in &component.evidence {
            places.insert(file_of(&evidence.path), None);
        }
    }
    if places.is_empty() {
        return HashMap::new();
    }
    let mut folders = Folders::of(tree);
    for found in found.iter().filter(|found| !found.files.is_empty()) {
        let owner = found.component.reference();
        let is_os = found.component.is_os();
        for file in &found.files {
            let place = match places.contains_key(&*file.path) {
                true => Cow::Borrowed(&*file.path),
                false => match folders.real(&file.path) {
                    Cow::Borrowed(_) => continue,
                    elsewhere => elsewhere,
                },
            };
            let Some(claim) = places.get_mut(&*place) else { continue };
            if claim.as_ref().is_none_or(|claim| is_os && !claim.is_os) {
                *claim = Some(Claim { owner: owner.clone(), is_os });
            }
        }
    }
    places.into_iter().filter_map(|(path, claim)| Some((path.to_owned(), claim?))).collect()
}

/// Where files really lie: a package records `/lib/x` although `/lib` is a link to `/usr/lib`. Packages
/// record their files folder by folder.
pub(super) struct Folders<'a> {
    tree: &'a Tree,
    last: LastFolder,
}

impl<'a> Folders<'a> {
    pub(super) fn of(tree: &'a Tree) -> Self {
        Self { tree, last: LastFolder::default() }
    }

    /// The path itself where no folder of it is a link.
    pub(super) fn real<'b>(&mut self, path: &'b str) -> Cow<'b, str> {
        let folder = parent(path);
        match self.tree.next_real_folder(&mut self.last, folder) {
            Some(Cow::Owned(real)) => Cow::Owned([&*real, &path[folder.len()..]].concat()),
            _ => Cow::Borrowed(path),
        }
    }
}

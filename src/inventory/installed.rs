//! What a lockfile names and an image does not have.
//!
//! A lockfile in an image says what was to be installed, for every platform and for development too; the
//! installed packages say what was. Where a lockfile was applied, what it names beyond that is not in the
//! image, and is left out, with a word about how many. A lockfile that was not applied (its packages are
//! bundled, say) is all there is, and is listed.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use crate::bom::{Gap, GapKind, Presence, Ref, Scope, Subject, SubjectKind};

pub(super) fn leave_out_what_is_not(found: &mut Vec<Found>, gaps: &mut Vec<Gap>, subject: &Subject) {
    let is_root_file_system =
        subject.kind == SubjectKind::Image || found.iter().any(|found| found.package.component.is_os());
    if !is_root_file_system {
        return;
    }
    let applied = applied_lockfiles(found);
    let installed = installed(found);
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    found.retain(|found| {
        let stays = !is_locked(found)
            || !applied.contains(&found.path)
            || installed.contains(&found.package.component.reference());
        if !stays {
            *left_out.entry(found.path.clone()).or_default() += 1;
        }
        stays
    });
    gaps.extend(left_out.into_iter().map(|(path, count)| Gap {
        path,
        line: None,
        kind: GapKind::LeftOut,
        reason: format!("{count} packages it names are not installed here"),
    }));
}

fn is_locked(found: &Found) -> bool {
    found.package.component.presence == Presence::Declared && !found.package.component.first_party
}

fn installed(found: &[Found]) -> BTreeSet<Ref> {
    let installed = found.iter().filter(|found| found.package.component.presence == Presence::Installed);
    installed.map(|found| found.package.component.reference()).collect()
}

/// Lockfiles at least half of whose run-time packages are installed.
fn applied_lockfiles(found: &[Found]) -> BTreeSet<String> {
    let installed = installed(found);
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for found in found.iter().filter(|found| is_locked(found) && found.package.scope != Some(Scope::Dev)) {
        let (there, all) = counts.entry(&found.path).or_default();
        *there += usize::from(installed.contains(&found.package.component.reference()));
        *all += 1;
    }
    counts
        .into_iter()
        .filter(|(_, (there, all))| there * 2 >= *all)
        .map(|(path, _)| path.to_owned())
        .collect()
}

//! Drift as text or data. Nothing is decided here.

mod findings;
mod html;
mod human;
mod json;
mod licenses;
mod markdown;

pub(super) use findings::about;

use crate::bom::Bom;
use crate::drift::{Cause, Change, Direction, Drift, Kind};
use crate::report::html::Support;

/// All that a report of drift may say.
pub struct DriftReport<'a> {
    pub old: &'a Bom,
    pub new: &'a Bom,
    /// What was compared, as the user named it: `old.cdx.json`, `oci:build`.
    pub old_name: &'a str,
    pub new_name: &'a str,
    pub drift: &'a Drift,
    /// Every change on a line of its own, none left out.
    pub listed: bool,
    /// What the calendar says of the newer list, for the page. Absent where nobody asked.
    pub support: Option<Support<'a>>,
}

/// One way of writing drift.
pub struct DriftFormat {
    /// What `-o` calls it.
    pub name: &'static str,
    /// For `--help`.
    pub about: &'static str,
    pub render: fn(&DriftReport<'_>) -> String,
}

/// Every format, in order of name.
pub const ALL: &[DriftFormat] = &[
    findings::GITHUB,
    findings::GITLAB,
    html::FORMAT,
    human::FORMAT,
    json::FORMAT,
    findings::JUNIT,
    markdown::FORMAT,
    findings::SARIF,
];

/// The changes of one kind, for a reader.
struct Section<'a> {
    kind: Kind,
    rows: Vec<Row<'a>>,
}

/// Changes that say the same of packages from one source.
struct Row<'a> {
    changes: Vec<&'a Change>,
}

impl Row<'_> {
    fn first(&self) -> &Change {
        self.changes[0]
    }

    /// What changed: a purl, or a distribution's source package with those built from it.
    fn what(&self) -> (String, Vec<&str>) {
        let first = self.first();
        match &first.source {
            Some(source) if first.kind.folds() => {
                let mut names: Vec<&str> = self.changes.iter().map(|change| change.name.as_str()).collect();
                names.sort_unstable();
                names.dedup();
                let members = if names == [source.as_str()] { Vec::new() } else { names };
                (source.clone(), members)
            }
            _ => (first.package.clone(), Vec::new()),
        }
    }

    /// From what to what; what is added or removed has one end only.
    fn ends(&self) -> String {
        let first = self.first();
        match (&first.from, &first.to) {
            (Some(from), Some(to)) if first.kind == Kind::License => licenses::difference(from, to),
            (Some(from), Some(to)) => format!("{from} → {to}"),
            (None, Some(text)) | (Some(text), None) if matches!(first.kind, Kind::Added | Kind::Removed) => {
                text.clone()
            }
            (None, Some(to)) if matches!(first.kind, Kind::Files | Kind::EndOfLife) => to.clone(),
            (None, Some(to)) => format!("nothing known → {to}"),
            (Some(from), None) => format!("{from} → nothing known"),
            (None, None) => String::new(),
        }
    }

    /// What else is worth a word: `major`, `stricter`, `base image`.
    fn notes(&self) -> Vec<&'static str> {
        let first = self.first();
        let direction =
            first.direction.filter(|direction| *direction != Direction::Other).map(Direction::name);
        let cause = first.cause.filter(|_| first.kind != Kind::Layer).map(|cause| match cause {
            Cause::Base => "base image",
            Cause::Application => "application",
        });
        let step = first.step.filter(|_| first.kind != Kind::Downgraded).map(crate::versions::Step::name);
        let own = first.first_party.then_some("our own");
        let stays = first.stays.then_some("another version stays");
        [step, direction, cause, own, stays].into_iter().flatten().collect()
    }
}

impl Kind {
    /// The section's title.
    fn title(self) -> &'static str {
        match self {
            Self::Subject => "Another subject",
            Self::Distribution => "Distribution changed",
            Self::Replaced => "Same version, other bytes",
            Self::Source => "Fetched from elsewhere",
            Self::LookAlike => "Looks like what was removed",
            Self::Downgraded => "Downgraded",
            Self::License => "Licence changed",
            Self::EndOfLife => "Support ended",
            Self::Supplier => "Supplier changed",
            Self::Files => "Files modified",
            Self::Added => "Added",
            Self::Removed => "Removed",
            Self::Renamed => "Renamed",
            Self::Moved => "Moved",
            Self::Upgraded => "Upgraded",
            Self::Rebuilt => "Rebuilt or patched, same upstream version",
            Self::Changed => "Version changed, order unknown",
            Self::Layer => "Moved between base image and application",
            Self::Depth => "Direct or indirect dependency",
        }
    }

    /// A word for the summary: `3 upgraded`.
    fn counted(self) -> &'static str {
        match self {
            Self::Subject => "of the subject",
            Self::Distribution => "of the distribution",
            Self::Replaced => "replaced",
            Self::Source => "fetched from elsewhere",
            Self::LookAlike => "looking alike",
            Self::Downgraded => "downgraded",
            Self::License => "relicensed",
            Self::EndOfLife => "out of support",
            Self::Supplier => "from another supplier",
            Self::Files => "with modified files",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Moved => "moved",
            Self::Upgraded => "upgraded",
            Self::Rebuilt => "rebuilt or patched",
            Self::Changed => "changed",
            Self::Layer => "in another layer",
            Self::Depth => "at another depth",
        }
    }

    /// What somebody should look at, rather than note.
    fn matters(self) -> bool {
        self <= Self::Files
    }

    /// Whether what happens to a source package happens to all that is built from it.
    fn folds(self) -> bool {
        matches!(
            self,
            Self::Changed
                | Self::Downgraded
                | Self::License
                | Self::Rebuilt
                | Self::Supplier
                | Self::Upgraded
        )
    }
}

/// The sections in order, and how many changes lie inside components that are told anyway.
fn sections(drift: &Drift) -> (Vec<Section<'_>>, usize) {
    let is_told = |change: &Change| change.inside.is_none() || change.kind.matters();
    let told: Vec<&Change> = drift.changes.iter().filter(|change| is_told(change)).collect();
    let mut sections: Vec<Section<'_>> = told
        .chunk_by(|one, other| one.kind == other.kind)
        .filter_map(|changes| {
            let rows = changes.iter().map(|change| Row { changes: vec![*change] }).collect();
            Some(Section { kind: changes.first()?.kind, rows })
        })
        .collect();
    for section in &mut sections {
        fold(section);
    }
    let inside = drift.changes.len() - told.len();
    (sections, inside)
}

/// Makes one row of what is one source package going from one version to another.
fn fold(section: &mut Section<'_>) {
    if !section.kind.folds() {
        return;
    }
    let key = |row: &Row<'_>| {
        let first = row.first();
        (first.source.clone().unwrap_or_else(|| first.package.clone()), first.from.clone(), first.to.clone())
    };
    section.rows.sort_by_cached_key(|row| (key(row), row.first().name.clone()));
    let rows = std::mem::take(&mut section.rows);
    for row in rows {
        match section.rows.last_mut() {
            Some(last) if row.first().source.is_some() && key(last) == key(&row) => {
                last.changes.extend(row.changes);
            }
            _ => section.rows.push(row),
        }
    }
}

/// `3 added, 1 downgraded`, what matters first.
pub(super) fn summary(drift: &Drift) -> String {
    let counts = drift.summary();
    let words: Vec<String> =
        counts.iter().map(|(kind, count)| format!("{count} {}", kind.counted())).collect();
    match words.is_empty() {
        true => "no drift".to_owned(),
        false => words.join(", "),
    }
}

/// The first rows, a line each, and the package of the first that matters and is still there.
pub(super) fn first(drift: &Drift, most: usize) -> (Vec<String>, Option<String>) {
    let (sections, _) = sections(drift);
    let rows = sections.iter().flat_map(|section| section.rows.iter().map(|row| (section.kind, row)));
    let line = |(kind, row): (Kind, &Row<'_>)| {
        let title = kind.title().to_lowercase();
        super::text::one_line(&format!("{title}: {}  {}", row.what().0, row.ends()))
    };
    let lines = rows.clone().take(most).map(line).collect();
    let is_there = |(kind, _): &(Kind, &Row<'_>)| kind.matters() || *kind == Kind::Added;
    let named = rows.filter(is_there).find_map(|(_, row)| {
        let change = row.first();
        change.new.as_ref().map(|_| change.package.clone())
    });
    (lines, named)
}

/// What each side is called: its own name, else what the user called it.
pub(super) fn title(bom: &Bom, name: &str) -> String {
    if bom.subject.name.is_empty() { name.to_owned() } else { bom.subject.name.clone() }
}

#[cfg(test)]
mod testing {
    use super::{DriftFormat, DriftReport};
    use crate::bom::{Basis, Bom, Component, LicenseClaim, Purl};
    use crate::drift;
    use crate::licenses::Expression;

    fn bill(name: &str, components: &[(&str, &str)]) -> Bom {
        let mut bom = Bom::default();
        bom.subject.name = name.to_owned();
        for (purl, license) in components {
            let purl: Purl = purl.parse().expect("a purl");
            let mut component = Component::new(purl.name());
            component.version = purl.version().map(str::to_owned);
            component.purl = Some(purl);
            component.licenses.push(LicenseClaim {
                text: (*license).to_owned(),
                expression: Expression::parse(license).ok(),
                basis: Basis::Declared,
                path: None,
                line: None,
            });
            bom.components.insert(component.reference(), component);
        }
        bom
    }

    /// One comparison that every format's test writes.
    pub(super) fn render(format: &DriftFormat) -> String {
        let old = bill(
            "app:1",
            &[
                ("pkg:deb/debian/libssl3@3.0.11-1?upstream=openssl", "Apache-2.0"),
                ("pkg:deb/debian/nginx@1:2.0-1", "BSD-2-Clause"),
                ("pkg:deb/debian/openssl@3.0.11-1", "Apache-2.0"),
                ("pkg:npm/a@1.0.0", "MIT"),
                ("pkg:npm/gone@1.0.0", "MIT"),
            ],
        );
        let new = bill(
            "app:2",
            &[
                ("pkg:deb/debian/libssl3@3.0.14-1?upstream=openssl", "Apache-2.0"),
                ("pkg:deb/debian/nginx@2.1-1", "BSD-2-Clause"),
                ("pkg:deb/debian/openssl@3.0.14-1", "Apache-2.0"),
                ("pkg:npm/a@2.0.0", "GPL-3.0-only"),
                ("pkg:npm/came<b>@1.0.0", "MIT"),
            ],
        );
        of(format, &old, &new)
    }

    pub(super) fn render_nothing(format: &DriftFormat) -> String {
        let bom = bill("app:1", &[("pkg:npm/a@1.0.0", "MIT")]);
        of(format, &bom, &bom)
    }

    fn of(format: &DriftFormat, old: &Bom, new: &Bom) -> String {
        let drift = drift::compare(old, new);
        let report = DriftReport {
            old,
            new,
            old_name: "old",
            new_name: "new",
            drift: &drift,
            listed: false,
            support: None,
        };
        (format.render)(&report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ALL.is_sorted_by(|one, other| one.name < other.name));
    }
}

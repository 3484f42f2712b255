//! The rows of an answer while they are being written: one for each line of releases and status.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::calendar::{Calendar, Cycle, Dropped, Product, Source};
use super::cycles::{self, Found};
use super::governor::Upstream;
use super::status::{self, Status};
use super::systems::{self, Release, System};
use super::{Behind, Confidence, MoveTo, Row, Terms};
use crate::bom::{Component, Kind, Purl, Ref, Standing, StandingKind};
use crate::versions;

/// The rows while they are being written: by product, cycle and status, for a product's own rows.
pub(super) struct Book<'a> {
    calendar: &'a Calendar,
    terms: &'a Terms,
    rows: BTreeMap<(String, String, Status), Row>,
}

impl<'a> Book<'a> {
    pub(super) fn new(calendar: &'a Calendar, terms: &'a Terms) -> Self {
        Self { calendar, terms, rows: BTreeMap::new() }
    }

    /// In order of the day on which each ends, what is over first.
    pub(super) fn into_rows(self) -> Vec<Row> {
        let mut rows: Vec<Row> = self.rows.into_values().collect();
        rows.sort_by_cached_key(|row| {
            let day = row.ends.or(row.status.is_over().then_some(NaiveDate::MIN)).unwrap_or(NaiveDate::MAX);
            (day, row.status, row.title.clone())
        });
        rows
    }

    fn row(&mut self, product: &str, title: String, cycle: Option<&str>, status: Status) -> &mut Row {
        let key = (product.to_owned(), cycle.unwrap_or_default().to_owned(), status);
        self.rows.entry(key).or_insert_with(|| Row {
            status,
            product: product.to_owned(),
            title,
            cycle: cycle.map(str::to_owned),
            components: Vec::new(),
            with: Vec::new(),
            ends: None,
            active: None,
            security: None,
            extended: None,
            confidence: Confidence::Exact,
            contract: None,
            source: None,
            move_to: None,
            behind: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// The row of a cycle, with its days.
    fn cycle_row(&mut self, product: &Product, cycle: &Cycle, status: Option<Status>) -> &mut Row {
        let (calendar, terms) = (self.calendar, self.terms);
        let (own, ends) = status::of(calendar, product, cycle, terms);
        let title = format!("{} {}", product.label, cycle.name);
        let row = self.row(&product.id, title, Some(&cycle.name), status.unwrap_or(own));
        if row.source.is_none() {
            row.ends = ends;
            row.active = cycle.active;
            row.security = Some(cycle.security);
            row.extended = cycle.extended;
            row.source = Some(source(calendar, product, cycle));
            row.move_to = move_to(calendar, product, cycle, terms);
            if cycle.extended.is_some_and(|extended| !extended.is_past(terms.today)) {
                row.contract = status::contract(calendar, product).map(str::to_owned);
            }
            row.notes.extend(released_after_end(cycle));
        }
        row
    }

    pub(super) fn add_standing(&mut self, reference: &Ref, component: &Component, standing: &Standing) {
        let status = match standing.kind {
            StandingKind::Deprecated | StandingKind::Abandoned => Status::Deprecated,
            StandingKind::Yanked | StandingKind::Retracted => Status::Withdrawn,
        };
        let title = match &component.version {
            Some(version) => format!("{} {version}", component.name),
            None => component.name.clone(),
        };
        let name = component.purl.as_ref().map_or(component.name.as_str(), Purl::without_version);
        let row = self.row(name, title, component.version.as_deref(), status);
        row.components.push(reference.clone());
        if !standing.reason.is_empty() {
            row.notes.push(format!("{}: {}", standing.kind.name(), standing.reason));
        }
    }

    pub(super) fn add_of_system(&mut self, system: &System, reference: &Ref, component: &Component) {
        let calendar = self.calendar;
        let row = match systems::release(calendar, system) {
            Release::Of(product, Found::Cycle(cycle)) => self.cycle_row(product, cycle, None),
            Release::Of(product, Found::Older(cycle)) => self.older_row(product, cycle),
            Release::Of(product, Found::Newer) => {
                let title = format!("{} {}", product.label, system.version.as_deref().unwrap_or_default());
                self.row(&product.id, title, system.version.as_deref(), Status::NewerThanData)
            }
            Release::Rolling => self.row(&system.id, system.id.clone(), None, Status::Rolling),
            Release::Of(_, Found::Unknown) | Release::Unknown => {
                let version = system.version.as_deref();
                let title = format!("{} {}", system.id, version.unwrap_or("(release not named)"));
                self.row(&system.id, title, version, Status::Unknown)
            }
        };
        match component.kind {
            Kind::OperatingSystem => row.components.push(reference.clone()),
            _ => row.with.push(reference.clone()),
        }
    }

    /// Whether the system's release itself is over, so that nothing of it need be told one by one.
    pub(super) fn is_over(&self, system: &System) -> bool {
        match systems::release(self.calendar, system) {
            Release::Of(product, Found::Cycle(cycle)) => {
                status::of(self.calendar, product, cycle, self.terms).0.is_over()
            }
            _ => false,
        }
    }

    pub(super) fn add_dropped(&mut self, system: &System, dropped: &Dropped, reference: &Ref) {
        let title = format!("{} on {} {}", dropped.package, system.id, dropped.cycle);
        let source = self.calendar.sources.iter().find(|source| source.name.contains("security-support"));
        let source = source.map(Source::text);
        let row = self.row(&dropped.package, title, Some(&dropped.cycle), Status::Dropped);
        row.ends = dropped.day.pred_opt();
        row.source = source;
        row.components.push(reference.clone());
    }

    /// Older than any cycle the calendar knows: over if the oldest is, else not known.
    fn older_row(&mut self, product: &Product, oldest: &Cycle) -> &mut Row {
        let (own, _) = status::of(self.calendar, product, oldest, self.terms);
        let status = if own.is_over() { Status::Ended } else { Status::Unknown };
        let note = format!("older than {}, the oldest release the calendar knows", oldest.name);
        let row = self.cycle_row(product, oldest, Some(status));
        if !row.notes.contains(&note) {
            row.notes.push(note);
        }
        row
    }

    pub(super) fn add_upstream(&mut self, upstream: &Upstream<'_>, reference: &Ref, component: &Component) {
        let calendar = self.calendar;
        let ty = component.purl.as_ref().map_or("", Purl::ty);
        if let Some(family) = upstream.product.strip_prefix('~') {
            self.add_family(family, ty, upstream.version.as_deref(), reference);
            return;
        }
        let Some(product) = calendar.products.get(upstream.product) else { return };
        let version = upstream.version.as_deref();
        let counted = version.map(|version| cycles::upstream_version(ty, &product.id, version));
        let row = match counted.map(|version| cycles::find(product, version)) {
            Some(Found::Cycle(cycle)) => {
                let behind = counted.and_then(|version| behind(cycle, version, reference));
                let row = self.cycle_row(product, cycle, None);
                row.behind.extend(behind);
                row
            }
            // A Go library beside a program is numbered for itself: Prometheus 2.37 is v0.37.
            Some(Found::Older(_))
                if ty == "golang" && versions::numbers(version.unwrap_or_default()).first() == Some(&0) =>
            {
                return;
            }
            Some(Found::Older(cycle)) => self.older_row(product, cycle),
            Some(Found::Newer) => {
                let title = format!("{} {}", product.label, version.unwrap_or_default());
                self.row(&product.id, title, version, Status::NewerThanData)
            }
            Some(Found::Unknown) | None => {
                let title = format!("{} {}", product.label, version.unwrap_or("(version not named)"));
                self.row(&product.id, title, version, Status::Unknown)
            }
        };
        row.components.push(reference.clone());
        if upstream.inferred {
            row.confidence = Confidence::Inferred;
        }
    }

    /// A build of one of several vendors: over only if it is for all of them.
    fn add_family(&mut self, name: &str, ty: &str, version: Option<&str>, reference: &Ref) {
        let calendar = self.calendar;
        let Some((family, version)) = calendar.ours.family.get(name).zip(version) else { return };
        let counted = cycles::upstream_version(ty, name, version);
        let known: Vec<(&Product, &Cycle)> = family
            .members
            .iter()
            .filter_map(|id| calendar.products.get(id))
            .filter_map(|product| match cycles::find(product, counted) {
                Found::Cycle(cycle) => Some((product, cycle)),
                _ => None,
            })
            .collect();
        let over = |(product, cycle): &(&Product, &Cycle)| {
            status::of(calendar, product, cycle, self.terms).0.is_over()
        };
        let Some((product, cycle)) = known.first().copied() else { return };
        let status = if known.iter().all(over) { Status::Ended } else { Status::VendorDependent };
        let last = known.iter().filter_map(|(_, cycle)| cycle.extended.unwrap_or(cycle.security).day()).max();
        let names: Vec<&str> = known.iter().map(|(product, _)| product.label.as_str()).collect();
        let source = source(calendar, product, cycle);
        let title = format!("{} {}", family.label, cycle.name);
        let row = self.row(name, title, Some(&cycle.name), status);
        row.confidence = Confidence::Family;
        row.ends = last;
        row.source = Some(source);
        row.notes = vec![format!("whose build it is, is not known; compared with {}", names.join(", "))];
        row.components.push(reference.clone());
    }
}

fn source(calendar: &Calendar, product: &Product, cycle: &Cycle) -> String {
    let own = calendar.sources.get(product.source).map(Source::text);
    cycle.source.clone().or(own).unwrap_or_default()
}

/// A release that came out after the end of its own support.
fn released_after_end(cycle: &Cycle) -> Option<String> {
    let (ended, latest_day) = (cycle.security.day()?, cycle.latest_day?);
    let latest = cycle.latest.as_ref()?;
    ((latest_day - ended).num_days() > 14)
        .then(|| format!("{latest} came out on {latest_day}, after the support had ended"))
}

fn move_to(calendar: &Calendar, product: &Product, from: &Cycle, terms: &Terms) -> Option<MoveTo> {
    if from.numbers.is_empty() {
        return None;
    }
    let is_good = |cycle: &&Cycle| {
        matches!(status::of(calendar, product, cycle, terms).0, Status::Supported | Status::SecurityOnly)
    };
    let later = product.cycles.iter().filter(|cycle| cycle.numbers > from.numbers).filter(is_good);
    let nearest = later.min_by_key(|cycle| &cycle.numbers)?;
    Some(MoveTo {
        cycle: nearest.name.clone(),
        latest: nearest.latest.clone(),
        until: nearest.security.day(),
    })
}

/// How far a version is behind the latest of its cycle, if it is.
fn behind(cycle: &Cycle, version: &str, reference: &Ref) -> Option<Behind> {
    let latest = cycle.latest.as_ref()?;
    let (own, newest) = (versions::numbers(version), versions::numbers(latest));
    if cycle.numbers.is_empty() || !newest.starts_with(&cycle.numbers) {
        return None;
    }
    let at = |numbers: &[u64], index: usize| numbers.get(index).copied().unwrap_or_default();
    let differs = (0..newest.len()).find(|index| at(&own, *index) != at(&newest, *index))?;
    let steps = at(&newest, differs).checked_sub(at(&own, differs))?;
    Some(Behind { component: reference.clone(), latest: latest.clone(), steps })
}

//! End of life: what nobody looks after any more, or will not for much longer.
//!
//! First who answers for a component (its distribution, or upstream), then which release it is of, then what the
//! day means for that release. What the calendar does not know is "unknown", never "fine", and a release is never
//! guessed.

mod calendar;
mod cycles;
mod data;
mod governor;
mod ours;
mod status;
mod systems;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::bom::{Bom, Component, Kind, Purl, Ref, Standing, StandingKind};
use crate::versions;
use calendar::{Cycle, Product};
use cycles::Found;
use governor::{Governor, Upstream};
use systems::{Release, System};

pub use calendar::{Calendar, CalendarError, End, Source};
pub use status::Status;

/// How long before its end something counts as ending, unless told otherwise.
pub const SOON: u32 = 90;

/// On which day, and with which promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub today: NaiveDate,
    /// How many days before its end something counts as ending.
    pub soon: u32,
    /// Extended support that we pay for, by the contract's name or the product's, with its last day if it has one.
    pub contracts: BTreeMap<String, Option<NaiveDate>>,
}

impl Terms {
    /// The usual terms on that day: three months ahead, no contracts.
    pub fn on(today: NaiveDate) -> Self {
        Self { today, soon: SOON, contracts: BTreeMap::new() }
    }

    fn holds(&self, contract: &str) -> bool {
        self.contracts.get(contract).is_some_and(|until| until.is_none_or(|day| day >= self.today))
    }
}

/// How sure it is that the calendar speaks of this component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    Exact,
    /// One of several vendors' builds.
    Family,
    /// By the name of a system's package, or a CPE.
    Inferred,
}

impl Confidence {
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Family => "family",
            Self::Inferred => "inferred",
        }
    }
}

/// One line of releases that the bill holds something of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub status: Status,
    /// The calendar's name for it: `debian`, `spring-boot`. A component's own name where the calendar has none.
    pub product: String,
    /// For people: `Spring Boot 2.7`.
    pub title: String,
    pub cycle: Option<String>,
    /// What it is about: the operating system, or the components of that line.
    pub components: Vec<Ref>,
    /// A distribution's packages, which live and die with it.
    pub with: Vec<Ref>,
    /// The day that counts for the status: the last one of what is left. Absent where nobody has named one.
    pub ends: Option<NaiveDate>,
    /// Last days of active, security and extended support.
    pub active: Option<End>,
    pub security: Option<End>,
    pub extended: Option<End>,
    pub confidence: Confidence,
    /// The contract by which extended support can be had.
    pub contract: Option<String>,
    /// Where the dates come from: `endoflife.date, commit …, 2026-08-22`.
    pub source: Option<String>,
    pub move_to: Option<MoveTo>,
    /// Components that are behind the latest release of their own line.
    pub behind: Vec<Behind>,
    /// What else a reader should know, a sentence fragment each.
    pub notes: Vec<String>,
}

/// The nearest line of releases that is looked after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveTo {
    pub cycle: String,
    pub latest: Option<String>,
    pub until: Option<NaiveDate>,
}

/// A component that is behind its own line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    pub component: Ref,
    pub latest: String,
    /// By how much the first number that differs is lower.
    pub steps: u64,
}

/// The calendar that comes with this version of packlist.
pub fn shipped() -> Calendar {
    Calendar::read(data::CYCLES, data::OURS, data::DROPPED)
        .expect("a test reads the shipped calendar, and nothing else goes into it")
}

/// Every line of releases in the bill that the calendar knows, the distribution's release with all its packages as
/// one. In order of the day on which it ends, what is over first.
pub fn judge(bom: &Bom, calendar: &Calendar, terms: &Terms) -> Vec<Row> {
    let systems: Vec<System> = systems::of_bill(bom).map(systems::of_component).collect();
    let mut book = Book { calendar, terms, rows: BTreeMap::new() };
    for (reference, component) in &bom.components {
        if component.hidden.is_some() || component.kind == Kind::File {
            continue;
        }
        if let Some(standing) = &component.standing {
            book.add_standing(reference, component, standing);
        }
        match governor::of(calendar, bom, &systems, component) {
            Governor::Distribution(system) => book.add_of_system(&system, reference, component),
            Governor::Dropped(system, row) if row.day <= terms.today && !book.is_over(&system) => {
                book.add_dropped(&system, row, reference);
            }
            Governor::Dropped(system, _) => book.add_of_system(&system, reference, component),
            Governor::Upstream(_) if component.first_party => {}
            Governor::Upstream(upstream) => book.add_upstream(&upstream, reference, component),
            Governor::Nobody => {}
        }
    }
    let mut rows: Vec<Row> = book.rows.into_values().collect();
    rows.sort_by_cached_key(|row| {
        let day = row.ends.or(row.status.is_over().then_some(NaiveDate::MIN)).unwrap_or(NaiveDate::MAX);
        (day, row.status, row.title.clone())
    });
    rows
}

/// A line of releases that is over in a newer bill, and was not there or not over in an older one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worsened {
    /// One component of it; the text says how many there are.
    pub component: Ref,
    /// What there was of the same product before.
    pub from: Option<String>,
    pub to: String,
}

/// What is over in the newer bill and was not in the older, both judged on one day.
pub fn worsened(old: &[Row], new: &[Row]) -> Vec<Worsened> {
    let was_over = |row: &Row| {
        old.iter().any(|old| old.product == row.product && old.cycle == row.cycle && old.status.is_over())
    };
    new.iter()
        .filter(|row| row.status.is_over() && !was_over(row))
        .filter_map(|row| {
            let before = old.iter().find(|old| old.product == row.product);
            let component = row.components.first().or(row.with.first())?.clone();
            Some(Worsened {
                component,
                from: before.map(|before| format!("{} ({})", before.title, before.status.name())),
                to: ended(row),
            })
        })
        .collect()
}

fn ended(row: &Row) -> String {
    let day = row.ends.map(|day| format!(" since {day}")).unwrap_or_default();
    let count = match row.components.len() {
        0 | 1 => String::new(),
        count => format!(", {count} components"),
    };
    format!("{} ({}{day}{count})", row.title, row.status.name())
}

/// The rows while they are being written: by product, cycle and status, for a product's own rows.
struct Book<'a> {
    calendar: &'a Calendar,
    terms: &'a Terms,
    rows: BTreeMap<(String, String, Status), Row>,
}

impl Book<'_> {
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

    fn add_standing(&mut self, reference: &Ref, component: &Component, standing: &Standing) {
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

    fn add_of_system(&mut self, system: &System, reference: &Ref, component: &Component) {
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
    fn is_over(&self, system: &System) -> bool {
        match systems::release(self.calendar, system) {
            Release::Of(product, Found::Cycle(cycle)) => {
                status::of(self.calendar, product, cycle, self.terms).0.is_over()
            }
            _ => false,
        }
    }

    fn add_dropped(&mut self, system: &System, dropped: &calendar::Dropped, reference: &Ref) {
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

    fn add_upstream(&mut self, upstream: &Upstream<'_>, reference: &Ref, component: &Component) {
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

impl Source {
    fn text(&self) -> String {
        match self.day {
            Some(day) => format!("{}, {day}", self.name),
            None => self.name.clone(),
        }
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
    let current = cycles::numbers(from)?;
    let is_good = |cycle: &&Cycle| {
        matches!(status::of(calendar, product, cycle, terms).0, Status::Supported | Status::SecurityOnly)
    };
    let later =
        product.cycles.iter().filter(is_good).filter_map(|cycle| Some((cycles::numbers(cycle)?, cycle)));
    let (_, nearest) = later.filter(|(numbers, _)| *numbers > current).min_by(|a, b| a.0.cmp(&b.0))?;
    Some(MoveTo {
        cycle: nearest.name.clone(),
        latest: nearest.latest.clone(),
        until: nearest.security.day(),
    })
}

/// How far a version is behind the latest of its cycle, if it is.
fn behind(cycle: &Cycle, version: &str, reference: &Ref) -> Option<Behind> {
    let latest = cycle.latest.as_ref()?;
    let (own, newest, line) =
        (versions::numbers(version), versions::numbers(latest), cycles::numbers(cycle)?);
    if !newest.starts_with(&line) {
        return None;
    }
    let at = |numbers: &[u64], index: usize| numbers.get(index).copied().unwrap_or_default();
    let differs = (0..newest.len()).find(|index| at(&own, *index) != at(&newest, *index))?;
    let steps = at(&newest, differs).checked_sub(at(&own, differs))?;
    Some(Behind { component: reference.clone(), latest: latest.clone(), steps })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::bom::{Evidence, Owner, Technique};

    const CASES: &str = include_str!("../../policies/eol/cases.tsv");

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// A component of a purl, or the operating system of `distro:id:version`.
    fn component(text: &str) -> Component {
        if let Some(system) = text.strip_prefix("distro:") {
            let (id, version) = system.split_once(':').expect("id:version");
            let mut component = Component::new(id);
            component.kind = Kind::OperatingSystem;
            component.version = Some(version.to_owned());
            return component;
        }
        let purl: Purl = text.parse().expect("a purl");
        let mut component = Component::new(purl.name());
        component.version = purl.version().map(str::to_owned);
        component.purl = Some(purl);
        component
    }

    fn bill(components: impl IntoIterator<Item = Component>) -> Bom {
        let mut bom = Bom::default();
        bom.components.extend(components.into_iter().map(|component| (component.reference(), component)));
        bom
    }

    /// The rows, a line each.
    fn check(bom: &Bom, today: &str, expected: Expect) {
        let text = |row: &Row| {
            let mut line = format!("{} {}", row.status.name(), row.title);
            line += &row.ends.map_or(String::new(), |day| format!(" until {day}"));
            line += &format!(", {} of it, {} with it", row.components.len(), row.with.len());
            let to = row.move_to.as_ref();
            line += &to.map_or(String::new(), |to| format!(", next {}", to.cycle));
            line += &row.contract.as_ref().map_or(String::new(), |name| format!(", contract {name}"));
            row.notes.iter().for_each(|note| line += &format!(" ({note})"));
            line + "\n"
        };
        let rows = judge(bom, &shipped(), &Terms::on(day(today)));
        expected.assert_eq(&rows.iter().map(text).collect::<String>());
    }

    #[test]
    fn worked_cases() {
        let calendar = shipped();
        let (mut count, mut wrong) = (0, Vec::new());
        for line in CASES.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let (text, expected) = (fields.next().expect("a case"), fields.next().expect("a status"));
            let mut terms = Terms::on(day("2026-11-20"));
            for context in fields {
                match context.split_once('=') {
                    Some(("today", today)) => terms.today = day(today),
                    Some(("have", contract)) => _ = terms.contracts.insert(contract.to_owned(), None),
                    _ => panic!("{context}"),
                }
            }
            let rows = judge(&bill([component(text)]), &calendar, &terms);
            let status = rows.first().map_or("unknown", |row| row.status.name());
            count += 1;
            if status != expected {
                wrong.push(format!("{text}: {status}, not {expected}"));
            }
        }
        assert_eq!((count, wrong), (110, Vec::new()));
    }

    #[test]
    fn a_distribution_is_one_row_with_all_its_packages() {
        let mut django = component("pkg:pypi/django@3.2.19");
        django.owner = Some(Owner {
            component: Ref("pkg:deb/debian/python3-django@3.2.19-1?distro=debian-12".into()),
            path: "usr/lib/python3/dist-packages/django/__init__.py".into(),
        });
        let bom = bill([
            component("distro:debian:12"),
            component("pkg:deb/debian/perl-base@5.36.0-7?distro=debian-12"),
            component("pkg:deb/debian/openssl@3.0.17-1?distro=debian-12"),
            component("pkg:deb/debian/python3-django@3.2.19-1?distro=debian-12"),
            django,
        ]);
        check(
            &bom,
            "2026-11-20",
            expect![[r#"
            extended-free Debian 12 until 2028-06-30, 1 of it, 4 with it, next 13
        "#]],
        );
    }

    #[test]
    fn what_lies_where_the_system_puts_its_packages_is_the_systems() {
        let at = |path: &str| {
            let mut django = component("pkg:pypi/django@3.2.19");
            django.evidence.push(Evidence {
                path: path.into(),
                line: None,
                layer: None,
                found_by: String::new(),
                technique: Technique::ManifestAnalysis,
                confidence: 100,
            });
            bill([component("distro:debian:13"), django])
        };
        let system = at("usr/lib/python3/dist-packages/Django-3.2.19.egg-info/PKG-INFO");
        check(
            &system,
            "2026-11-20",
            expect![[r#"
            supported Debian 13 until 2028-08-09, 1 of it, 1 with it
        "#]],
        );
        let own = at("srv/venv/lib/python3.11/site-packages/django-3.2.19.dist-info/METADATA");
        check(
            &own,
            "2026-11-20",
            expect![[r#"
            eol Django 3.2 until 2024-04-01, 1 of it, 0 with it, next 5.2
            supported Debian 13 until 2028-08-09, 1 of it, 0 with it
        "#]],
        );
    }

    #[test]
    fn packages_that_the_distribution_dropped_are_told_while_the_release_lives() {
        let bom = bill([
            component("distro:debian:12"),
            component("pkg:deb/debian/pdns-server@4.7.3-2?distro=debian-12&upstream=pdns"),
            component("pkg:deb/debian/libpcre3@8.39?distro=debian-12"),
        ]);
        check(
            &bom,
            "2026-11-20",
            expect![[r#"
            distribution-dropped pdns on debian 12 until 2025-09-30, 1 of it, 0 with it
            extended-free Debian 12 until 2028-06-30, 1 of it, 1 with it, next 13
        "#]],
        );
        check(
            &bom,
            "2025-09-30",
            expect![[r#"
            supported Debian 12 until 2026-07-11, 1 of it, 2 with it, next 13
        "#]],
        );
        check(
            &bom,
            "2029-01-01",
            expect![[r#"
            eol Debian 12 until 2028-06-30, 1 of it, 2 with it
        "#]],
        );
    }

    #[test]
    fn a_lines_components_are_one_row() {
        let bom = bill([
            component("pkg:maven/org.springframework.boot/spring-boot@2.7.1"),
            component("pkg:maven/org.springframework.boot/spring-boot-actuator@2.7.18"),
            component("pkg:maven/org.springframework.boot/spring-boot@3.5.16"),
        ]);
        check(
            &bom,
            "2026-11-20",
            expect![[r#"
            extended-paid Spring Boot 2.7 until 2023-06-30, 2 of it, 0 with it, next 4.1 (2.7.18 came out on 2023-11-23, after the support had ended)
            extended-paid Spring Boot 3.5 until 2026-06-30, 1 of it, 0 with it, next 4.1
        "#]],
        );
        let rows = judge(&bom, &shipped(), &Terms::on(day("2026-11-20")));
        let behind: Vec<String> = rows
            .iter()
            .flat_map(|row| &row.behind)
            .map(|b| format!("{} {} {}", b.component, b.latest, b.steps))
            .collect();
        assert_eq!(behind, ["pkg:maven/org.springframework.boot/spring-boot@2.7.1 2.7.18 17"]);
    }

    #[test]
    fn what_a_publisher_said_is_told_without_a_day() {
        let mut old = component("pkg:npm/request@2.88.2");
        old.standing =
            Some(Standing { kind: StandingKind::Deprecated, reason: "request has been deprecated".into() });
        let mut yanked = component("pkg:cargo/x@1.0.0");
        yanked.standing = Some(Standing { kind: StandingKind::Yanked, reason: String::new() });
        check(
            &bill([old, yanked]),
            "2026-11-20",
            expect![[r#"
            withdrawn x 1.0.0, 1 of it, 0 with it
            deprecated request 2.88.2, 1 of it, 0 with it (deprecated: request has been deprecated)
        "#]],
        );
    }

    #[test]
    fn the_day_after_the_last_one_is_over() {
        let bom = bill([component("pkg:npm/next@15.1.0")]);
        check(
            &bom,
            "2026-10-21",
            expect![[r#"
            ending Next.js 15 until 2026-10-21, 1 of it, 0 with it, next 16
        "#]],
        );
        check(
            &bom,
            "2026-10-22",
            expect![[r#"
            eol Next.js 15 until 2026-10-21, 1 of it, 0 with it, next 16
        "#]],
        );
    }

    #[test]
    fn what_a_newer_bill_brings_that_is_over() {
        let rows = |purls: &[&str]| {
            let bom = bill(purls.iter().map(|purl| component(purl)));
            judge(&bom, &shipped(), &Terms::on(day("2026-11-20")))
        };
        let old = rows(&["pkg:npm/vue@3.5.13", "pkg:pypi/django@4.2.1"]);
        let new = rows(&["pkg:npm/vue@2.7.16", "pkg:pypi/django@4.2.20"]);
        let worse: Vec<String> = worsened(&old, &new)
            .into_iter()
            .map(|w| format!("{}: {} → {}", w.component, w.from.unwrap_or_default(), w.to))
            .collect();
        assert_eq!(
            worse,
            ["pkg:npm/vue@2.7.16: Vue 3.5 (supported) → Vue 2.7 (extended-paid since 2023-12-31)"]
        );
        assert_eq!(worsened(&new, &new), []);
    }

    #[test]
    fn odd_bills_are_no_trouble() {
        let mut nameless = Component::new("");
        nameless.kind = Kind::OperatingSystem;
        let mut hidden = component("pkg:npm/vue@2.7.16");
        hidden.hidden = Some(crate::bom::Hidden { layer: 0, replaced_by: None });
        let bom = bill([
            nameless,
            hidden,
            component("pkg:deb/x@1?distro="),
            component("pkg:rpm/acme/x@1?distro=acme-"),
            component("pkg:npm/vue@latest"),
            component("pkg:generic/openjdk"),
            component("pkg:generic/python@99999999999999999999999"),
        ]);
        check(
            &bom,
            "2026-11-20",
            expect![[r#"
            newer-than-data Python 99999999999999999999999, 1 of it, 0 with it
            unknown  (release not named), 1 of it, 1 with it
            unknown Vue latest, 1 of it, 0 with it
            unknown acme (release not named), 0 of it, 1 with it
        "#]],
        );
    }

    #[test]
    fn every_ended_release_is_found_by_an_identifier() {
        let calendar = shipped();
        for (id, products) in &calendar.ours.distribution {
            for product in products.iter().filter_map(|product| calendar.products.get(product)) {
                for cycle in product.cycles.iter().filter(|cycle| cycles::numbers(cycle).is_some()) {
                    let bom = bill([component(&format!("distro:{id}:{}", cycle.name))]);
                    let rows = judge(&bom, &calendar, &Terms::on(day("2026-11-20")));
                    let expected = status::of(&calendar, product, cycle, &Terms::on(day("2026-11-20"))).0;
                    assert_eq!(rows.first().map(|row| row.status), Some(expected), "{id} {}", cycle.name);
                }
            }
        }
    }

    #[test]
    fn statuses_have_names_that_come_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_name(status.name()), Some(*status));
        }
        assert!(Status::ALL.is_sorted());
    }
}

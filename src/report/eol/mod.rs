//! End of life as text or data. Nothing is decided here.

mod human;
mod json;
mod markdown;

use chrono::NaiveDate;

use crate::bom::Bom;
use crate::eol::{Calendar, Row, Status};

/// A calendar older than this many days is told to be.
const AGING: i64 = 60;

/// All that a report of end of life may say.
pub struct EolReport<'a> {
    pub bom: &'a Bom,
    /// In the order of [`crate::eol::judge`].
    pub rows: &'a [Row],
    pub calendar: &'a Calendar,
    pub today: NaiveDate,
    /// What was judged, as the user named it.
    pub source: &'a str,
}

/// One way of writing it.
pub struct EolFormat {
    /// What `-o` calls it.
    pub name: &'static str,
    /// For `--help`.
    pub about: &'static str,
    pub render: fn(&EolReport<'_>) -> String,
}

/// Every format, in order of name.
pub const ALL: &[EolFormat] = &[human::FORMAT, json::FORMAT, markdown::FORMAT];

/// How many components a row is about, with those that live and die with it.
pub(super) fn extent(row: &Row) -> String {
    let counted = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    };
    let own = counted(row.components.len(), "component").filter(|_| row.with.is_empty());
    counted(row.with.len(), "package").or(own).unwrap_or_default()
}

/// The nearest release to move to, where one should.
pub(super) fn move_to(row: &Row) -> Option<String> {
    let to = row.move_to.as_ref().filter(|_| needs_a_move(row.status))?;
    let until = to.until.map(|day| format!(" (until {day})")).unwrap_or_default();
    Some(format!("{}{until}", to.cycle))
}

pub(super) fn needs_a_move(status: Status) -> bool {
    status.is_over()
        || matches!(
            status,
            Status::Ending | Status::ExtendedFree | Status::ExtendedHeld | Status::VendorDependent
        )
}

/// What a row's status means, in words.
pub(super) fn meaning(row: &Row) -> String {
    let until = |text: &str| row.ends.map_or(text.to_owned(), |day| format!("{text} until {day}"));
    match row.status {
        Status::ExtendedPaid => match (row.extended.and_then(crate::eol::End::day), &row.contract) {
            (Some(day), Some(contract)) => {
                format!("only those who pay for `{contract}` are looked after, until {day}")
            }
            (Some(day), None) => format!("only those who pay are looked after, until {day}"),
            (None, _) => "only those who pay are looked after".to_owned(),
        },
        Status::ExtendedFree => until("only extended support is left, for everybody,"),
        Status::ExtendedHeld => until("only extended support is left, and the contract for it is declared,"),
        Status::Dropped => "the distribution does not look after this package any more".to_owned(),
        Status::Superseded => "the next of its short-lived releases has taken its place".to_owned(),
        Status::Ended => "nobody looks after it any more".to_owned(),
        Status::Ending => until("it is looked after"),
        Status::VendorDependent => "some vendors look after it, others do not".to_owned(),
        Status::NewerThanData => "newer than anything the calendar knows".to_owned(),
        Status::Unknown => "the calendar does not know it".to_owned(),
        Status::Withdrawn => "its publisher has withdrawn this version".to_owned(),
        Status::Deprecated => "its publisher says not to use it any more".to_owned(),
        Status::SecurityOnly => until("security fixes only,"),
        Status::Supported => until("looked after"),
        Status::Rolling => "it has no releases, and so no end".to_owned(),
    }
}

/// `2 eol, 1 ending, 3 supported`, the worst first.
fn summary(rows: &[Row]) -> String {
    let counted: Vec<String> = Status::ALL
        .iter()
        .filter_map(|status| match rows.iter().filter(|row| row.status == *status).count() {
            0 => None,
            count => Some(format!("{count} {}", status.name())),
        })
        .collect();
    match counted.is_empty() {
        true => "nothing that the calendar knows".to_owned(),
        false => counted.join(", "),
    }
}

/// What the dates rest on, and whether they are old.
fn basis(report: &EolReport<'_>) -> String {
    let day = report.calendar.day().map(|day| format!(", calendar of {day}")).unwrap_or_default();
    let age = report.calendar.age(report.today).filter(|age| *age > AGING);
    let old = age
        .map(|age| format!(" ({age} days old; `packlist eol update` fetches newer dates)"))
        .unwrap_or_default();
    format!("as of {}{day}{old}", report.today)
}

#[cfg(test)]
mod testing {
    use super::{EolFormat, EolReport};
    use crate::bom::{Bom, Component, Kind, Purl};
    use crate::eol::{self, Terms};

    /// One bill that every format's test writes.
    pub(super) fn render(format: &EolFormat) -> String {
        let mut bom = Bom::default();
        bom.subject.name = "app:1".to_owned();
        let mut system = Component::new("debian");
        (system.kind, system.version) = (Kind::OperatingSystem, Some("12".to_owned()));
        bom.components.insert(system.reference(), system);
        for purl in [
            "pkg:deb/debian/bash@5.2?distro=debian-12",
            "pkg:deb/debian/perl@5.36?distro=debian-12",
            "pkg:npm/vue@2.7.16",
            "pkg:pypi/django@3.2.1",
            "pkg:golang/stdlib@1.99.0",
        ] {
            let purl: Purl = purl.parse().expect("a purl");
            let mut component = Component::new(purl.name());
            component.version = purl.version().map(str::to_owned);
            component.purl = Some(purl);
            bom.components.insert(component.reference(), component);
        }
        let today = "2026-11-20".parse().expect("a day");
        let calendar = eol::shipped();
        let rows = eol::judge(&bom, &calendar, &Terms::on(today));
        (format.render)(&EolReport { bom: &bom, rows: &rows, calendar: &calendar, today, source: "app.tar" })
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

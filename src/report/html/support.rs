//! When support ends: a lane for each line of releases, all on one axis of days, with today marked on it.

use std::fmt::Write;

use chrono::{Datelike, Days, NaiveDate};

use super::text::{Text, counted};
use crate::bom::Bom;
use crate::eol::{Row, Status};
use crate::report::eol::{extent, meaning, move_to, needs_a_move};

/// What a calendar says of a bill on a day.
#[derive(Clone, Copy)]
pub struct Support<'a> {
    /// In the order of [`crate::eol::judge`].
    pub rows: &'a [Row],
    pub today: NaiveDate,
    /// How new the calendar is. Absent where it does not say.
    pub calendar_day: Option<NaiveDate>,
}

/// More lanes than this are in the table only.
const MOST_LANES: usize = 30;
/// The axis shows no more years than this before and after today.
const MOST_YEARS: u64 = 6;

impl Support<'_> {
    /// Lines of releases that nobody looks after any more.
    pub(in crate::report) fn over(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.status.is_over())
    }

    /// Those that somebody should move away from before long.
    pub(in crate::report) fn soon(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.status.is_over() && needs_a_move(row.status))
    }
}

/// The days that the picture shows.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Axis {
    from: NaiveDate,
    to: NaiveDate,
}

impl Axis {
    /// Whole years around today and every end that is not too far from it.
    fn of(support: &Support<'_>) -> Self {
        let today = support.today;
        let around = Days::new(MOST_YEARS * 365);
        let (least, most) = (
            today.checked_sub_days(around).unwrap_or(today),
            today.checked_add_days(around).unwrap_or(today),
        );
        let days = || {
            support.rows.iter().filter_map(|row| row.ends).map(|day| day.clamp(least, most)).chain([today])
        };
        let (first, last) = (days().min().unwrap_or(today), days().max().unwrap_or(today));
        let year = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(today);
        Self { from: year(first.year()), to: year(last.year() + 1) }
    }

    /// A day's place, in percent; what lies outside is at the edge.
    fn place(&self, day: NaiveDate) -> f64 {
        let whole = (self.to - self.from).num_days().max(1) as f64;
        ((day - self.from).num_days() as f64 * 100.0 / whole).clamp(0.0, 100.0)
    }

    fn years(&self) -> impl Iterator<Item = NaiveDate> {
        (self.from.year()..self.to.year()).filter_map(|year| NaiveDate::from_ymd_opt(year, 1, 1))
    }
}

/// How a status is coloured; the word stands beside it.
fn style(status: Status) -> &'static str {
    match status {
        status if status.is_over() => "over",
        status if needs_a_move(status) => "soon",
        Status::Unknown | Status::NewerThanData => "open",
        _ => "fine",
    }
}

/// The lanes of all that has a day.
pub(in crate::report) fn timeline(support: &Support<'_>) -> String {
    let axis = Axis::of(support);
    let now = axis.place(support.today);
    let rows: Vec<&Row> = support.rows.iter().filter(|row| row.ends.is_some()).collect();
    let mut out =
        String::from("<ol class=\"lanes\">\n<li class=\"axis\" aria-hidden=\"true\"><span></span><svg>");
    let years: Vec<NaiveDate> = axis.years().collect();
    for day in &years {
        let _ = write!(out, "<text x=\"{0:.2}%\" y=\"12\" dx=\"3\">{1}</text>", axis.place(*day), day.year());
    }
    out.push_str("</svg></li>\n");
    for row in rows.iter().take(MOST_LANES) {
        let Some(ends) = row.ends else { continue };
        let _ = write!(
            out,
            "<li><span class=\"label\"><strong>{}</strong> <span class=\"mark {2}\">{1}</span> <span class=\"quiet\">{ends}</span></span><svg aria-hidden=\"true\">",
            Text(&row.title),
            row.status.name(),
            style(row.status),
        );
        for day in years.iter().skip(1) {
            let _ = write!(
                out,
                "<line class=\"year\" x1=\"{0:.2}%\" x2=\"{0:.2}%\" y2=\"100%\"/>",
                axis.place(*day)
            );
        }
        let active =
            row.active.and_then(crate::eol::End::day).filter(|day| *day < ends).map(|day| axis.place(day));
        let end = axis.place(ends);
        let _ = write!(
            out,
            "<rect class=\"lane {}\" y=\"5\" width=\"{end:.2}%\" height=\"10\" rx=\"2\"/>",
            style(row.status)
        );
        if let Some(active) = active {
            let _ = write!(
                out,
                "<rect class=\"later\" x=\"{active:.2}%\" y=\"8\" width=\"{:.2}%\" height=\"4\"/>",
                end - active
            );
        }
        let _ =
            writeln!(out, "<line class=\"today\" x1=\"{now:.2}%\" x2=\"{now:.2}%\" y2=\"100%\"/></svg></li>");
    }
    out.push_str("</ol>\n");
    let _ = writeln!(
        out,
        "<p class=\"quiet\">The upright line is {}, the day of this report. A thinner end of a lane is support for security only.{}</p>",
        support.today,
        match rows.len() {
            0..=MOST_LANES => String::new(),
            more => format!(" {} more are in the table.", more - MOST_LANES),
        }
    );
    out
}

/// Every line of releases with what its status means and where to go.
pub(in crate::report) fn table(support: &Support<'_>, bom: &Bom) -> String {
    let mut out = String::from(
        "<div class=\"box\" tabindex=\"0\" role=\"region\" aria-label=\"Ends of support\"><table><thead><tr>\
         <th scope=\"col\">Release</th><th scope=\"col\">Status</th><th scope=\"col\">Last day</th>\
         <th scope=\"col\">What it means</th><th scope=\"col\">Move to</th><th scope=\"col\">Covers</th></tr></thead><tbody>\n",
    );
    for row in support.rows {
        let day = row.ends.map_or("–".to_owned(), |day| day.to_string());
        let covers = match row.components.as_slice() {
            [one] if row.with.is_empty() => {
                bom.components.get(one).map_or(one.to_string(), |component| component.name.clone())
            }
            _ => extent(row),
        };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td><span class=\"mark {}\">{}</span></td><td class=\"brief\">{day}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            Text(&row.title),
            style(row.status),
            row.status.name(),
            Text(&meaning(row)),
            Text(&move_to(row).unwrap_or_default()),
            Text(&covers)
        );
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// `3 releases are out of support, 1 is on the way there`.
pub(in crate::report) fn sentence(support: &Support<'_>) -> String {
    let (over, soon) = (support.over().count(), support.soon().count());
    let are = |count: usize| if count == 1 { "is" } else { "are" };
    match (over, soon) {
        (0, 0) => "nothing is known to be out of support".to_owned(),
        (0, soon) => format!("{} {} on the way out of support", counted(soon, "release"), are(soon)),
        (over, 0) => format!("{} {} out of support", counted(over, "release"), are(over)),
        (over, soon) => {
            format!(
                "{} {} out of support, {soon} {} on the way there",
                counted(over, "release"),
                are(over),
                are(soon)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::bom::{Component, Kind};
    use crate::eol::{self, Terms};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn bill() -> Bom {
        let mut bom = Bom::default();
        let mut system = Component::new("debian");
        system.kind = Kind::OperatingSystem;
        system.version = Some("12".into());
        let mut django = Component::new("django");
        django.version = Some("3.2.19".into());
        django.purl = "pkg:pypi/django@3.2.19".parse().ok();
        bom.components.extend([system, django].map(|component| (component.reference(), component)));
        bom
    }

    #[test]
    fn a_lane_ends_on_its_day_and_today_is_marked() {
        let bom = bill();
        let today = day("2026-11-20");
        let rows = eol::judge(&bom, &eol::shipped(), &Terms::on(today));
        let support = Support { rows: &rows, today, calendar_day: None };
        assert_eq!(Axis::of(&support), Axis { from: day("2024-01-01"), to: day("2029-01-01") });
        assert_eq!(sentence(&support), "1 release is out of support, 1 is on the way there");
        expect![[r#"
            <ol class="lanes">
            <li class="axis" aria-hidden="true"><span></span><svg><text x="0.00%" y="12" dx="3">2024</text><text x="20.03%" y="12" dx="3">2025</text><text x="40.01%" y="12" dx="3">2026</text><text x="59.99%" y="12" dx="3">2027</text><text x="79.97%" y="12" dx="3">2028</text></svg></li>
            <li><span class="label"><strong>Django 3.2</strong> <span class="mark over">eol</span> <span class="quiet">2024-04-01</span></span><svg aria-hidden="true"><line class="year" x1="20.03%" x2="20.03%" y2="100%"/><line class="year" x1="40.01%" x2="40.01%" y2="100%"/><line class="year" x1="59.99%" x2="59.99%" y2="100%"/><line class="year" x1="79.97%" x2="79.97%" y2="100%"/><rect class="lane over" y="5" width="4.98%" height="10" rx="2"/><rect class="later" x="0.00%" y="8" width="4.98%" height="4"/><line class="today" x1="57.69%" x2="57.69%" y2="100%"/></svg></li>
            <li><span class="label"><strong>Debian 12</strong> <span class="mark soon">extended-free</span> <span class="quiet">2028-06-30</span></span><svg aria-hidden="true"><line class="year" x1="20.03%" x2="20.03%" y2="100%"/><line class="year" x1="40.01%" x2="40.01%" y2="100%"/><line class="year" x1="59.99%" x2="59.99%" y2="100%"/><line class="year" x1="79.97%" x2="79.97%" y2="100%"/><rect class="lane soon" y="5" width="89.87%" height="10" rx="2"/><line class="today" x1="57.69%" x2="57.69%" y2="100%"/></svg></li>
            </ol>
            <p class="quiet">The upright line is 2026-11-20, the day of this report. A thinner end of a lane is support for security only.</p>
        "#]]
        .assert_eq(&timeline(&support));
        assert!(table(&support, &bom).contains("nobody looks after it any more"));
    }

    #[test]
    fn ends_far_away_do_not_stretch_the_axis() {
        let bom = bill();
        let today = day("2060-01-01");
        let rows = eol::judge(&bom, &eol::shipped(), &Terms::on(today));
        let axis = Axis::of(&Support { rows: &rows, today, calendar_day: None });
        assert_eq!(axis.from, day("2054-01-01"));
        assert_eq!((axis.place(day("2000-01-01")), axis.place(day("2999-01-01"))), (0.0, 100.0));
        let nothing = Support { rows: &[], today, calendar_day: None };
        assert_eq!(Axis::of(&nothing), Axis { from: today, to: day("2061-01-01") });
        assert!(timeline(&nothing).contains("class=\"axis\""));
    }
}

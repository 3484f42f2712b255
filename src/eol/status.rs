//! What a day means for a cycle.

use chrono::{Days, NaiveDate};

use super::Terms;
use super::calendar::{Calendar, Cycle, End, Product};

/// A cycle that lives no longer than this is one of a rolling release: the next takes its place.
const ROLLING_CYCLE: i64 = 200;

/// How a component stands on a day, from the worst to the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nothing is left.
    Ended,
    /// Only those who pay are looked after, and the policy declares no contract.
    ExtendedPaid,
    /// Its publisher has withdrawn this very version.
    Withdrawn,
    /// Its publisher says not to use it any more.
    Deprecated,
    /// The distribution's release is supported, this package of it is not.
    Dropped,
    /// A short-lived cycle whose next one is out.
    Superseded,
    /// It ends soon.
    Ending,
    /// Only extended support is left, and we hold the contract.
    ExtendedHeld,
    /// Only extended support is left, and it is for everybody.
    ExtendedFree,
    /// Vendors differ, and it is not known whose build it is.
    VendorDependent,
    /// Newer than anything the calendar knows.
    NewerThanData,
    /// The calendar does not know.
    Unknown,
    /// Security fixes only.
    SecurityOnly,
    Supported,
    /// It has no releases and so no end.
    Rolling,
}

impl Status {
    pub const ALL: &[Self] = &[
        Self::Ended,
        Self::ExtendedPaid,
        Self::Withdrawn,
        Self::Deprecated,
        Self::Dropped,
        Self::Superseded,
        Self::Ending,
        Self::ExtendedHeld,
        Self::ExtendedFree,
        Self::VendorDependent,
        Self::NewerThanData,
        Self::Unknown,
        Self::SecurityOnly,
        Self::Supported,
        Self::Rolling,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ended => "eol",
            Self::ExtendedPaid => "extended-paid",
            Self::Withdrawn => "withdrawn",
            Self::Deprecated => "deprecated",
            Self::Dropped => "distribution-dropped",
            Self::Superseded => "superseded",
            Self::Ending => "ending",
            Self::ExtendedHeld => "extended-held",
            Self::ExtendedFree => "extended-free",
            Self::VendorDependent => "vendor-dependent",
            Self::NewerThanData => "newer-than-data",
            Self::Unknown => "unknown",
            Self::SecurityOnly => "security-only",
            Self::Supported => "supported",
            Self::Rolling => "rolling",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.name() == name)
    }

    /// Whether nobody looks after it for us any more.
    pub fn is_over(self) -> bool {
        self <= Self::Superseded
    }
}

/// The status of a cycle, and the day that counts for it.
pub(super) fn of(
    calendar: &Calendar,
    product: &Product,
    cycle: &Cycle,
    terms: &Terms,
) -> (Status, Option<NaiveDate>) {
    let today = terms.today;
    if !cycle.security.is_past(today) {
        let soon = today.checked_add_days(Days::new(terms.soon.into())).unwrap_or(NaiveDate::MAX);
        return match (cycle.security, cycle.active) {
            (End::On(day), _) if day <= soon => (Status::Ending, Some(day)),
            (security, Some(active)) if active.is_past(today) => (Status::SecurityOnly, security.day()),
            (security, _) => (Status::Supported, security.day()),
        };
    }
    let ended = cycle.security.day();
    match cycle.extended {
        Some(extended) if !extended.is_past(today) => {
            let status = if calendar.ours.extended.for_all.contains(&product.id) {
                Status::ExtendedFree
            } else if terms.holds(&product.id)
                || contract(calendar, product).is_some_and(|name| terms.holds(name))
            {
                Status::ExtendedHeld
            } else {
                return (Status::ExtendedPaid, ended);
            };
            (status, extended.day())
        }
        Some(End::On(day)) => (Status::Ended, Some(day)),
        _ if is_short(cycle) => (Status::Superseded, ended),
        _ => (Status::Ended, ended),
    }
}

/// What the extended support is called where one buys it.
pub(super) fn contract<'a>(calendar: &'a Calendar, product: &Product) -> Option<&'a str> {
    calendar.ours.contract.get(&product.id).map(String::as_str)
}

fn is_short(cycle: &Cycle) -> bool {
    match (cycle.released, cycle.security) {
        (Some(released), End::On(day)) => (day - released).num_days() <= ROLLING_CYCLE && day >= released,
        _ => false,
    }
}

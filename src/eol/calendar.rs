//! The calendar: which releases a product has, and how long each is looked after.
//!
//! One line a cycle, tabs between; the file's own head says what stands where. A day is the last one with support.
//! A user's file has the same form: it adds products, or replaces those it names.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::ours::{Ours, OursError};
use super::releases::Cycles;
use crate::versions;

/// Products and their cycles, with the names they go by.
#[derive(Debug, Clone)]
pub struct Calendar {
    pub(super) products: BTreeMap<String, Product>,
    /// purl type and name, exact, to product.
    pub(super) purls: BTreeMap<String, String>,
    /// The same for the beginning of a name.
    pub(super) prefixes: Vec<(String, String)>,
    /// `a:vendor:product` of a CPE, to product.
    pub(super) cpes: BTreeMap<String, String>,
    pub(super) ours: Ours,
    pub(super) dropped: Vec<Dropped>,
    /// What it was made from, each with the day it was read.
    pub sources: Vec<Source>,
}

/// Where dates come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    pub day: Option<NaiveDate>,
}

impl Source {
    pub(super) fn text(&self) -> String {
        match self.day {
            Some(day) => format!("{}, {day}", self.name),
            None => self.name.clone(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Product {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) cycles: Cycles,
    /// Where its dates come from: an index into the calendar's sources.
    pub(super) source: usize,
}

/// A line of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cycle {
    pub(super) name: String,
    /// The numbers of its name. Empty where the name is more than numbers.
    pub(super) numbers: Vec<u64>,
    pub(super) released: Option<NaiveDate>,
    pub(super) active: Option<End>,
    pub(super) security: End,
    pub(super) extended: Option<End>,
    pub(super) lts: bool,
    pub(super) latest: Option<String>,
    pub(super) latest_day: Option<NaiveDate>,
    pub(super) codename: Option<String>,
    /// Who says so, where it is not the product's source.
    pub(super) source: Option<String>,
}

/// When a phase of support ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The last day with support.
    On(NaiveDate),
    /// It is over, nobody says since when.
    Over,
    /// Nobody has said when it will be over.
    Undecided,
}

impl End {
    pub(super) fn is_past(self, today: NaiveDate) -> bool {
        match self {
            Self::On(day) => today > day,
            Self::Over => true,
            Self::Undecided => false,
        }
    }

    /// The last day. Absent where nobody has named one.
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::On(day) => Some(day),
            _ => None,
        }
    }
}

/// A source package that a distribution stopped looking after before its release ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dropped {
    pub(super) product: String,
    pub(super) cycle: String,
    /// A source package; a `*` at the end stands for any rest.
    pub(super) package: String,
    /// The last version with support; `0` where none has any.
    pub(super) version: String,
    /// The first day without support.
    pub(super) day: NaiveDate,
}

/// How one calendar differs from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Compared {
    pub(super) new_products: usize,
    pub(super) new_cycles: usize,
    /// Releases of both whose support ends on another day.
    pub(super) moved: usize,
}

/// Why a calendar cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("line {line}: {reason}")]
    Line { line: usize, reason: String },
    #[error(transparent)]
    Ours(#[from] OursError),
}

impl Calendar {
    /// A calendar from its three texts: the cycles, what the project says beside them, the dropped packages.
    pub(super) fn read(cycles: &str, ours: &str, dropped: &str) -> Result<Self, CalendarError> {
        let mut calendar = Self::empty(Ours::read(ours)?);
        calendar.add_cycles(cycles, "the calendar")?;
        calendar.add_dropped(dropped)?;
        calendar.correct();
        Ok(calendar)
    }

    /// The calendar that came with packlist. Of its cycles only those are read that are asked for.
    pub(super) fn shipped() -> Result<Self, CalendarError> {
        let mut calendar = Self::empty(Ours::read(super::data::OURS)?);
        calendar.add_shipped(super::data::CYCLES);
        calendar.add_dropped(super::data::DROPPED)?;
        calendar.correct();
        Ok(calendar)
    }

    fn empty(ours: Ours) -> Self {
        Self {
            products: BTreeMap::new(),
            purls: BTreeMap::new(),
            prefixes: Vec::new(),
            cpes: BTreeMap::new(),
            ours,
            dropped: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Puts what the project says in the place of what its source says.
    fn correct(&mut self) {
        for (pattern, product) in self.ours.alias.clone() {
            self.add_purl(&pattern, &product);
        }
        for fix in &self.ours.fix {
            let product = self.products.get_mut(&fix.product);
            let cycles = product.map(|product| product.cycles.all_mut());
            if let Some(cycle) = cycles.and_then(|all| all.iter_mut().find(|cycle| cycle.name == fix.cycle)) {
                fix.apply(cycle);
            }
        }
    }

    /// A calendar of these cycles, with what the project says beside them.
    pub(super) fn of_cycles(cycles: &str) -> Result<Self, CalendarError> {
        Self::read(cycles, super::data::OURS, super::data::DROPPED)
    }

    /// Adds a user's own products; one that is known already is replaced.
    ///
    /// # Errors
    /// When a line does not say what it should.
    pub fn add(&mut self, text: &str, name: &str) -> Result<(), CalendarError> {
        self.add_cycles(text, name)
    }

    /// The day on which the shipped dates were read.
    pub fn day(&self) -> Option<NaiveDate> {
        self.sources.first().and_then(|source| source.day)
    }

    /// How many days old its facts are. Absent where no source says when it was read.
    pub fn age(&self, today: NaiveDate) -> Option<i64> {
        self.day().map(|day| (today - day).num_days())
    }

    /// Adds the names by which another calendar knows the same products.
    pub(super) fn add_names(&mut self, other: &Self) {
        let here = |id: &String| self.products.contains_key(id);
        let purls: Vec<_> = other.purls.iter().filter(|(_, id)| here(id)).collect();
        let cpes: Vec<_> = other.cpes.iter().filter(|(_, id)| here(id)).collect();
        for (names, more) in [(&mut self.purls, purls), (&mut self.cpes, cpes)] {
            for (name, id) in more {
                names.entry(name.clone()).or_insert_with(|| id.clone());
            }
        }
    }

    /// Products that our own names, families and systems stand for, and that the calendar does not have.
    pub(super) fn unknown_products(&self) -> BTreeSet<&str> {
        let ours = &self.ours;
        let families = ours.family.values().flat_map(|family| &family.members);
        let of_distributions = ours.distribution.values().flatten();
        let aliases = ours.alias.values().filter(|product| !product.starts_with('~'));
        let extended = ours.extended.for_all.iter().chain(ours.contract.keys());
        let all =
            aliases.chain(families).chain(ours.package.values()).chain(of_distributions).chain(extended);
        all.map(String::as_str).filter(|id| !self.products.contains_key(*id)).collect()
    }

    /// What this calendar has that another has not.
    pub(super) fn compared(&self, other: &Self) -> Compared {
        let mut compared = Compared::default();
        for product in self.products.values() {
            let known = other.products.get(&product.id);
            compared.new_products += usize::from(known.is_none());
            let known: BTreeMap<&str, &Cycle> =
                known.into_iter().flat_map(|p| &p.cycles).map(|cycle| (cycle.name.as_str(), cycle)).collect();
            for cycle in &product.cycles {
                match known.get(cycle.name.as_str()) {
                    None => compared.new_cycles += 1,
                    Some(was) if (was.security, was.extended) != (cycle.security, cycle.extended) => {
                        compared.moved += 1;
                    }
                    Some(_) => {}
                }
            }
        }
        compared
    }

    /// Each product's head and names; its cycles follow them and are left for later.
    fn add_shipped(&mut self, text: &'static str) {
        self.sources.push(Source { name: "the calendar".to_owned(), day: None });
        let mut blocks = text.split("\n@");
        for line in blocks.next().into_iter().flat_map(str::lines) {
            self.read_head(0, &line.split('\t').collect::<Vec<_>>());
        }
        for block in blocks {
            let (head, mut rest) = block.split_once('\n').unwrap_or((block, ""));
            let mut fields = head.split('\t');
            let id = fields.next().unwrap_or(head);
            while let Some((name, after)) = rest.split_once('\n') {
                match name.split_once('\t') {
                    Some(("p", purl)) => self.add_purl(purl, id),
                    Some(("c", cpe)) => {
                        self.cpes.insert(cpe.to_owned(), id.to_owned());
                    }
                    _ => break,
                }
                rest = after;
            }
            let label = fields.next().unwrap_or(id).to_owned();
            let cycles = Cycles::unread(rest);
            self.finish(Some(Product { id: id.to_owned(), label, cycles, source: 0 }));
        }
    }

    fn add_cycles(&mut self, text: &str, name: &str) -> Result<(), CalendarError> {
        let source = self.sources.len();
        self.sources.push(Source { name: name.to_owned(), day: None });
        let mut product: Option<Product> = None;
        for (index, line) in text.lines().enumerate() {
            let wrong = |reason: String| CalendarError::Line { line: index + 1, reason };
            let fields: Vec<&str> = line.trim_end_matches('\r').split('\t').collect();
            match fields.as_slice() {
                [""] => {}
                [head, ..] if head.starts_with('#') => self.read_head(source, &fields),
                [id, rest @ ..] if id.starts_with('@') => {
                    self.finish(product.take());
                    let id = id[1..].to_owned();
                    let label = rest.first().map_or(id.clone(), |label| (*label).to_owned());
                    product = Some(Product { id, label, cycles: Cycles::default(), source });
                }
                ["p", purl] => {
                    let product =
                        product.as_ref().ok_or_else(|| wrong("a purl before the first product".into()))?;
                    let id = product.id.clone();
                    self.add_purl(purl, &id);
                }
                ["c", cpe] => {
                    let product =
                        product.as_ref().ok_or_else(|| wrong("a CPE before the first product".into()))?;
                    self.cpes.insert((*cpe).to_owned(), product.id.clone());
                }
                fields => {
                    let product =
                        product.as_mut().ok_or_else(|| wrong("a cycle before the first product".into()))?;
                    product.cycles.all_mut().push(cycle(fields).map_err(wrong)?);
                }
            }
        }
        self.finish(product);
        Ok(())
    }

    /// `# source`, its name, the day it was read.
    fn read_head(&mut self, source: usize, fields: &[&str]) {
        if let ["# source", name, day] = fields
            && let Some(source) = self.sources.get_mut(source)
        {
            *source = Source { name: (*name).to_owned(), day: day.parse().ok() };
        }
    }

    fn finish(&mut self, product: Option<Product>) {
        if let Some(product) = product {
            self.products.insert(product.id.clone(), product);
        }
    }

    fn add_purl(&mut self, pattern: &str, product: &str) {
        let pattern = pattern.to_lowercase();
        match pattern.strip_suffix('*') {
            Some(prefix) => {
                self.prefixes.push((prefix.to_owned(), product.to_owned()));
                // The longest is asked first.
                self.prefixes.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
            }
            None => {
                self.purls.insert(pattern, product.to_owned());
            }
        }
    }

    fn add_dropped(&mut self, text: &str) -> Result<(), CalendarError> {
        for (index, line) in text.lines().enumerate() {
            if line.starts_with('#') || line.is_empty() {
                continue;
            }
            let wrong = |reason: String| CalendarError::Line { line: index + 1, reason };
            let fields: Vec<&str> = line.split('\t').collect();
            let [product, cycle, package, version, day] = fields.as_slice() else {
                return Err(wrong("not product, release, package, version and day".to_owned()));
            };
            self.dropped.push(Dropped {
                product: (*product).to_owned(),
                cycle: (*cycle).to_owned(),
                package: (*package).to_owned(),
                version: (*version).to_owned(),
                day: date(day).map_err(wrong)?,
            });
        }
        Ok(())
    }

    /// The product of a purl's type and name, `npm/vue`: by the whole name, else by the longest beginning.
    pub(super) fn product_of_purl(&self, name: &str) -> Option<&str> {
        let by_prefix =
            || self.prefixes.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, id)| id);
        self.purls.get(name).or_else(by_prefix).map(String::as_str)
    }

    /// The product of a CPE 2.3 name.
    pub(super) fn product_of_cpe(&self, cpe: &str) -> Option<&str> {
        let mut parts = cpe.strip_prefix("cpe:2.3:").or_else(|| cpe.strip_prefix("cpe:/"))?.split(':');
        let key = [parts.next()?, parts.next()?, parts.next()?].join(":");
        self.cpes.get(&key).map(String::as_str)
    }
}

pub(super) fn cycle(fields: &[&str]) -> Result<Cycle, String> {
    let at = |index: usize| fields.get(index).copied().filter(|field| !matches!(*field, "" | "-"));
    let day = |index: usize| at(index).map(date).transpose();
    let end = |index: usize| at(index).map(end).transpose();
    let name = at(0).ok_or("a cycle without a name")?.to_owned();
    if fields.len() < 4 {
        return Err(format!("cycle `{name}` says nothing of its security support"));
    }
    let is_number = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    Ok(Cycle {
        numbers: if is_number { versions::numbers(&name) } else { Vec::new() },
        name,
        released: day(1)?,
        active: end(2)?,
        security: end(3)?.unwrap_or(End::Undecided),
        extended: end(4)?,
        lts: at(5).is_some_and(|field| field != "no"),
        latest: at(6).map(str::to_owned),
        latest_day: day(7)?,
        codename: at(8).map(str::to_owned),
        source: None,
    })
}

pub(super) fn end(text: &str) -> Result<End, String> {
    match text {
        "yes" => Ok(End::Over),
        "no" => Ok(End::Undecided),
        day => date(day).map(End::On),
    }
}

pub(super) fn date(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| format!("`{text}` is not a day (2027-03-31), `yes`, `no` or `-`"))
}

#[cfg(test)]
mod tests {
    use super::super::shipped;
    use super::*;

    #[test]
    fn the_shipped_calendar_can_be_read() {
        let calendar = shipped();
        assert!(calendar.products.len() > 380, "{}", calendar.products.len());
        assert!(calendar.day().is_some());
        for source in &calendar.sources {
            assert!(source.day.is_some(), "{source:?}");
        }
    }

    #[test]
    fn what_is_read_when_it_is_asked_for_is_the_same() {
        let read = Calendar::of_cycles(super::super::data::CYCLES).expect("every line is well-formed");
        let shipped = shipped();
        assert!(read.products == shipped.products);
        assert_eq!((read.purls, read.prefixes, read.cpes), (shipped.purls, shipped.prefixes, shipped.cpes));
        assert_eq!(read.sources, shipped.sources);
    }

    #[test]
    fn what_we_say_beside_the_calendar_is_of_it() {
        let calendar = shipped();
        assert!(calendar.unknown_products().is_empty(), "{:?}", calendar.unknown_products());
        for product in calendar.ours.alias.values().filter_map(|product| product.strip_prefix('~')) {
            assert!(calendar.ours.family.contains_key(product), "{product}");
        }
        for dropped in &calendar.dropped {
            assert!(calendar.products.contains_key(&dropped.product), "{}", dropped.product);
        }
    }

    #[test]
    fn every_correction_still_corrects() {
        let plain = Calendar::read(super::super::data::CYCLES, "", "").expect("the shipped cycles");
        for fix in &shipped().ours.fix {
            let cycles = &plain.products[&fix.product].cycles;
            let cycle = cycles.iter().find(|cycle| cycle.name == fix.cycle).expect("a cycle of the calendar");
            let mut fixed = cycle.clone();
            fix.apply(&mut fixed);
            assert!(
                (fixed.security, fixed.extended) != (cycle.security, cycle.extended),
                "{} {}: the calendar says so itself now",
                fix.product,
                fix.cycle
            );
        }
    }

    #[test]
    fn no_support_ends_before_it_began() {
        for product in shipped().products.values() {
            for cycle in &product.cycles {
                if let (End::On(security), Some(End::On(extended))) = (cycle.security, cycle.extended) {
                    assert!(extended >= security, "{} {}", product.id, cycle.name);
                }
            }
        }
    }

    #[test]
    fn own_products_are_added_and_known_ones_replaced() {
        let mut calendar = shipped();
        let own = "# source\tplatform team\t2026-11-01\n@acme\tAcme platform\tframework\np\tmaven/com.acme/*\n\
                   4\t2024-01-10\t-\t2027-06-30\n@python\tPython\tlang\n3.13\t2024-10-07\t-\tno\n";
        calendar.add(own, "own.tsv").expect("well-formed");
        assert_eq!(calendar.product_of_purl("maven/com.acme/core"), Some("acme"));
        assert_eq!(calendar.products["python"].cycles.len(), 1);
        assert_eq!(calendar.sources.last().map(|source| source.name.as_str()), Some("platform team"));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let error = |text: &str| shipped().add(text, "own.tsv").expect_err("not well-formed").to_string();
        assert_eq!(error("4\t2024-01-10\t-\t2027-06-30"), "line 1: a cycle before the first product");
        assert_eq!(
            error("@a\tA\tlang\n\n4\t2024-01-10\t-\tsoon"),
            "line 3: `soon` is not a day (2027-03-31), `yes`, `no` or `-`"
        );
        assert_eq!(error("@a\n4\t2024-01-10"), "line 2: cycle `4` says nothing of its security support");
    }
}

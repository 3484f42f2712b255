//! End of life: what nobody looks after any more, or will not for much longer.
//!
//! First who answers for a component (its distribution, or upstream), then which release it is of, then what the
//! day means for that release. What the calendar does not know is "unknown", never "fine", and a release is never
//! guessed.

mod book;
mod calendar;
mod cycles;
mod data;
mod governor;
mod ours;
mod refresh;
mod releases;
mod status;
mod systems;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::bom::{Bom, Kind, Ref};
use book::Book;
use governor::Governor;
use systems::System;

pub use calendar::{Calendar, CalendarError, End, Source};
pub use refresh::{Fresh, LARGEST, RefreshError, StoredError, URL, refreshed, stored};
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
    Calendar::shipped().expect("a test reads the shipped calendar, and nothing else goes into it")
}

/// Every line of releases in the bill that the calendar knows, the distribution's release with all its packages as
/// one. In order of the day on which it ends, what is over first.
pub fn judge(bom: &Bom, calendar: &Calendar, terms: &Terms) -> Vec<Row> {
    let systems: Vec<System> = systems::all(calendar, bom);
    let mut book = Book::new(calendar, terms);
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
    book.into_rows()
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

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::bom::{Component, Evidence, Owner, Purl, Standing, StandingKind, Technique};

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
        django.owner = Some(
            Owner {
                component: Ref("pkg:deb/debian/python3-django@3.2.19-1?distro=debian-12".into()),
                path: "usr/lib/python3/dist-packages/django/__init__.py".into(),
            }
            .into(),
        );
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
        let mut unlisted = at("usr/lib/python3/dist-packages/Django-3.2.19.egg-info/PKG-INFO");
        unlisted.components.retain(|_, component| component.kind != Kind::OperatingSystem);
        unlisted.components.extend(bill([component("pkg:deb/debian/bash@5.2?distro=debian-13")]).components);
        check(
            &unlisted,
            "2026-11-20",
            expect![[r#"
            supported Debian 13 until 2028-08-09, 0 of it, 2 with it
        "#]],
        );
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
        old.standing = Some(
            Standing { kind: StandingKind::Deprecated, reason: "request has been deprecated".into() }.into(),
        );
        let mut yanked = component("pkg:cargo/x@1.0.0");
        yanked.standing = Some(Standing { kind: StandingKind::Yanked, reason: String::new() }.into());
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
        hidden.hidden = Some(crate::bom::Hidden { layer: 0, replaced_by: None }.into());
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
    fn a_supported_distribution_mends_what_upstream_has_given_up() {
        let calendar = shipped();
        let terms = Terms::on(day("2026-11-20"));
        let mut count = 0;
        for block in include_str!("../../policies/eol/tempting.tsv").split("\n@").skip(1) {
            let mut lines = block.lines();
            let head: Vec<&str> = lines.next().expect("a distribution").split('\t').collect();
            let [id, version, status] = head.as_slice() else { panic!("{head:?}") };
            let packages: Vec<Component> = lines.map(component).collect();
            count += packages.len();
            let size = packages.len();
            let system = component(&format!("distro:{id}:{version}"));
            let rows = judge(&bill(packages.clone().into_iter().chain([system])), &calendar, &terms);
            let told: Vec<&str> = rows.iter().map(|row| row.title.as_str()).collect();
            assert_eq!(told.len(), 1, "{id} {version}: {told:?}");
            assert_eq!((rows[0].status.name(), rows[0].with.len()), (*status, size), "{id} {version}");
            // The same by the packages alone, as in a document without an operating system.
            let rows = judge(&bill(packages), &calendar, &terms);
            assert_eq!(
                rows.iter().map(|row| row.status.name()).collect::<Vec<_>>(),
                [*status],
                "{id} {version}"
            );
        }
        assert_eq!(count, 153);
    }

    /// Appliances, desktops and devices, systems that are no image, and servers that nothing in an image names but
    /// the image's own name.
    const UNNAMED: &[&str] = &[
        "apache-subversion",
        "big-ip",
        "cert-manager",
        "checkmk",
        "chef-workstation",
        "cisco-ios-xe",
        "dotnetfx",
        "filemaker",
        "haproxy-ingress",
        "ibm-i",
        "idl",
        "ios",
        "ipados",
        "isc-dhcp",
        "karpenter",
        "keda",
        "knative",
        "kubernetes-node-feature-discovery",
        "kyverno",
        "longhorn",
        "mautic",
        "metallb",
        "mxlinux",
        "netapp-ontap",
        "netbackup-appliance-os",
        "nix",
        "notepad-plus-plus",
        "nutanix-aos",
        "nvm",
        "oracle-apex",
        "oracle-graalvm",
        "ovirt",
        "panos",
        "proxmox-backup-server",
        "proxmox-datacenter-manager",
        "proxmox-mail-gateway",
        "rocket-chat",
        "ros",
        "ros-2",
        "rtpengine",
        "sns-firmware",
        "sns-smc",
        "sonarqube-server",
        "visionos",
        "visual-cobol",
        "weakforced",
        "windows-embedded",
        "windows-nano-server",
        "windows-powershell",
        "windows-server",
        "windows-server-core",
        "xcp-ng",
        "youtrack",
        "zentyal",
    ];

    /// Everything that may stand for a product in a bill, in that version.
    fn identified(calendar: &Calendar, product: &str, version: &str) -> Vec<Component> {
        let is_it = |id: &str| id == product;
        let systems =
            calendar.ours.distribution.iter().filter(|(_, products)| products.iter().any(|id| is_it(id)));
        let systems = systems.map(|(id, _)| component(&format!("distro:{id}:{version}")));
        let exact = calendar.purls.iter().filter(|(_, id)| is_it(id)).map(|(name, _)| name.clone());
        let prefix = calendar.prefixes.iter().filter(|(_, id)| is_it(id)).map(|(name, _)| format!("{name}x"));
        let purls = exact.chain(prefix).map(|name| {
            let mut component = component(&format!("pkg:{}", name.replace('@', "%40")));
            component.version = Some(version.to_owned());
            component
        });
        let cpes = calendar.cpes.iter().filter(|(_, id)| is_it(id)).map(|(cpe, _)| {
            let mut component = Component::new(product);
            component.version = Some(version.to_owned());
            component.cpes.push(&format!("cpe:2.3:{cpe}:{version}"));
            component
        });
        let packages = calendar.ours.package.iter().filter(|(_, id)| is_it(id)).map(|(name, _)| {
            let mut component = component(&format!("pkg:apk/wolfi/{}", name.replace('*', "1")));
            component.version = Some(version.to_owned());
            component
        });
        systems.chain(purls).chain(cpes).chain(packages).collect()
    }

    #[test]
    fn every_ended_release_is_found_by_an_identifier() {
        let (calendar, terms) = (shipped(), Terms::on(day("2026-11-20")));
        let (mut unnamed, mut missed, mut found) = (Vec::new(), Vec::new(), 0);
        for product in calendar.products.values() {
            for cycle in &product.cycles {
                if !status::of(&calendar, product, cycle, &terms).0.is_over() {
                    continue;
                }
                let candidates = identified(&calendar, &product.id, &cycle.name);
                if candidates.is_empty() {
                    unnamed.push(product.id.as_str());
                    break;
                }
                let tells = |component: Component| {
                    let rows = judge(&bill([component]), &calendar, &terms);
                    rows.first().is_some_and(|row| row.product == product.id && row.status.is_over())
                };
                match candidates.into_iter().any(tells) {
                    true => found += 1,
                    false => missed.push(format!("{} {}", product.id, cycle.name)),
                }
            }
        }
        assert_eq!(unnamed, UNNAMED);
        assert!(found > 4_700, "{found}");
        assert_eq!(missed, Vec::<String>::new());
    }

    #[test]
    fn statuses_have_names_that_come_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_name(status.name()), Some(*status));
        }
        assert!(Status::ALL.is_sorted());
    }
}

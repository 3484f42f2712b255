//! packlist makes the packing list (SBOM) of a container image or a source tree, and judges any such list.
//!
//! Read it in this order; every arrow is one function, and nothing flows back:
//!
//! ```text
//!  image, directory
//!       │  source        the only step that reads the world
//!       ▼
//!     layers ──▶ Tree    layers: merged, whiteouts obeyed, only wanted files
//!                 │  inventory::ecosystems
//!                 ▼
//!  reader ─────▶ Bom ─────▶ emitter ─────▶ CycloneDX, SPDX, purls, table
//!  (an SBOM)      │
//!                 │  + policy, today
//!                 ▼
//!              checker ──▶ findings ──▶ report
//! ```
//!
//! What is absent on purpose: no stage imports another, no parser sees a layer or the disk, nothing is
//! executed, nothing is written but what the caller names, and no clock is read outside the door.
//!
//! # A list of a folder or an image
//!
//! ```
//! use packlist::inventory::{self, ecosystems};
//! use packlist::layers::Tree;
//! use packlist::{emitter, source};
//!
//! // What all ecosystems want to see of it; `app.tar` or `oci:layout` is read the same way.
//! let wanted = inventory::wanted(ecosystems::ALL);
//! let snapshot = source::read("tests/fixtures/node-app", &wanted, &source::Options::default())?;
//! let tree = Tree::stack(&snapshot.extracts);
//! let mut bom =
//!     inventory::take(snapshot.subject, snapshot.layers, &tree, snapshot.gaps, ecosystems::ALL);
//! inventory::name_suppliers(&mut bom);
//! bom.conclude();
//! assert_eq!(bom.components.len(), 50);
//!
//! let format = emitter::find("cyclonedx-json").expect("it is in the list");
//! let document = (format.emit)(&bom, &emitter::Stamp::default());
//! assert!(document.contains("pkg:npm/jszip@3.10.1"));
//! # Ok::<(), source::SourceError>(())
//! ```
//!
//! # A verdict on anybody's list
//!
//! ```
//! use chrono::NaiveDate;
//! use packlist::checker::{self, Case, Verdict, policies};
//! use packlist::reader;
//!
//! let document = br#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
//!     {"type": "library", "name": "x", "version": "1.0.0", "purl": "pkg:npm/x@1.0.0",
//!      "licenses": [{"license": {"id": "AGPL-3.0-only"}}]}]}"#;
//! let bom = reader::read(document)?;
//! let policy = policies::shipped("container-baseline").expect("it comes with packlist")?;
//! let today = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
//! let case = Case { bom: &bom, baseline: None, calendar: None, policy: &policy, today };
//! let findings = checker::check(&case);
//! assert_eq!(Verdict::of(&findings, &policy), Verdict::Fail);
//! assert_eq!(findings[0].rule, "license-not-allowed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What changed
//!
//! ```
//! use packlist::drift::{self, Kind};
//! use packlist::reader;
//!
//! let list = |version: &str| {
//!     format!(
//!         r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
//!         {{"type": "library", "name": "x", "version": "{version}", "purl": "pkg:npm/x@{version}"}}]}}"#
//!     )
//! };
//! let (old, new) = (reader::read(list("1.9.0").as_bytes())?, reader::read(list("1.10.0").as_bytes())?);
//! let drift = drift::compare(&old, &new);
//! assert_eq!(drift.changes[0].kind, Kind::Upgraded);
//! # Ok::<(), packlist::reader::ReadError>(())
//! ```
//!
//! The library carries no promise of stability before 1.0.

pub mod attestation;
pub mod bom;
pub mod checker;
pub mod convert;
mod crew;
pub mod drift;
pub mod emitter;
pub mod eol;
pub mod inflate;
pub mod inventory;
pub mod layers;
pub mod licenses;
pub mod merge;
pub mod notices;
pub mod quality;
pub mod reader;
pub mod report;
pub mod secrets;
pub mod source;
pub mod versions;
mod yaml;

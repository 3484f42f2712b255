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

//! The files of `policies/eol/`, embedded. The only place that embeds them; each file's head says where its facts
//! come from.

pub(super) const CYCLES: &str = include_str!("../../policies/eol/endoflife.tsv");
pub(super) const OURS: &str = include_str!("../../policies/eol/ours.toml");
pub(super) const DROPPED: &str = include_str!("../../policies/eol/dropped.tsv");

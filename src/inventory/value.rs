//! The tree of values that lockfiles are read from: JSON's and YAML's are one.
//!
//! Not structs: one odd field of one package (a licence that is a list, a version that is a number) must not
//! cost the rest of the file, and every package has a line.

pub(super) use crate::yaml::{DEEPEST, Kind, Member, Value};

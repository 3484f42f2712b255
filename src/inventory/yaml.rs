//! The YAML of lockfiles, its errors told as those of any file.

use super::ParseError;
use super::value::Value;

/// Reads every document of a stream.
///
/// # Errors
/// Says the line of the first thing that is not understood.
pub(super) fn parse(text: &str) -> Result<Vec<Value<'_>>, ParseError> {
    crate::yaml::parse(text).map_err(|broken| {
        ParseError::new(broken.line, format!("is not the YAML expected here: {}", broken.reason))
    })
}

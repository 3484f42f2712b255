//! What RubyGems' files share: purls, platforms and requirements.
//!
//! Spec: <https://guides.rubygems.org/specification-reference/>

use std::cmp::Ordering;

use crate::bom::{Component, Purl};
use crate::versions;

/// The platform of gems that run everywhere.
pub(super) const ANY_PLATFORM: &str = "ruby";

/// The address of the gems that come with the Ruby a path belongs to: those of one prefix, `usr/local/`.
pub(super) fn brought_by(path: &str) -> Option<String> {
    let prefix = |folder: &str| {
        let mut places = path.match_indices(folder).map(|(at, _)| &path[..at]);
        places.find(|before| before.is_empty() || before.ends_with('/'))
    };
    let prefix = ["lib/ruby/gems/", "share/gems/", "lib/", "lib64/", "bin/"].into_iter().find_map(prefix)?;
    Some(format!("gems-of:{prefix}"))
}

/// A gem with its purl. The platform it was built for tells builds apart, and is no part of its version.
///
/// # Errors
/// When the name is no name of a gem.
pub(super) fn named(
    name: &str,
    version: &str,
    platform: &str,
    vcs: Option<&str>,
) -> Result<Component, String> {
    let platform = if platform == ANY_PLATFORM { "" } else { platform };
    let qualifiers = [("platform", platform), ("vcs_url", vcs.unwrap_or_default())];
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_letter) {
        return Err(format!("`{}` is no name of a gem", name.chars().take(80).collect::<String>()));
    }
    let purl = Purl::new("gem", None, name, Some(version), &qualifiers).map_err(|error| error.to_string())?;
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    component.purl = Some(purl);
    component.vcs = vcs.map(str::to_owned);
    Ok(component)
}

/// `1.15.4-x86_64-linux` is version and platform: versions of gems have no hyphen.
pub(super) fn split_platform(text: &str) -> (&str, &str) {
    text.split_once('-').unwrap_or((text, ANY_PLATFORM))
}

/// Whether a version is one that `constraint` (`~> 1.2`) allows. What cannot be compared is allowed.
pub(super) fn allows(constraint: &str, version: &str) -> bool {
    let constraint = constraint.trim();
    let end = constraint.find(|first: char| !"<>=~!".contains(first)).unwrap_or(constraint.len());
    let (operator, wanted) = (&constraint[..end], constraint[end..].trim());
    let Some(order) = versions::compare("gem", version, wanted) else { return true };
    match operator {
        "" | "=" => order == Ordering::Equal,
        "!=" => order != Ordering::Equal,
        ">" => order == Ordering::Greater,
        "<" => order == Ordering::Less,
        ">=" => order != Ordering::Less,
        "<=" => order != Ordering::Greater,
        "~>" => order != Ordering::Less && is_below_bump(version, wanted),
        _ => true,
    }
}

/// `~> 1.2.3` stays below 1.3, and `~> 1.2` below 2.
fn is_below_bump(version: &str, wanted: &str) -> bool {
    let numbers: Vec<&str> = wanted.split('.').take_while(|part| part.parse::<u64>().is_ok()).collect();
    let kept = numbers.len().saturating_sub(1).max(1);
    let mut bump: Vec<u64> = numbers.iter().take(kept).filter_map(|part| part.parse().ok()).collect();
    match bump.last_mut() {
        Some(last) => *last = last.saturating_add(1),
        None => return true,
    }
    let bump: Vec<String> = bump.iter().map(u64::to_string).collect();
    versions::compare("gem", version, &bump.join(".")) == Some(Ordering::Less)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruby_and_the_gems_it_brings_share_a_prefix() {
        for (ruby, gems) in [
            (
                "usr/local/bin/ruby!/.fingerprint",
                "usr/local/lib/ruby/gems/3.3.0/specifications/default/a.gemspec",
            ),
            ("usr/lib64/libruby.so.3.1!/.fingerprint", "usr/share/gems/specifications/default/a.gemspec"),
            (
                "opt/jruby/lib/jruby.jar!/.archive",
                "opt/jruby/lib/ruby/gems/shared/specifications/default/a.gemspec",
            ),
        ] {
            assert_eq!(brought_by(ruby), brought_by(gems), "{ruby}");
        }
        assert_eq!(brought_by("srv/ruby"), None);
    }

    #[test]
    fn requirements() {
        for (constraint, version, expected) in [
            (">= 0", "0.1", true),
            ("~> 1.2", "1.9.9", true),
            ("~> 1.2", "2.0", false),
            ("~> 1.2", "1.1", false),
            ("~> 1.2.3", "1.3.0", false),
            ("~> 1", "1.9", true),
            ("~> 1", "2.0", false),
            ("= 1.0", "1.0.0", true),
            ("1.0", "1.1", false),
            ("!= 1.0", "1.1", true),
            ("< 2.a", "2.0", false),
            ("<= 2", "2.0.1", false),
            ("odd", "1", true),
        ] {
            assert_eq!(allows(constraint, version), expected, "{version} {constraint}");
        }
    }

    #[test]
    fn a_platform_is_no_part_of_a_version() {
        assert_eq!(split_platform("1.15.4-x86_64-linux-gnu"), ("1.15.4", "x86_64-linux-gnu"));
        assert_eq!(split_platform("1.0.pre2"), ("1.0.pre2", "ruby"));
    }
}

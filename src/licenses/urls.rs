//! Licences named by the address of their text.
//!
//! What such an address tells is the text, not the notice: the page of the GPL 3 proves neither "only" nor "or
//! later", so it gives a family. Addresses are in `urls.csv`; sites that name ids in their paths are read here.

use super::data;
use super::expression::{Expression, License, LicenseId};
use super::{family, ids};

/// Sites whose last part of the path is an SPDX id, or nearly one.
const BY_ID: &[&str] = &[
    "choosealicense.com/licenses/",
    "licenses.nuget.org/",
    "opensource.org/license/",
    "opensource.org/licenses/",
    "spdx.org/licenses/",
];

/// Whether a text is an address and nothing else.
pub(super) fn is_url(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && (text.contains("://") || text.starts_with("www.") || text.starts_with("//"))
}

/// The licence whose text lies at an address.
pub(super) fn license(url: &str) -> Option<Expression> {
    let address = plain(url);
    if let Some(row) = data::rows(data::URLS).find(|row| row[0] == address) {
        return meaning(row[1]);
    }
    if let Some(rest) = address.strip_prefix("creativecommons.org/") {
        return creative_commons(rest).map(Expression::License);
    }
    let name = BY_ID.iter().find_map(|site| address.strip_prefix(site))?;
    // NuGet writes whole expressions: `MIT%20OR%20Apache-2.0`.
    let written = [("%20", " "), ("%28", "("), ("%29", ")"), ("%2b", "+")];
    let name = written.iter().fold(name.to_owned(), |name, (code, sign)| name.replace(code, sign));
    let is_said = |name: &str| name.ends_with("-only") || name.ends_with("-or-later") || name.ends_with('+');
    match Expression::parse(&name).ok()? {
        Expression::License(license) if !address.starts_with("licenses.nuget.org/") && !is_said(&name) => {
            Some(Expression::License(family::of_text(license)))
        }
        expression => Some(expression),
    }
}

fn meaning(written: &str) -> Option<Expression> {
    match written.strip_prefix('~') {
        Some(family) => Some(Expression::License(family::reference(family))),
        None => Expression::parse(written).ok(),
    }
}

/// An address without what differs between copies of it.
fn plain(url: &str) -> String {
    let url = url.trim();
    let url = url.split_once("://").map_or(url, |(_, rest)| rest).trim_start_matches('/');
    // A page as the Wayback Machine kept it.
    let url = match url.strip_prefix("web.archive.org/web/") {
        Some(kept) => kept.split_once("://").map_or(kept, |(_, rest)| rest),
        None => url,
    };
    let url = url.split(['#', '?']).next().unwrap_or_default();
    let url = url.strip_prefix("www.").unwrap_or(url).trim_end_matches('/');
    let url = url.to_ascii_lowercase();
    let ending =
        [".html", ".htm", ".txt", ".php", ".md"].into_iter().find_map(|ending| url.strip_suffix(ending));
    ending.unwrap_or(&url).trim_end_matches('/').to_owned()
}

/// `licenses/by-nc-sa/3.0/de/legalcode`, `publicdomain/zero/1.0`.
fn creative_commons(path: &str) -> Option<License> {
    let mut parts = path.split('/');
    let (kind, name, version) = (parts.next()?, parts.next()?, parts.next()?);
    let id = match (kind, name) {
        ("publicdomain", "zero") => format!("CC0-{version}"),
        ("licenses", name) => format!("CC-{name}-{version}"),
        _ => return None,
    };
    let country = parts.next().filter(|country| country.len() == 2);
    let ported = country.and_then(|country| ids::known_license(&format!("{id}-{country}")));
    let id = ported.or_else(|| ids::known_license(&id))?;
    Some(License { id: LicenseId::Spdx(id.to_owned()), or_later: false, exception: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> String {
        license(url).map_or("-".to_owned(), |expression| expression.to_string())
    }

    #[test]
    fn addresses_of_texts_are_known() {
        assert_eq!(read("http://www.apache.org/licenses/LICENSE-2.0.txt"), "Apache-2.0");
        assert_eq!(read("https://opensource.org/licenses/BSD-3-Clause"), "BSD-3-Clause");
        assert_eq!(
            read("https://web.archive.org/web/2019/http://www.opensource.org/licenses/mit-license.php"),
            "MIT"
        );
        assert_eq!(read("https://creativecommons.org/licenses/by-sa/3.0/de/legalcode"), "CC-BY-SA-3.0-DE");
        assert_eq!(read("http://creativecommons.org/publicdomain/zero/1.0/"), "CC0-1.0");
        assert_eq!(read("https://licenses.nuget.org/MIT%20OR%20Apache-2.0"), "MIT OR Apache-2.0");
        assert_eq!(read("https://example.com/licence"), "-");
    }

    #[test]
    fn the_page_of_a_gnu_licence_names_its_text_only() {
        assert_eq!(read("http://www.gnu.org/licenses/gpl-3.0.html"), "LicenseRef-packlist-family-GPL-3.0");
        assert_eq!(read("https://opensource.org/licenses/LGPL-2.1"), "LicenseRef-packlist-family-LGPL-2.1");
    }

    #[test]
    fn every_line_of_the_table_is_plain_and_means_something() {
        for row in data::rows(data::URLS) {
            assert_eq!(row.len(), 2, "{row:?}");
            assert_eq!(plain(row[0]), row[0]);
            assert!(meaning(row[1]).is_some(), "{row:?}");
        }
    }
}

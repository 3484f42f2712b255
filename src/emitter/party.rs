//! People and organisations as packagers write them, `Name <address>`, taken apart for formats that ask.

/// `Name <address>` in its parts, if putting them together again gives exactly the text.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once(" <")?;
    let address = rest.strip_suffix('>')?;
    let plain_name = !name.is_empty() && name.trim() == name && !name.contains(['(', ')', '<', '>', '\n']);
    (plain_name && is_address(address)).then_some((name, address))
}

/// Whether it is an address that strict schemas accept too; some maintainers' are not.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let word = |text: &str, more: &str| {
        !text.is_empty()
            && text.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
            })
    };
    let label_ends = |label: &str| !label.starts_with('-') && !label.ends_with('-') && label.len() < 64;
    word(local, "+-_") && local.len() < 65 && word(domain, "-") && domain.split('.').all(label_ends)
}

/// Whether a name is that of a group rather than of a person. A guess from its words: SPDX makes one choose.
pub(super) fn is_organisation(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "admins",
        "authors",
        "community",
        "company",
        "consortium",
        "contributors",
        "corp",
        "corporation",
        "debian",
        "developers",
        "devel",
        "foundation",
        "gmbh",
        "group",
        "inc",
        "institute",
        "labs",
        "limited",
        "list",
        "llc",
        "ltd",
        "maintainer",
        "maintainers",
        "microsoft",
        "openjs",
        "organization",
        "packagers",
        "packaging",
        "project",
        "qa",
        "redhat",
        "software",
        "suse",
        "systems",
        "team",
        "technologies",
        "ubuntu",
        "university",
    ];
    name.split(|c: char| !c.is_alphanumeric())
        .any(|word| WORDS.binary_search(&word.to_ascii_lowercase().as_str()).is_ok())
        || !name.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maintainer_has_a_name_and_an_address() {
        let maintainer = "Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>";
        assert_eq!(
            split(maintainer),
            Some(("Debian OpenSSL Team", "pkg-openssl-devel@alioth-lists.debian.net"))
        );
    }

    #[test]
    fn what_would_not_come_back_the_same_is_not_taken_apart() {
        for text in
            ["Nobody", "<a@b.c>", "A  <>", "A <a@b.c> <d@e.f>", "A <root@@host>", "A <a@-b>", "A (b) <a@b.c>"]
        {
            assert_eq!(split(text), None, "{text}");
        }
    }

    #[test]
    fn words_of_groups_make_an_organisation() {
        assert!(is_organisation("Debian QA Group"));
        assert!(is_organisation("Canonical"));
        assert!(!is_organisation("Marco d'Itri"));
    }
}

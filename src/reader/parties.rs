//! People and organisations, back to one line: `Name <address>`.

/// A name and an address together, or the one there is.
pub(super) fn join(name: Option<String>, address: Option<String>) -> Option<String> {
    match (name, address) {
        (Some(name), Some(address)) => Some(format!("{name} <{address}>")),
        (name, address) => name.or(address),
    }
}

/// SPDX's `Organization: Name (address)`. `NOASSERTION` is nobody.
pub(super) fn from_spdx(text: &str) -> Option<String> {
    let text = text.trim();
    if matches!(text, "" | "NOASSERTION" | "NONE") {
        return None;
    }
    let text = ["Organization:", "Person:", "Tool:"]
        .iter()
        .find_map(|sort| text.strip_prefix(sort))
        .unwrap_or(text)
        .trim();
    let in_parts = text.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    match in_parts {
        Some((name, "")) => join(Some(name.trim().to_owned()), None),
        Some((name, address)) if address.contains('@') => {
            join(Some(name.to_owned()), Some(address.to_owned()))
        }
        _ => (!text.is_empty()).then(|| text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spdx_names_the_sort_and_puts_the_address_in_parentheses() {
        let cases = [
            ("Organization: ExampleCo (a@example.org)", Some("ExampleCo <a@example.org>")),
            ("Person: Jane Doe ()", Some("Jane Doe")),
            ("Organization: Acme (UK)", Some("Acme (UK)")),
            ("Jane", Some("Jane")),
            ("NOASSERTION", None),
            ("Person: ", None),
        ];
        for (text, expected) in cases {
            assert_eq!(from_spdx(text).as_deref(), expected, "{text}");
        }
    }
}

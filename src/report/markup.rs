//! Text inside Markdown that stays text.

use crate::bom::is_unseen;

/// In a code span: no markup, no table's edge, nobody mentioned. Empty text stays empty.
pub(super) fn code(text: &str) -> String {
    let one_line: String = text.chars().map(|c| if is_unseen(c) || c == '`' { ' ' } else { c }).collect();
    match one_line.trim() {
        "" => String::new(),
        line => format!("`{}`", line.replace('|', "\\|")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_in_their_cell() {
        assert_eq!(code("a|b`\n<img>@someone"), "`a\\|b  <img>@someone`");
        assert_eq!(code(" \n"), "");
    }
}

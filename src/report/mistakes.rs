//! Mistakes of a policy file, each shown at its line.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::checker::PolicyErrors;

/// All of them, as a compiler shows its own; without colour, ending in a line feed.
pub fn policy_errors(errors: &PolicyErrors) -> String {
    let renderer = Renderer::plain();
    let mut text = String::new();
    for mistake in &errors.mistakes {
        let source = &mistake.source;
        let snippet = Snippet::source(source.text.as_str())
            .path(source.name.as_str())
            .annotation(AnnotationKind::Primary.span(inside(&source.text, mistake.span.clone())));
        let mut groups: Vec<Group<'_>> =
            vec![Level::ERROR.primary_title(mistake.message.as_str()).element(snippet)];
        if let Some(help) = &mistake.help {
            groups[0] = std::mem::replace(&mut groups[0], Group::with_title(Level::ERROR.primary_title("")))
                .element(Level::HELP.message(help.as_str()));
        }
        text.push_str(&renderer.render(&groups));
        text.push_str("\n\n");
    }
    text
}

/// Never beyond the text, and never across a line's end: a table's span would mark the whole of it.
fn inside(text: &str, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = boundary(text, span.start);
    let end = boundary(text, span.end.max(start));
    let line_end = text[start..end].find('\n').map_or(end, |length| start + length);
    start..line_end
}

/// The nearest place before this byte where a character begins, or the end.
fn boundary(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checker::Policy;
    use expect_test::expect;

    #[test]
    fn three_mistakes_are_told_together_each_with_its_line() {
        let text = r#"schema = 1
[defaults]
unmatched = "alow"

[[rule]]
id = "gpl"
when = { category = ["strong-copyleft"], id = ["GPL-3"] }
aktion = "deny"
"#;
        let errors = Policy::parse("mine.toml", text).expect_err("four mistakes");
        expect![[r#"
            error: `unmatched` cannot be `alow`
             --> mine.toml:3:13
              |
            3 | unmatched = "alow"
              |             ^^^^^^
              |
              = help: did you mean `allow`?

            error: `action` is missing in `rule`
             --> mine.toml:5:1
              |
            5 | [[rule]]
              | ^^^^^^^^
              |
              = help: allow, info, warn or deny.

            error: `GPL-3` is no licence of the SPDX list
             --> mine.toml:7:48
              |
            7 | when = { category = ["strong-copyleft"], id = ["GPL-3"] }
              |                                                ^^^^^^^
              |
              = help: did you mean `GPL-3.0-only`?

            error: unknown key `aktion` in `rule`
             --> mine.toml:8:1
              |
            8 | aktion = "deny"
              | ^^^^^^
              |
              = help: did you mean `action`?

        "#]]
        .assert_eq(&policy_errors(&errors));
    }

    #[test]
    fn what_is_no_toml_is_told_at_its_place() {
        let errors = Policy::parse("mine.toml", "schema = 1\nname = \"x\n").expect_err("no TOML");
        expect![[r#"
            error: invalid basic string, expected `"`
             --> mine.toml:2:10
              |
            2 | name = "x
              |          ^

        "#]]
        .assert_eq(&policy_errors(&errors));
    }
}

//! How good a list is, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::text::one_line;
use crate::quality::{Grade, Score};

/// One way of writing scores down.
pub struct Format {
    /// What `-o` calls it.
    pub name: &'static str,
    /// For `--help`.
    pub about: &'static str,
    pub render: fn(&[Score]) -> String,
}

/// Every format, in order of name.
pub const ALL: &[Format] = &[
    Format { name: "human", about: "text to read", render: human },
    Format { name: "json", about: "JSON, with every component that lacks something", render: json },
];

/// How many components that lack something are named to a person.
const MOST_NAMED: usize = 3;

fn human(scores: &[Score]) -> String {
    let mut text = String::new();
    for score in scores {
        let verdict = if score.is_met() { "met" } else { "not met" };
        let _ = writeln!(
            text,
            "{}: {verdict}, {:.1} of 10 ({})",
            score.profile.name,
            score.mark(),
            score.profile.about
        );
        for grade in &score.grades {
            let mark = if grade.is_met() { "yes" } else { "no" };
            let _ = write!(text, "  {mark:<3}  {:<30}", grade.element.name);
            match grade {
                Grade { asked: 1, missing, .. } if missing.is_empty() => text.push_str(grade.element.about),
                _ => {
                    let _ = write!(text, "{} of {}", grade.met, grade.asked);
                }
            }
            text.push('\n');
            for reference in grade.missing.iter().take(MOST_NAMED) {
                let reference = one_line(&reference.0);
                let _ = writeln!(text, "         lacks it: {reference}");
            }
            if grade.missing.len() > MOST_NAMED {
                let _ = writeln!(text, "         and {} more", grade.missing.len() - MOST_NAMED);
            }
        }
    }
    text
}

#[derive(Serialize)]
struct Profile<'a> {
    profile: &'static str,
    spec: &'static str,
    met: bool,
    /// Out of ten.
    mark: f64,
    elements: Vec<Element<'a>>,
}

#[derive(Serialize)]
struct Element<'a> {
    element: &'static str,
    about: &'static str,
    asked: usize,
    met: usize,
    missing: Vec<&'a str>,
}

fn json(scores: &[Score]) -> String {
    let profiles: Vec<Profile<'_>> = scores
        .iter()
        .map(|score| Profile {
            profile: score.profile.name,
            spec: score.profile.spec,
            met: score.is_met(),
            mark: (score.mark() * 100.0).round() / 100.0,
            elements: score
                .grades
                .iter()
                .map(|grade| {
                    let (asked, met) = (grade.asked, grade.met);
                    let missing = grade.missing.iter().map(|reference| reference.as_str()).collect();
                    Element { element: grade.element.name, about: grade.element.about, asked, met, missing }
                })
                .collect(),
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&profiles).expect("strings and numbers are always JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bom::{Bom, Component};
    use crate::quality;
    use expect_test::expect;

    #[test]
    fn a_person_sees_what_is_missing_and_where() {
        let mut bom = Bom::default();
        for name in ["a", "b", "c", "d", "e"] {
            let component = Component::new(name);
            bom.components.insert(component.reference(), component);
        }
        let profile = quality::find("ntia").expect("it is a profile");
        let scores = [quality::score(&bom, profile)];
        expect![[r#"
            ntia: not met, 1.4 of 10 (NTIA minimum elements, 2021)
              no   author                        who made the list: a person, an organisation or a tool
              no   timestamp                     when the list was made
              yes  component-name                5 of 5
              no   component-version             0 of 5
                     lacks it: library:a
                     lacks it: library:b
                     lacks it: library:c
                     and 2 more
              no   component-identifier          0 of 5
                     lacks it: library:a
                     lacks it: library:b
                     lacks it: library:c
                     and 2 more
              no   component-supplier            0 of 5
                     lacks it: library:a
                     lacks it: library:b
                     lacks it: library:c
                     and 2 more
              no   dependency-relationship       0 of 5
                     lacks it: library:a
                     lacks it: library:b
                     lacks it: library:c
                     and 2 more
        "#]]
        .assert_eq(&human(&scores));
        let read: serde_json::Value = serde_json::from_str(&json(&scores)).expect("it is JSON");
        assert_eq!(read[0]["elements"][3]["missing"].as_array().map(Vec::len), Some(5));
    }
}

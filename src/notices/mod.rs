//! The notices that must go along with what is shipped: licence texts, copyright lines, and what is missing.
//!
//! What lies beside a package is taken as it is: it is what its authors ask to hand on. Where nothing lies there and
//! the licence is known, its standard text stands in, which holds no copyright line; that is a gap, and said.

mod html;
mod markdown;
mod text;

use std::collections::{BTreeMap, BTreeSet};

pub use html::html;
pub use markdown::markdown;
pub use text::text;

use crate::bom::{Basis, Bom, Component, is_unseen};
use crate::licenses::{
    Expression, How, License, Obligation, detect, is_copyright_line, license_text, obligations, plain,
};

/// A licence file or notice, as it lies in the subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub path: String,
    pub text: String,
    /// Whether it is only what a README says of its licence: whose it is, perhaps without the licence's words.
    pub is_of_readme: bool,
}

/// Everything to hand on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notices {
    /// What was looked at.
    pub subject: String,
    /// In order of name.
    pub entries: Vec<Entry>,
    /// Every different text, in order of first use; entries refer to them by place.
    pub texts: Vec<Text>,
}

/// One component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub version: Option<String>,
    /// As SPDX writes it. Absent where nothing is known.
    pub license: Option<String>,
    /// As written in the texts found, each once.
    pub copyright: Vec<String>,
    /// Places in [`Notices::texts`].
    pub texts: Vec<usize>,
    /// What its licence asks for and is not here.
    pub gap: Option<Gap>,
}

/// Why a component's notice is not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// No text lies beside it; the standard one stands in, without copyright lines.
    Standard,
    /// No text lies beside it, and there is no standard one.
    Missing,
    /// Nobody says under which licence it is.
    Unknown,
}

impl Gap {
    pub fn about(self) -> &'static str {
        match self {
            Self::Standard => "no text beside it: the standard text is given, the copyright line is missing",
            Self::Missing => "no text beside it, and no standard one",
            Self::Unknown => "nobody says under which licence it is",
        }
    }
}

/// One text, and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// A path in the subject, or the id of the licence whose standard text it is.
    pub origin: String,
    pub text: String,
}

impl Notices {
    /// How many components lack something.
    pub fn gaps(&self) -> usize {
        self.entries.iter().filter(|entry| entry.gap.is_some()).count()
    }

    fn place(&mut self, places: &mut BTreeMap<String, usize>, origin: &str, text: &str) -> usize {
        // Form feeds and the like: no format has a way to write them.
        let text =
            text.replace("\r\n", "\n").replace(|c: char| is_unseen(c) && !matches!(c, '\n' | '\t'), " ");
        let text = text.trim_end().trim_start_matches(['\u{feff}', '\n']);
        *places.entry(text.to_owned()).or_insert_with(|| {
            self.texts.push(Text { origin: readable(origin), text: text.to_owned() });
            self.texts.len() - 1
        })
    }
}

/// A name of a package or file, in which nothing steers whoever reads it.
fn readable(name: &str) -> String {
    name.replace(is_unseen, "\u{FFFD}")
}

/// Gathers the notices of all that others made and that can be seen. `files` gives the licence files that lie
/// beside a component.
pub fn gather(bom: &Bom, files: impl Fn(&Component) -> Vec<Found>) -> Notices {
    let mut notices = Notices { subject: readable(&bom.subject.name), ..Notices::default() };
    let mut places = BTreeMap::new();
    let is_others = |component: &&Component| {
        component.hidden.is_none() && !component.first_party && component.purl.is_some()
    };
    let mut components: Vec<&Component> = bom.components.values().filter(is_others).collect();
    components.sort_by_key(|component| (&component.name, &component.version));
    for component in components {
        let found = files(component);
        let expression = expression(component);
        let mut entry = Entry {
            name: readable(&component.name),
            version: component.version.as_deref().map(readable),
            license: expression.as_ref().map(Expression::to_string),
            copyright: copyright(&found),
            texts: Vec::new(),
            gap: None,
        };
        for found in &found {
            entry.texts.push(notices.place(&mut places, &found.path, &found.text));
        }
        if !found.iter().any(holds_license) {
            entry.gap = Some(Gap::Unknown);
            if let Some(expression) = &expression {
                entry.gap = stand_in(&mut notices, &mut places, &mut entry.texts, expression, bom);
            }
            // With whose it is, the standard text is whole.
            if entry.gap == Some(Gap::Standard) && !entry.copyright.is_empty() {
                entry.gap = None;
            }
        }
        entry.texts.sort_unstable();
        entry.texts.dedup();
        notices.entries.push(entry);
    }
    notices
}

/// Whether a file holds the words of a licence, or is taken for one that does.
fn holds_license(found: &Found) -> bool {
    let name = found.path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let may_lack = found.is_of_readme || name.starts_with("notice") || name.starts_with("copyrightnotice");
    !may_lack || detect(&found.text).iter().any(|found| found.how == How::Text)
}

/// Standard texts where none was found, and what is missing then.
fn stand_in(
    notices: &mut Notices,
    places: &mut BTreeMap<String, usize>,
    texts: &mut Vec<usize>,
    expression: &Expression,
    bom: &Bom,
) -> Option<Gap> {
    let mut gap = None;
    for license in expression.leaves() {
        let id = license.id.as_str();
        match license_text(id).or_else(|| bom.license_texts.get(id).map(String::as_str)) {
            Some(text) => {
                texts.push(notices.place(places, id, text));
                if asks_for_notice(license) && gap.is_none() {
                    gap = Some(Gap::Standard);
                }
            }
            None => gap = Some(Gap::Missing),
        }
        if let Some((id, text)) = license.exception.as_deref().and_then(|id| Some((id, license_text(id)?))) {
            texts.push(notices.place(places, id, text));
        }
    }
    gap
}

fn asks_for_notice(license: &License) -> bool {
    obligations(license).iter().any(|asked| matches!(asked, Obligation::Attribution | Obligation::Text))
}

fn expression(component: &Component) -> Option<Expression> {
    let of = |basis: Basis| {
        let claims = component.licenses.iter().filter(|claim| claim.basis == basis);
        Expression::all_of(claims.filter_map(|claim| claim.expression.clone()))
    };
    of(Basis::Concluded).or_else(|| of(Basis::Declared)).or_else(|| of(Basis::Detected))
}

/// The lines that say whose copyright it is. Those that a licence's own text has for its author, and templates to
/// fill in, are none.
fn copyright(found: &[Found]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let says_whose = |line: &str, is_of_readme: bool| {
        is_copyright_line(line) || is_of_readme && is_copyright_line(after_name(line))
    };
    let lines = found.iter().flat_map(|found| found.text.lines().map(|line| (line, found.is_of_readme)));
    let lines = lines.map(|(line, of)| (plain(line), of));
    lines
        .filter(|(line, of)| says_whose(line, *of) && seen.insert((*line).to_owned()))
        .map(|(line, _)| readable(line))
        .collect()
}

/// Whether a file says whose copyright it is.
pub fn tells_whose(found: &Found) -> bool {
    !copyright(std::slice::from_ref(found)).is_empty()
}

/// `MIT © Jane Doe`, `[MIT](LICENSE) © Jane Doe`: from the sign on.
fn after_name(line: &str) -> &str {
    line.find('©').map_or("", |at| &line[at..])
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::bom::{LicenseClaim, Purl, Ref};
    use crate::licenses::{Dialect, read};

    fn bom() -> Bom {
        let mut bom = Bom::default();
        bom.subject.name = "app".to_owned();
        for (name, license) in [
            ("is-x", "MIT"),
            ("left-pad", "WTFPL"),
            ("ms", "MIT"),
            ("own", "our own"),
            ("qs", "BSD-3-Clause"),
            ("x", ""),
        ] {
            let mut component = Component::new(name);
            component.version = Some("1.0.0".to_owned());
            component.purl = Purl::new("npm", None, name, Some("1.0.0"), &[]).ok();
            component.licenses.push(LicenseClaim {
                text: license.to_owned(),
                expression: read(license, Dialect::Npm),
                basis: Basis::Declared,
                path: None,
                line: None,
            });
            bom.components.insert(Ref(name.into()), component);
        }
        bom
    }

    pub(super) fn notices() -> Notices {
        let mut notices = gather(&bom(), |component| {
            match component.name.as_str() {
            "ms" => vec![Found {
                path: "node_modules/ms/license.md".to_owned(),
                text: "The MIT License\r\n\r\nCopyright (c) 2020 Vercel, Inc.\nCopyright (c) <year> <x>\n\nPermission <b>\u{c}\n".to_owned(),
                is_of_readme: false,
            }],
            "is-x" => vec![Found {
                path: "node_modules/is-x/readme.md".to_owned(),
                text: "## License\n\nMIT © [Jane Doe](https://example.com)".to_owned(),
                is_of_readme: true,
            }],
            _ => Vec::new(),
        }
        });
        for text in &mut notices.texts {
            text.text = text.text.chars().take(60).collect();
        }
        notices
    }

    #[test]
    fn what_lies_there_is_taken_and_what_is_missing_is_said() {
        expect![[r#"
            Third-party notices of app

            is-x 1.0.0
              MIT
              MIT © [Jane Doe](https://example.com)
              texts: [1] [2]

            left-pad 1.0.0
              WTFPL
              texts: [3]

            ms 1.0.0
              MIT
              Copyright (c) 2020 Vercel, Inc.
              texts: [4]

            own 1.0.0
              LicenseRef-npm-our-own
              MISSING: no text beside it, and no standard one

            qs 1.0.0
              BSD-3-Clause
              MISSING: no text beside it: the standard text is given, the copyright line is missing
              texts: [5]

            x 1.0.0
              licence not known
              MISSING: nobody says under which licence it is

            --------------------------------------------------------------------------------
            [1] node_modules/is-x/readme.md
            --------------------------------------------------------------------------------

            ## License

            MIT © [Jane Doe](https://example.com)

            --------------------------------------------------------------------------------
            [2] MIT
            --------------------------------------------------------------------------------

            MIT License

            Copyright (c) <year> <copyright holders>

            Permi

            --------------------------------------------------------------------------------
            [3] WTFPL
            --------------------------------------------------------------------------------

            DO WHAT THE FUCK YOU WANT TO PUBLIC LICENSE
            Version 2, Decem

            --------------------------------------------------------------------------------
            [4] node_modules/ms/license.md
            --------------------------------------------------------------------------------

            The MIT License

            Copyright (c) 2020 Vercel, Inc.
            Copyright (

            --------------------------------------------------------------------------------
            [5] BSD-3-Clause
            --------------------------------------------------------------------------------

            Copyright (c) <year> <owner>. 

            Redistribution and use in so

        "#]]
        .assert_eq(&text(&notices()));
    }

    #[test]
    fn markdown_and_html_say_the_same() {
        expect![[r#"
            # Third-party notices of app

            ## is-x 1.0.0

            MIT

            - MIT © \[Jane Doe\](https://example.com)
            - [text 1](#text-1)
            - [text 2](#text-2)

            ## left-pad 1.0.0

            WTFPL

            - [text 3](#text-3)

            ## ms 1.0.0

            MIT

            - Copyright (c) 2020 Vercel, Inc.
            - [text 4](#text-4)

            ## own 1.0.0

            LicenseRef-npm-our-own

            - **missing**: no text beside it, and no standard one

            ## qs 1.0.0

            BSD-3-Clause

            - **missing**: no text beside it: the standard text is given, the copyright line is missing
            - [text 5](#text-5)

            ## x 1.0.0

            licence not known

            - **missing**: nobody says under which licence it is

            ## Text 1

            from node\_modules/is-x/readme.md

            ```text
            ## License

            MIT © [Jane Doe](https://example.com)
            ```

            ## Text 2

            from MIT

            ```text
            MIT License

            Copyright (c) <year> <copyright holders>

            Permi
            ```

            ## Text 3

            from WTFPL

            ```text
            DO WHAT THE FUCK YOU WANT TO PUBLIC LICENSE
            Version 2, Decem
            ```

            ## Text 4

            from node\_modules/ms/license.md

            ```text
            The MIT License

            Copyright (c) 2020 Vercel, Inc.
            Copyright (
            ```

            ## Text 5

            from BSD-3-Clause

            ```text
            Copyright (c) <year> <owner>. 

            Redistribution and use in so
            ```

        "#]]
        .assert_eq(&markdown(&notices()));
        expect![[r##"
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>Third-party notices of app</title></head>
            <body>
            <h1>Third-party notices of app</h1>
            <h2>is-x 1.0.0</h2>
            <p>MIT</p>
            <p>MIT © [Jane Doe](https://example.com)</p>
            <p><a href="#text-1">text 1</a></p>
            <p><a href="#text-2">text 2</a></p>
            <h2>left-pad 1.0.0</h2>
            <p>WTFPL</p>
            <p><a href="#text-3">text 3</a></p>
            <h2>ms 1.0.0</h2>
            <p>MIT</p>
            <p>Copyright (c) 2020 Vercel, Inc.</p>
            <p><a href="#text-4">text 4</a></p>
            <h2>own 1.0.0</h2>
            <p>LicenseRef-npm-our-own</p>
            <p><strong>missing</strong>: no text beside it, and no standard one</p>
            <h2>qs 1.0.0</h2>
            <p>BSD-3-Clause</p>
            <p><strong>missing</strong>: no text beside it: the standard text is given, the copyright line is missing</p>
            <p><a href="#text-5">text 5</a></p>
            <h2>x 1.0.0</h2>
            <p>licence not known</p>
            <p><strong>missing</strong>: nobody says under which licence it is</p>
            <h2 id="text-1">Text 1: node_modules/is-x/readme.md</h2>
            <pre>## License

            MIT © [Jane Doe](https://example.com)</pre>
            <h2 id="text-2">Text 2: MIT</h2>
            <pre>MIT License

            Copyright (c) &lt;year&gt; &lt;copyright holders&gt;

            Permi</pre>
            <h2 id="text-3">Text 3: WTFPL</h2>
            <pre>DO WHAT THE FUCK YOU WANT TO PUBLIC LICENSE
            Version 2, Decem</pre>
            <h2 id="text-4">Text 4: node_modules/ms/license.md</h2>
            <pre>The MIT License

            Copyright (c) 2020 Vercel, Inc.
            Copyright (</pre>
            <h2 id="text-5">Text 5: BSD-3-Clause</h2>
            <pre>Copyright (c) &lt;year&gt; &lt;owner&gt;. 

            Redistribution and use in so</pre>
            </body>
            </html>
        "##]].assert_eq(&html(&notices()));
    }

    #[test]
    fn a_licence_without_a_name_does_not_say_whose_it_is() {
        let of =
            |text: &str| Found { path: "LICENSE".to_owned(), text: text.to_owned(), is_of_readme: false };
        assert!(tells_whose(&of("MIT\n\nCopyright (c) 2020 Jo\n")));
        assert!(!tells_whose(&of(
            "Redistribution and use in source and binary forms\nabove copyright notice\n"
        )));
    }

    #[test]
    fn copyright_lines_are_told_from_conditions_and_templates() {
        for line in [
            "Copyright (c) 2015, Jon Schlinkert.",
            "(c) 2020 X",
            "© Jane",
            "Copyright 2014 Google Inc.",
            "Copyright Mathias Bynens <https://x/>",
        ] {
            assert!(is_copyright_line(line), "{line}");
        }
        for line in [
            "copyright notice, this list of 2 conditions",
            "Copyright (C) 2007 Free Software Foundation, Inc.",
            "Copyright [yyyy] [name]",
            "copyright law applies.",
        ] {
            assert!(!is_copyright_line(line), "{line}");
        }
    }
}

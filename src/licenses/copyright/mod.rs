//! Debian's `copyright` files: which licence covers which files of a package.
//!
//! Machine-readable ones (DEP-5) begin with a `Format:`; each paragraph names files and a licence. What ships is
//! under all of them together. Two kinds cover nothing that ships and are told apart: Debian's own packaging
//! (`debian/*`), and the machinery that builds (`configure`, `m4/*`). Other files are prose, written by hand for
//! thirty years; what can be told of them is which of Debian's common licences they refer to, and with which
//! words.
//! Spec: <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>

mod dep5;
mod meanings;
mod prose;

use std::collections::{BTreeMap, BTreeSet};

use super::expression::{Expression, License};
use super::memory::Memory;

/// What a copyright file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copyright {
    /// In the order of the file.
    pub parts: Vec<Part>,
    /// Whether the file is prose, so that the parts are what we made out in it.
    pub is_prose: bool,
    /// The texts behind the `LicenseRef-` ids of the parts, by id.
    pub texts: BTreeMap<String, String>,
}

/// Some files and their licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// As written: `src/*`. Empty where the statement is about the whole.
    pub files: Vec<String>,
    /// As written: `GPL-2+ or Artistic`.
    pub text: String,
    pub expression: Option<Expression>,
    /// 1-based, of the statement.
    pub line: u32,
    pub role: Role,
}

/// What becomes of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// They reach who installs the package.
    Ships,
    /// Debian's own packaging.
    Packaging,
    /// They only build.
    Builds,
    /// They are the texts of licences, under terms of their own.
    LicenseText,
}

/// All that ships, in one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What the parts say, joined as Debian's format joins: `GPL-2+ or Artistic, and Expat`.
    pub text: String,
    pub expression: Option<Expression>,
    /// 1-based, of the first part.
    pub line: u32,
    pub is_detected: bool,
    /// The texts behind the `LicenseRef-` ids of the expression, by id.
    pub texts: BTreeMap<String, String>,
}

impl Copyright {
    /// What holds for what ships: all parts together. Where no part ships, what the others say is better than
    /// nothing. Absent when the file says nothing.
    pub fn statement(&self) -> Option<Statement> {
        let shipping: Vec<&Part> = self.parts.iter().filter(|part| part.role == Role::Ships).collect();
        let parts = if shipping.is_empty() { self.parts.iter().collect() } else { shipping };
        let first = parts.first()?;
        let mut texts: Vec<&str> = Vec::new();
        let mut seen = BTreeSet::new();
        for part in &parts {
            if seen.insert(part.text.as_str()) {
                texts.push(&part.text);
            }
        }
        let expression = Expression::all_of(parts.iter().filter_map(|part| part.expression.clone()));
        let named = expression.iter().flat_map(Expression::leaves);
        let ids = |license: &License| [Some(license.id.as_str().to_owned()), license.exception.clone()];
        let text_of = |id: String| self.texts.get(&id).cloned().map(|text| (id, text));
        Some(Statement {
            text: texts.join(", and "),
            texts: named.flat_map(ids).flatten().filter_map(text_of).collect(),
            expression,
            line: first.line,
            is_detected: self.is_prose,
        })
    }
}

/// What was said in which copyright file.
pub(super) static SAID: Memory<Option<Statement>> = Memory::new();

/// What a copyright file says of all that ships. Packages of one source have one such file each, so what one says
/// is remembered.
pub fn copyright_statement(text: &str) -> Option<Statement> {
    SAID.recall(text, || read_copyright(text).statement())
}

/// Reads a copyright file. Never fails: what says nothing has no parts.
pub fn read_copyright(text: &str) -> Copyright {
    let paragraphs = dep5::paragraphs(text);
    if dep5::is_machine_readable(text, &paragraphs) {
        return dep5::read(&paragraphs);
    }
    let parts = prose::read(text);
    if parts.is_empty() {
        prose::unknown(text)
    } else {
        Copyright { parts, is_prose: true, ..Copyright::default() }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let copyright = read_copyright(text);
        let mut shown = String::new();
        for part in &copyright.parts {
            let expression = part.expression.as_ref().map_or("-".to_owned(), Expression::to_string);
            let files = part.files.join(" ");
            shown +=
                &format!("line {} {:?} [{files}] `{}` = {expression}\n", part.line, part.role, part.text);
        }
        if let Some(statement) = copyright.statement() {
            let expression = statement.expression.as_ref().map_or("-".to_owned(), Expression::to_string);
            let detected = if statement.is_detected { " (detected)" } else { "" };
            shown += &format!("all: `{}` = {expression}{detected}\n", statement.text);
        }
        expected.assert_eq(&shown);
    }

    const FORMAT: &str = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";

    #[test]
    fn what_ships_is_under_all_its_licences_together() {
        check(
            &format!(
                "{FORMAT}Upstream-Name: perl\n\nFiles: *\nCopyright: 1987 Larry Wall\nLicense: GPL-1+ or Artistic\n\n\
                 Files: lib/unicore/*\nLicense: Unicode-DFS-2016\n Some text\n\n\
                 Files: debian/*\nLicense: GPL-3+\n\nFiles: configure\n m4/libtool.m4\nLicense: FSFULLR\n\n\
                 License: Artistic\n On Debian systems see /usr/share/common-licenses/Artistic\n"
            ),
            expect![[r#"
                line 6 Ships [*] `GPL-1+ or Artistic` = GPL-1.0-or-later OR Artistic-1.0-Perl
                line 9 Ships [lib/unicore/*] `Unicode-DFS-2016` = Unicode-DFS-2016
                line 13 Packaging [debian/*] `GPL-3+` = GPL-3.0-or-later
                line 17 Builds [configure m4/libtool.m4] `FSFULLR` = FSFULLR
                all: `GPL-1+ or Artistic, and Unicode-DFS-2016` = (GPL-1.0-or-later OR Artistic-1.0-Perl) AND Unicode-DFS-2016
            "#]],
        );
    }

    #[test]
    fn a_file_with_packaging_only_says_that_much() {
        check(
            &format!("{FORMAT}\nFiles: debian/*\nLicense: GPL-2+\n"),
            expect![[r#"
            line 4 Packaging [debian/*] `GPL-2+` = GPL-2.0-or-later
            all: `GPL-2+` = GPL-2.0-or-later
        "#]],
        );
    }

    #[test]
    fn the_name_may_stand_on_the_next_line_or_be_missing() {
        check(
            &format!("{FORMAT}\nFiles: *\nLicense:\n MIT\n\nFiles: x\nLicense:\n"),
            expect![[r#"
            line 4 Ships [*] `MIT` = MIT
            all: `MIT` = MIT
        "#]],
        );
    }

    #[test]
    fn prose_is_searched_for_references_to_the_common_licences() {
        check(
            "This package was debianized by X.\n\nThis program is free software; you can redistribute it and/or \
             modify\nit under the terms of the GNU General Public License as published by\nthe Free Software \
             Foundation; either version 2 of the License, or\n(at your option) any later version.\n\nOn Debian \
             systems, the complete text is in /usr/share/common-licenses/GPL.\n\nThe library is under the GNU Lesser \
             General Public License, /usr/share/common-licenses/LGPL-2.1.\n\nThe Debian packaging is (C) 2009, X and is \
             licensed under the GPL, version 3\nsee `/usr/share/common-licenses/GPL-3'.\n",
            expect![[r#"
                line 8 Ships [] `/usr/share/common-licenses/GPL` = GPL-2.0-or-later
                line 10 Ships [] `/usr/share/common-licenses/LGPL-2.1` = LicenseRef-packlist-family-LGPL-2.1
                line 13 Packaging [] `/usr/share/common-licenses/GPL-3` = LicenseRef-packlist-family-GPL-3.0
                all: `/usr/share/common-licenses/GPL, and /usr/share/common-licenses/LGPL-2.1` = GPL-2.0-or-later AND LicenseRef-packlist-family-LGPL-2.1 (detected)
            "#]],
        );
    }

    #[test]
    fn prose_may_give_perls_choice() {
        check(
            "It is distributed under the same terms as Perl itself:\n/usr/share/common-licenses/GPL-1 and \
             /usr/share/common-licenses/Artistic",
            expect![[r#"
                line 2 Ships [] `/usr/share/common-licenses/GPL-1` = GPL-1.0-or-later OR Artistic-1.0-Perl
                all: `/usr/share/common-licenses/GPL-1` = GPL-1.0-or-later OR Artistic-1.0-Perl (detected)
            "#]],
        );
    }

    #[test]
    fn a_name_that_nobody_knows_means_the_text_beside_it() {
        let text = super::super::license_text("BSD-3-Clause").expect("a text");
        let text: String =
            text.lines().map(|line| format!(" {}\n", if line.is_empty() { "." } else { line })).collect();
        check(
            &format!(
                "{FORMAT}\nFiles: a\nLicense: BSD-3-clause-Acme\n{text}\nFiles: b\nLicense: BSD or own\n\n\
                 License: BSD\n{text}\nLicense: own\n You may look at it.\n\n\
                 Files: c\nLicense: GPL-3+ with autoconf exception\n As a special exception to the GNU General Public License, if\n \
                 you distribute this file as part of a program that contains a\n configuration script generated by Autoconf, \
                 you may include it under\n the same distribution terms that you use for the rest of that program.\n"
            ),
            expect![[r#"
                line 4 Ships [a] `BSD-3-clause-Acme` = BSD-3-Clause
                line 18 Ships [b] `BSD or own` = BSD-3-Clause OR LicenseRef-debian-own-39f30b75
                line 37 Ships [c] `GPL-3+ with autoconf exception` = GPL-3.0-or-later WITH Autoconf-exception-generic
                all: `BSD-3-clause-Acme, and BSD or own, and GPL-3+ with autoconf exception` = BSD-3-Clause AND (BSD-3-Clause OR LicenseRef-debian-own-39f30b75) AND GPL-3.0-or-later WITH Autoconf-exception-generic
            "#]],
        );
    }

    /// A licence's text as the body of a paragraph.
    fn paragraph(id: &str) -> String {
        let text = super::super::license_text(id).expect("a text");
        let lines = text.lines().map(|line| if line.trim().is_empty() { "." } else { line });
        lines.map(|line| format!(" {line}\n")).collect()
    }

    #[test]
    fn a_text_beside_several_names_says_which_the_open_ones_are() {
        let text = paragraph("HPND-export-US");
        check(
            &format!(
                "{FORMAT}\nFiles: a\nLicense: GPL or MIT-US-export\n This may be redistributed under the terms of the\n \
                 GNU Public License.\n .\n{text}\nFiles: b\nLicense: LGPL\n GNU Lesser General Public License.\n"
            ),
            expect![[r#"
                line 4 Ships [a] `GPL or MIT-US-export` = GPL-1.0-or-later OR HPND-export-US
                line 15 Ships [b] `LGPL` = LGPL-2.0-or-later
                all: `GPL or MIT-US-export, and LGPL` = (GPL-1.0-or-later OR HPND-export-US) AND LGPL-2.0-or-later
            "#]],
        );
    }

    #[test]
    fn prose_is_searched_for_texts_and_notices() {
        let text = super::super::license_text("ISC").expect("a text");
        check(
            &format!(
                "This is dhcpcd.\n\n{text}\n\nParts are Licensed under the Apache License, Version 2.0\n"
            ),
            expect![[r#"
                line 3 Ships [] `ISC` = ISC
                line 12 Ships [] `Apache-2.0` = Apache-2.0
                all: `ISC, and Apache-2.0` = ISC AND Apache-2.0 (detected)
            "#]],
        );
    }

    #[test]
    fn a_name_is_the_same_in_any_case_and_each_has_its_own_text() {
        check(
            &format!(
                "{FORMAT}\nFiles: a\nLicense: permissive-one or own~Acme\n\nFiles: b\nLicense: permissive-Two\n\n\
                 License: PERMISSIVE-one\n Do what you like, and keep this notice.\n\n\
                 License: permissive-two\n Copying and distribution of this file, with or without modification,\n are \
                 permitted in any medium without royalty provided the copyright\n notice and this notice are preserved. \
                 This file is offered as-is,\n without any warranty.\n\n\
                 License: OWN~acme\n Do what you like.\n"
            ),
            expect![[r#"
                line 4 Ships [a] `permissive-one or own~Acme` = LicenseRef-packlist-family-permissive--one-cfc5ae1e OR LicenseRef-debian-own-Acme-8f775969
                line 7 Ships [b] `permissive-Two` = FSFAP
                all: `permissive-one or own~Acme, and permissive-Two` = (LicenseRef-packlist-family-permissive--one-cfc5ae1e OR LicenseRef-debian-own-Acme-8f775969) AND FSFAP
            "#]],
        );
    }

    #[test]
    fn the_text_of_a_licence_has_a_licence_of_its_own_which_covers_nothing_else() {
        check(
            &format!(
                "{FORMAT}\nFiles: *\nLicense: GPL-3+\n\nFiles: COPYING doc/gpl.texi\nLicense: verbatim\n \
                 Everyone is permitted to copy and distribute verbatim copies\n of this license document, but changing \
                 it is not allowed.\n"
            ),
            expect![[r#"
                line 4 Ships [*] `GPL-3+` = GPL-3.0-or-later
                line 7 LicenseText [COPYING doc/gpl.texi] `verbatim` = LicenseRef-debian-verbatim-239e611f
                all: `GPL-3+` = GPL-3.0-or-later
            "#]],
        );
    }

    #[test]
    fn a_family_may_be_told_by_its_text_or_by_where_that_lies() {
        let text = paragraph("ICU");
        check(
            &format!(
                "{FORMAT}\nFiles: a\nLicense: MIT/X11\n{text}\nFiles: b\nLicense: Apache\n On Debian systems, the \
                 text of version 2.0 can be found in\n `/usr/share/common-licenses/Apache-2.0'.\n"
            ),
            expect![[r#"
                line 4 Ships [a] `MIT/X11` = ICU
                line 19 Ships [b] `Apache` = Apache-2.0
                all: `MIT/X11, and Apache` = ICU AND Apache-2.0
            "#]],
        );
    }

    #[test]
    fn a_statement_carries_the_texts_of_what_it_names() {
        let statement = copyright_statement(&format!(
            "{FORMAT}\nFiles: *\nLicense: own or MIT\n\nFiles: debian/*\nLicense: another\n You may not.\n\n\
             License: own\n You may.\n"
        ));
        let statement = statement.expect("a statement");
        let texts: Vec<(&str, &str)> =
            statement.texts.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
        assert_eq!(texts, [("LicenseRef-debian-own-fe65b7bb", "You may.")]);
    }

    #[test]
    fn an_exception_of_its_own_carries_its_text() {
        let text = "As a special exception you may link this with our game.";
        let statement = copyright_statement(&format!(
            "{FORMAT}\nFiles: *\nLicense: GPL-2+ with game exception\n {text}\n"
        ));
        let statement = statement.expect("a statement");
        let expression = statement.expression.expect("an expression").to_string();
        assert_eq!(expression, "GPL-2.0-or-later WITH AdditionRef-debian-game-exception-88325689");
        let texts: Vec<(String, String)> = statement.texts.into_iter().collect();
        assert_eq!(texts, [("AdditionRef-debian-game-exception-88325689".to_owned(), text.to_owned())]);
    }

    #[test]
    fn the_same_as_the_rest_is_what_the_rest_is_under() {
        check(
            &format!(
                "{FORMAT}\nFiles: *\nLicense: BSD-3-Clause\n\nFiles: a\nLicense: same-as-rest\n This file is \
                 distributed under the same license as the p11-kit\n package.\n\nFiles: b\nLicense: like-rest\n This \
                 file is under the same license as the package, except that\n you must ask us.\n"
            ),
            expect![[r#"
                line 4 Ships [*] `BSD-3-Clause` = BSD-3-Clause
                line 7 Ships [a] `same-as-rest` = BSD-3-Clause
                line 12 Ships [b] `like-rest` = LicenseRef-debian-like-rest-199b8459
                all: `BSD-3-Clause, and same-as-rest, and like-rest` = BSD-3-Clause AND LicenseRef-debian-like-rest-199b8459
            "#]],
        );
    }

    #[test]
    fn a_text_that_no_list_has_may_be_plain_enough_to_class() {
        check(
            &format!(
                "{FORMAT}\nFiles: *\nLicense: g10\n This file is free software; as a special exception the author gives\n \
                 unlimited permission to copy and/or distribute it, with or without\n modifications, as long as this \
                 notice is preserved.\n"
            ),
            expect![[r#"
                line 4 Ships [*] `g10` = LicenseRef-packlist-text-fsf-unlimited-by-author--25b1b3d0
                all: `g10` = LicenseRef-packlist-text-fsf-unlimited-by-author--25b1b3d0
            "#]],
        );
    }

    #[test]
    fn prose_about_the_packaging_is_told_from_prose_about_the_work() {
        check(
            "This library is free software; you can redistribute it under the terms of the GNU Lesser General\n\
             Public License, version 2.1 of the License, or (at your option) any later version.\n\n\
             On Debian GNU/Linux systems, the complete text of the Lesser GNU General\n\
             Public License can be found in `/usr/share/common-licenses/LGPL'.\n\n\
             The Debian specific changes are © 2005, X, and distributed under the terms of the GNU\nGeneral Public \
             License, version 2.\n\n\
             On Debian GNU/Linux systems, the complete text of the GNU General\nPublic License can be found in \
             `/usr/share/common-licenses/GPL'.\n",
            expect![[r#"
                line 5 Ships [] `/usr/share/common-licenses/LGPL` = LGPL-2.1-or-later
                line 11 Packaging [] `/usr/share/common-licenses/GPL` = LicenseRef-packlist-family-GPL-2.0
                all: `/usr/share/common-licenses/LGPL` = LGPL-2.1-or-later (detected)
            "#]],
        );
    }

    #[test]
    fn what_nobody_knows_is_kept_with_its_text() {
        let text = "LICENSE AGREEMENT FOR OUR PRODUCTS\n\nYou may not.\n";
        check(
            text,
            expect![[r#"
            line 1 Ships [] `LICENSE AGREEMENT FOR OUR PRODUCTS` = LicenseRef-debian-copyright-80b72a09
            all: `LICENSE AGREEMENT FOR OUR PRODUCTS` = LicenseRef-debian-copyright-80b72a09 (detected)
        "#]],
        );
        let texts = read_copyright(text).texts;
        assert_eq!(texts.into_values().collect::<Vec<_>>(), [text.trim()]);
    }

    #[test]
    fn a_file_of_paragraphs_may_lack_its_format() {
        check(
            "Files: src/*\nCopyright: 1993, Jo\nLicense: MPL-1.1 or GPL-2 or LGPL-2.1\n\nLicense: GPL-2\n [LICENSE TEXT]\n",
            expect![[r#"
                line 3 Ships [src/*] `MPL-1.1 or GPL-2 or LGPL-2.1` = MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-only
                all: `MPL-1.1 or GPL-2 or LGPL-2.1` = MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-only
            "#]],
        );
    }

    #[test]
    fn other_files_say_nothing() {
        check("", expect![[""]]);
        check(" \n\t\n", expect![[""]]);
        check("Format: x", expect![[""]]);
        check(
            "\u{fffd}: /usr/share/common-licenses/",
            expect![[r#"
            line 1 Ships [] `�: /usr/share/common-licenses/` = LicenseRef-debian-copyright-656cc126
            all: `�: /usr/share/common-licenses/` = LicenseRef-debian-copyright-656cc126 (detected)
        "#]],
        );
    }
}

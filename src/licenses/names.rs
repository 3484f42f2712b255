//! What people write where a licence is asked for, read into SPDX's terms.
//!
//! The structure is kept: choices stay choices, conjunctions conjunctions. What is exact stays exact; another
//! spelling of a known name becomes its id; a name of several licences becomes a reference to its [`Family`];
//! what is not known becomes a reference made of the words themselves. Nothing is guessed. What says nothing
//! (`UNKNOWN`, `see LICENSE`) gives nothing.
//!
//! [`Family`]: super::Family

use super::category::PUBLIC_DOMAIN;
use super::expression::{Expression, License, LicenseId};
use super::memory::Memory;
use super::{detect, leaf, structure};

/// Whose way of writing licences it is. They differ in a few names and in what a comma means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// SPDX expressions: what CycloneDX and SPDX documents, and modern manifests, hold.
    Spdx,
    /// Debian's machine-readable copyright files (DEP-5).
    Debian,
    /// Fedora and its descendants, by its names before SPDX ("Callaway") and by SPDX.
    Fedora,
    /// Alpine; before 3.9 licences with spaces between them.
    Alpine,
    /// `License` and `License-Expression` of Python's metadata.
    Pypi,
    /// `License :: OSI Approved :: MIT License`.
    PypiClassifier,
    /// `package.json`.
    Npm,
    /// `Cargo.toml`, where `/` was `OR` once.
    Cargo,
    /// Names and addresses in a POM.
    Maven,
    /// Gemspecs.
    Gem,
    /// `composer.json`.
    Composer,
    /// Expressions and addresses in a nuspec.
    Nuget,
    /// `DESCRIPTION` of an R package: `GPL (>= 2) | file LICENSE`.
    R,
    /// Any other.
    Generic,
}

impl Dialect {
    pub const ALL: [Self; 14] = [
        Self::Spdx,
        Self::Debian,
        Self::Fedora,
        Self::Alpine,
        Self::Pypi,
        Self::PypiClassifier,
        Self::Npm,
        Self::Cargo,
        Self::Maven,
        Self::Gem,
        Self::Composer,
        Self::Nuget,
        Self::R,
        Self::Generic,
    ];

    /// As tables and references write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spdx => "spdx",
            Self::Debian => "debian",
            Self::Fedora => "fedora",
            Self::Alpine => "alpine",
            Self::Pypi => "pypi",
            Self::PypiClassifier => "pypi-classifier",
            Self::Npm => "npm",
            Self::Cargo => "cargo",
            Self::Maven => "maven",
            Self::Gem => "gem",
            Self::Composer => "composer",
            Self::Nuget => "nuget",
            Self::R => "r",
            Self::Generic => "generic",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// Whether licences with a comma between them are a choice. Where nobody says, all of them are meant: who
    /// obeys all obeys each.
    pub(super) fn lists_alternatives(self) -> bool {
        matches!(self, Self::Composer | Self::Maven | Self::Npm)
    }
}

/// Words that are written where nothing is known.
const NOTHING: &[&str] = &[
    "",
    "-",
    "absent",
    "n/a",
    "na",
    "noassertion",
    "none",
    "not specified",
    "null",
    // The "licence" of the keys that rpm keeps as packages.
    "pubkey",
    "unknown",
    "unspecified",
];
/// Words that say of a licence how many there are or of what kind, and not which. Alone they name none.
const NAMING_NONE: &[&str] = &[
    "approved",
    "double",
    "dual",
    "foss",
    "free",
    "gratis",
    "mixed",
    "multi",
    "multiple",
    "open",
    "osi",
    "osi-approved",
    "other",
    "others",
    "several",
    "source",
    "opensource",
    "triple",
    "two",
    "various",
];
/// Words beside these that add nothing.
const BESIDE_NONE: &[&str] = &[
    "a",
    "license",
    "licence",
    "licensed",
    "licenced",
    "licenses",
    "licences",
    "licensing",
    "model",
    "software",
];
/// Beginnings of words that point to a file, which is another's to read.
const POINTERS: &[&str] =
    &["file license", "file://", "license file", "license.", "refer to", "see ", "look at", "file: "];
/// The addresses behind which NuGet puts nothing.
const NO_ADDRESS: &[&str] = &["https://aka.ms/deprecateLicenseUrl", "http://aka.ms/deprecateLicenseUrl"];
/// Words of prose: a licence's text or notice stands where its name was asked for.
const PROSE: &[&str] = &[
    "hereby",
    "all rights reserved.",
    "permission is ",
    "permission to use",
    "redistribution and use",
    " warrant",
    "without restriction",
];
/// Longest text that may be names and operators: Debian's packages list up to some forty.
const LONGEST_LIST: usize = 4096;

/// Fewer words are no sentence.
const FEWEST_WORDS: usize = 5;

/// What a declaration means. Absent when it says nothing or points elsewhere.
pub fn read(text: &str, dialect: Dialect) -> Option<Expression> {
    static KNOWN: [Memory<Option<Expression>>; Dialect::ALL.len()] =
        [const { Memory::new() }; Dialect::ALL.len()];
    KNOWN[dialect as usize].recall(text, || work_out(text, dialect))
}

fn work_out(text: &str, dialect: Dialect) -> Option<Expression> {
    let text = text.trim().trim_matches(['"', '\'']).trim();
    let lower = text.to_lowercase();
    if NOTHING.contains(&lower.as_str()) || NO_ADDRESS.contains(&text) || is_pointer(&lower) {
        return None;
    }
    if let Ok(expression) = Expression::parse(text) {
        return Some(references_read(expression, dialect));
    }
    if let Some(name) = without_callaway(text) {
        return read(name, Dialect::Fedora);
    }
    match dialect {
        Dialect::PypiClassifier => classifier(text),
        Dialect::Pypi if text.contains("OSI Approved ::") || text.starts_with("License :: ") => {
            classifier(text)
        }
        Dialect::R => r(text),
        // A licence's whole text stands where its name was asked for.
        _ if is_prose(&lower) => {
            Some(detect::of_one(text).unwrap_or_else(|| Expression::License(leaf::unknown(text, dialect))))
        }
        _ => leaf::whole(text, dialect).or_else(|| listed(text, dialect)),
    }
}

/// Names and operators; where nobody knows the only name, it may be a sentence that holds one.
fn listed(text: &str, dialect: Dialect) -> Option<Expression> {
    let read = structure::read(text, dialect)?;
    let is_sentence = text.split_whitespace().nth(FEWEST_WORDS - 1).is_some();
    if is_sentence
        && dialect != Dialect::Debian
        && read == Expression::License(leaf::unknown(text, dialect))
        && let Some(said) = detect::of_one(text)
    {
        return Some(said);
    }
    Some(read)
}

/// Whether words that stand where a licence's name was asked for name none: they point to a file, say whose the
/// copyright is, or only how many licences there are ("Dual License").
pub fn names_none(text: &str) -> bool {
    let text = text.trim().trim_matches(['"', '\'', '.']).trim();
    let lower = text.to_lowercase();
    NOTHING.contains(&lower.as_str())
        || is_pointer(&lower)
        || only_counts(&lower)
        || says_nothing(text, Dialect::Generic)
}

/// `dual license`, `osi approved`, `multi-licensed`.
fn only_counts(lower: &str) -> bool {
    let words = lower.split(|c: char| c.is_whitespace() || c == '-').filter(|word| !word.is_empty());
    let names_none = |word: &str| NAMING_NONE.contains(&word) || BESIDE_NONE.contains(&word);
    // A licence by that very name there is: the Open Software License.
    words.clone().any(|word| NAMING_NONE.contains(&word))
        && words.clone().all(names_none)
        && lower != "open software license"
}

/// Whether words offer several licences to choose from.
pub fn offers_choice(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["dual", "multi-licen", "multiple licen", "multi licen", "triple", "choice"]
        .iter()
        .any(|word| lower.contains(word))
}

fn is_pointer(lower: &str) -> bool {
    matches!(lower, "license" | "licence" | "copying" | "file")
        || POINTERS.iter().any(|begin| lower.starts_with(begin))
}

/// Words in a list that name no licence: whose the copyright is, and where a text lies.
pub(super) fn says_nothing(name: &str, dialect: Dialect) -> bool {
    let lower = name.trim().to_lowercase();
    let begins_copyright = ["copyright ", "(c) ", "© "].iter().any(|begin| lower.starts_with(begin));
    let says_whose =
        lower.contains("(c)") || lower.contains('©') || lower.contains(|c: char| c.is_ascii_digit());
    // npm's `SEE LICENSE IN` is a licence of its own, whose words lie elsewhere.
    let is_aside = lower.starts_with("see ") && !lower.starts_with("see license in ");
    begins_copyright && says_whose
        || is_aside
        || is_company(&lower)
        // Debian's for what nobody can own: tables that a program wrote.
        || dialect == Dialect::Debian && lower == "none"
}

/// What a comma in a statement of copyright leaves over: `Acme, Inc.`, `2018, Acme Inc.`
fn is_company(lower: &str) -> bool {
    let last = lower.trim_end_matches('.').rsplit(' ').next().unwrap_or_default();
    matches!(last, "co" | "gmbh" | "inc" | "llc" | "ltd")
}

fn is_prose(lower: &str) -> bool {
    lower.len() > LONGEST_LIST
        || lower.lines().filter(|line| !line.trim().is_empty()).count() > 3
        || lower.len() > 60 && PROSE.iter().any(|phrase| lower.contains(phrase))
}

/// References that others gave to names that have a meaning here: Fedora's for the public domain.
fn references_read(expression: Expression, dialect: Dialect) -> Expression {
    let Expression::License(license) = &expression else { return expression };
    let LicenseId::Ref(reference) = &license.id else { return expression };
    match without_callaway(reference) {
        Some(name) => read(name, Dialect::Fedora).unwrap_or(expression),
        None if dialect == Dialect::Fedora && reference == "LicenseRef-Fedora-Public-Domain" => {
            Expression::License(License { id: LicenseId::Ref(PUBLIC_DOMAIN.to_owned()), ..license.clone() })
        }
        None => expression,
    }
}

fn without_callaway(text: &str) -> Option<&str> {
    text.strip_prefix("LicenseRef-Callaway-")
}

/// The last part of `License :: OSI Approved :: MIT License`. A part that only says it is approved says nothing.
fn classifier(text: &str) -> Option<Expression> {
    let name = text.rsplit("::").next()?.trim();
    if matches!(name, "OSI Approved" | "DFSG approved") {
        return None;
    }
    let known = leaf::known(name, Dialect::PypiClassifier);
    Some(known.unwrap_or_else(|| Expression::License(leaf::unknown(name, Dialect::PypiClassifier))))
}

/// R writes versions as conditions and points to a file for what a template leaves open.
fn r(text: &str) -> Option<Expression> {
    // Packages that come with R itself: "Part of R 4.1.2".
    if text.starts_with("Part of R ") {
        return Expression::parse("GPL-2.0-only OR GPL-3.0-only").ok();
    }
    let mut written = String::new();
    for part in text.split('|') {
        let part = part.split('+').map(str::trim).find(|part| !part.to_lowercase().starts_with("file "));
        let Some(part) = part else { continue };
        if !written.is_empty() {
            written.push_str(" | ");
        }
        written.push_str(&condition_read(part));
    }
    if written.is_empty() {
        return None;
    }
    structure::read(&written, Dialect::R)
}

/// `GPL (>= 2)` becomes `GPL 2+`, `Apache License (== 2.0)` becomes `Apache License 2.0`.
fn condition_read(part: &str) -> String {
    let Some((name, condition)) = part.split_once('(') else { return part.to_owned() };
    let first = condition.trim_end_matches(')').split(',').next().unwrap_or_default().trim();
    let version = first.trim_start_matches(['>', '<', '=', ' ']);
    match first.starts_with(">=") || first.starts_with('>') {
        true => format!("{name}{version}+"),
        false if first.starts_with('=') => format!("{name}{version}"),
        false => part.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Declarations as people wrote them, and what they mean. `-` says nothing; `~X` is the family X, of which
    /// nobody can know the member; `?X` is not known and kept as the reference X.
    const TRUTH: &[(Dialect, &str, &str)] = &[
        // SPDX: any case, old ids, old spellings of the operators.
        (Dialect::Spdx, "MIT", "MIT"),
        (Dialect::Spdx, "(mit or apache-2.0) and Zlib", "(MIT OR Apache-2.0) AND Zlib"),
        (Dialect::Spdx, "GPL-2.0", "GPL-2.0-only"),
        (Dialect::Spdx, "GPL-2.0+", "GPL-2.0-or-later"),
        (Dialect::Spdx, "GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
        (Dialect::Spdx, "Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        (Dialect::Spdx, "MPL-1.1+", "MPL-1.1+"),
        (Dialect::Spdx, "LicenseRef-acme AND MIT", "LicenseRef-acme AND MIT"),
        (Dialect::Spdx, "NOASSERTION", "-"),
        (Dialect::Spdx, "NONE", "-"),
        (Dialect::Spdx, "MITRE Corp", "?LicenseRef-spdx-MITRE-Corp"),
        // Debian: short names, commas that weaken, exceptions, names of the packager's own.
        (Dialect::Debian, "GPL-2+ or Artistic", "GPL-2.0-or-later OR Artistic-1.0-Perl"),
        (Dialect::Debian, "Expat", "MIT"),
        (Dialect::Debian, "GPL-2+ and Expat, or BSD-3-clause", "GPL-2.0-or-later AND MIT OR BSD-3-Clause"),
        (
            Dialect::Debian,
            "GPL-2+ or Artistic-2.0, and BSD-3-clause",
            "(GPL-2.0-or-later OR Artistic-2.0) AND BSD-3-Clause",
        ),
        (Dialect::Debian, "GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"),
        (Dialect::Debian, "GPL-3+-WITH-BISON-EXCEPTION", "GPL-3.0-or-later WITH Bison-exception-2.2"),
        (Dialect::Debian, "GPL-2+ with Libtool exception", "GPL-2.0-or-later WITH Libtool-exception"),
        (
            Dialect::Debian,
            "GPL-2+ with Autoconf exception",
            "GPL-2.0-or-later WITH AdditionRef-packlist-family-autoconf",
        ),
        (
            Dialect::Debian,
            "GPL-2+ with distribution exception",
            "GPL-2.0-or-later WITH AdditionRef-debian-distribution-exception",
        ),
        (Dialect::Debian, "APACHE-2-LLVM-EXCEPTIONS", "Apache-2.0 WITH LLVM-exception"),
        (Dialect::Debian, "LGPLv3+_or_GPLv2+", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
        (Dialect::Debian, "GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"),
        (Dialect::Debian, "Perl", "GPL-1.0-or-later OR Artistic-1.0-Perl"),
        (Dialect::Debian, "public-domain-md5", "LicenseRef-packlist-public-domain"),
        (Dialect::Debian, "GPL", "~GPL"),
        (Dialect::Debian, "GPL-1+", "GPL-1.0-or-later"),
        (
            Dialect::Debian,
            "PD, GPL-2, permissive-nowarranty, none, LGPL-2.1, Autoconf, BSD-3-clause and Expat",
            "?LicenseRef-packlist-public-domain AND GPL-2.0-only AND LicenseRef-packlist-family-permissive--nowarranty AND \
             LGPL-2.1-only AND LicenseRef-debian-Autoconf AND BSD-3-Clause AND MIT",
        ),
        (Dialect::Debian, "permissive-like-automake", "~permissive--like-automake"),
        (Dialect::Debian, "BSL-1.0 and Jam", "BSL-1.0 AND Jam"),
        (Dialect::Debian, "RRA-KEEP-THIS-NOTICE or MIT", "?LicenseRef-debian-RRA-KEEP-THIS-NOTICE OR MIT"),
        // Fedora's names before SPDX, and after.
        (
            Dialect::Fedora,
            "GPLv2+ and LGPLv2+ with exceptions",
            "GPL-2.0-or-later AND LGPL-2.0-or-later WITH AdditionRef-fedora-exceptions",
        ),
        (
            Dialect::Fedora,
            "GPLv3+ and GPLv3+ with exceptions and BSD",
            "GPL-3.0-or-later AND GPL-3.0-or-later WITH AdditionRef-fedora-exceptions AND ~BSD",
        ),
        (Dialect::Fedora, "(GPL+ or Artistic) and MIT", "(GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT"),
        (Dialect::Fedora, "ASL 2.0", "Apache-2.0"),
        (Dialect::Fedora, "MPLv2.0 or GPLv2", "MPL-2.0 OR GPL-2.0-only"),
        (Dialect::Fedora, "Public Domain", "LicenseRef-packlist-public-domain"),
        (Dialect::Fedora, "BSD with advertising", "BSD-4-Clause"),
        (Dialect::Fedora, "LicenseRef-Callaway-BSD", "~BSD"),
        (Dialect::Fedora, "zlib with acknowledgement", "zlib-acknowledgement"),
        (Dialect::Fedora, "Redistributable, no modification permitted", "~no-modification"),
        (Dialect::Fedora, "Freely redistributable without restriction and MIT", "~permissive AND MIT"),
        (Dialect::Fedora, "pubkey", "-"),
        (
            Dialect::Fedora,
            "SUSE-GPL-2.0-with-OSI-exception",
            "GPL-2.0-only WITH AdditionRef-fedora-OSI-exception",
        ),
        (Dialect::Fedora, "SUSE-Public-Domain AND MIT", "LicenseRef-packlist-public-domain AND MIT"),
        (Dialect::Fedora, "SUSE-Firmware", "?LicenseRef-fedora-SUSE-Firmware"),
        // Alpine, with operators and without.
        (Dialect::Alpine, "MIT BSD GPL2+", "MIT AND ~BSD AND GPL-2.0-or-later"),
        (Dialect::Alpine, "GPL-2.0-only AND (BSD-2-Clause OR ISC)", "GPL-2.0-only AND (BSD-2-Clause OR ISC)"),
        (Dialect::Alpine, "custom:XFREE86", "?LicenseRef-alpine-custom-XFREE86"),
        (Dialect::Alpine, "BSD-3-Clause custom", "?BSD-3-Clause AND LicenseRef-alpine-custom"),
        // Python: free text and classifiers.
        (Dialect::Pypi, "Apache License, Version 2.0", "Apache-2.0"),
        (Dialect::Pypi, "BSD 3-Clause License or Apache License, Version 2.0", "BSD-3-Clause OR Apache-2.0"),
        (Dialect::Pypi, "GNU Library or Lesser General Public License (LGPL)", "~LGPL"),
        (Dialect::Pypi, "GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"),
        (Dialect::Pypi, "Dual Licensed (MIT or GPLv3)", "MIT OR GPL-3.0-only"),
        (Dialect::Pypi, "UNKNOWN", "-"),
        (Dialect::Pypi, "see COPYING.txt", "-"),
        (Dialect::Pypi, "MPL 1.1, GPL 2.0 or LGPL 2.1", "MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-only"),
        (
            Dialect::Pypi,
            "Dual Licensed - GNU AFFERO GPL 3.0 or Artifex Commercial License",
            "AGPL-3.0-only OR LicenseRef-packlist-proprietary",
        ),
        (Dialect::Pypi, "Your choice of MIT or Apache License 2.0", "MIT OR Apache-2.0"),
        (Dialect::Pypi, "All contributions towards LibCST are MIT licensed.", "MIT"),
        (
            Dialect::Pypi,
            "BSD license (see license.txt for details), Copyright (c) 2000-2018, ReportLab Inc.",
            "~BSD",
        ),
        (Dialect::Pypi, "BSD-derived", "~BSD-like"),
        (Dialect::Pypi, "Python style", "~Python-like"),
        (Dialect::Pypi, "Dual License", "?LicenseRef-pypi-Dual-License"),
        (Dialect::Pypi, "License :: CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"),
        (Dialect::PypiClassifier, "License :: OSI Approved :: MIT License", "MIT"),
        (Dialect::PypiClassifier, "License :: OSI Approved :: BSD License", "~BSD"),
        (
            Dialect::PypiClassifier,
            "License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)",
            "GPL-3.0-or-later",
        ),
        (Dialect::PypiClassifier, "License :: OSI Approved", "-"),
        (Dialect::PypiClassifier, "License :: Other/Proprietary License", "LicenseRef-packlist-proprietary"),
        (
            Dialect::PypiClassifier,
            "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)",
            "MPL-2.0",
        ),
        (Dialect::Pypi, "License :: OSI Approved :: MIT License", "MIT"),
        (Dialect::Pypi, "GNU Lesser General Public License (LGPL), Version 3", "LGPL-3.0-only"),
        (Dialect::Pypi, "BSD - See ndg/httpsclient/LICENCE file for details", "~BSD"),
        (Dialect::Pypi, "Public Domain <http://unlicense.org>", "Unlicense"),
        (
            Dialect::Pypi,
            "MIT License Copyright (c) 2020 Jo Permission is hereby granted, free of charge, to any person obtaining a \
             copy of this software and associated documentation files (the \"Software\"), to deal in the Software \
             without restriction, including without limitation the rights to use, copy, modify, merge, publish, \
             distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is \
             furnished to do so, subject to the following conditions: The above copyright notice and this permission \
             notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED \
             \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF \
             MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR \
             COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, \
             TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN \
             THE SOFTWARE.",
            "MIT",
        ),
        // npm.
        (Dialect::Npm, "MIT License, see LICENSE.md for details", "MIT"),
        (Dialect::Npm, "MIT, Copyright (c) 2013 Michael Schoonmaker", "MIT"),
        (Dialect::Npm, "MIT AND SEE LICENSE IN x", "?MIT AND LicenseRef-npm-SEE-LICENSE-IN-x"),
        (Dialect::Npm, "MIT <http://opensource.org/licenses/MIT>", "MIT"),
        (Dialect::Npm, "Apache 2.0 http://www.apache.org/licenses/", "Apache-2.0"),
        (Dialect::Npm, "Unlicense (see http://unlicense.org/)", "Unlicense"),
        (
            Dialect::Npm,
            "MIT / http://example.com/license/",
            "?MIT OR LicenseRef-npm-http-example.com-license",
        ),
        (Dialect::Npm, "GPL <https://www.gnu.org/licenses/gpl-3.0.html>", "~GPL-3.0"),
        (Dialect::Npm, "BSD Lisense", "~BSD"),
        (Dialect::Npm, "M.I.T.", "MIT"),
        (Dialect::Npm, "UNLICENSED", "LicenseRef-packlist-proprietary"),
        (Dialect::Npm, "Unlicense", "Unlicense"),
        (Dialect::Npm, "SEE LICENSE IN LICENSE.txt", "-"),
        (Dialect::Npm, "MIT/X11", "~MIT"),
        (Dialect::Npm, "MIT*", "MIT"),
        (Dialect::Npm, "Apache2", "Apache-2.0"),
        (Dialect::Npm, "(MPL-2.0 OR Apache-2.0)", "MPL-2.0 OR Apache-2.0"),
        (Dialect::Npm, "BSD", "~BSD"),
        // Cargo.
        (Dialect::Cargo, "MIT/Apache-2.0", "MIT OR Apache-2.0"),
        (Dialect::Cargo, "Apache-2.0 / MIT", "Apache-2.0 OR MIT"),
        // Maven.
        (Dialect::Maven, "EPL 2.0 / GPL2 w/ CPE", "EPL-2.0 OR GPL-2.0-only WITH Classpath-exception-2.0"),
        (Dialect::Maven, "The Apache Software License, Version 2.0", "Apache-2.0"),
        (Dialect::Maven, "http://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"),
        (Dialect::Maven, "Eclipse Public License - v 2.0", "EPL-2.0"),
        (Dialect::Maven, "GNU Lesser General Public License", "~LGPL"),
        (Dialect::Maven, "http://www.gnu.org/licenses/lgpl-2.1.html", "~LGPL-2.1"),
        (Dialect::Maven, "Public Domain, per Creative Commons CC0", "CC0-1.0"),
        // RubyGems, Composer, NuGet.
        (Dialect::Gem, "Ruby, BSD-2-Clause", "Ruby AND BSD-2-Clause"),
        (Dialect::Gem, "2-clause BSDL", "BSD-2-Clause"),
        (Dialect::Gem, "Ruby's", "Ruby"),
        (Dialect::Composer, "LGPL-2.1-only, GPL-3.0-or-later", "LGPL-2.1-only OR GPL-3.0-or-later"),
        (Dialect::Composer, "proprietary", "LicenseRef-packlist-proprietary"),
        (Dialect::Nuget, "https://licenses.nuget.org/MIT", "MIT"),
        (Dialect::Nuget, "https://licenses.nuget.org/GPL-3.0-only", "GPL-3.0-only"),
        (Dialect::Nuget, "https://aka.ms/deprecateLicenseUrl", "-"),
        (Dialect::Nuget, "https://example.com/eula", "?LicenseRef-nuget-https-example.com-eula"),
        // R.
        (Dialect::R, "GPL (>= 2)", "GPL-2.0-or-later"),
        (Dialect::R, "MIT + file LICENSE", "MIT"),
        (Dialect::R, "GPL-2 | GPL-3", "GPL-2.0-only OR GPL-3.0-only"),
        (Dialect::R, "BSD_3_clause + file LICENSE", "BSD-3-Clause"),
        (Dialect::R, "Apache License (== 2.0) | file LICENSE", "Apache-2.0"),
        (Dialect::R, "file LICENSE", "-"),
        (Dialect::R, "Part of R 4.1.2", "GPL-2.0-only OR GPL-3.0-only"),
        // Anybody's.
        (Dialect::Generic, "GPL v2 or (at your option) any later version", "GPL-2.0-or-later"),
        (Dialect::Generic, "GNU GPL v2", "GPL-2.0-only"),
        (Dialect::Generic, "MIT and BSD-like", "MIT AND ~BSD-like"),
        (Dialect::Generic, "Historical Permission Notice and Disclaimer", "HPND"),
        (Dialect::Generic, "CDDL-1.1 & MIT", "CDDL-1.1 AND MIT"),
        (
            Dialect::Generic,
            "Copyright (c) 2013, X\nAll rights reserved.\nRedistribution and use",
            "?LicenseRef-generic-Copyright-c-2013-X-All-rights-reserved-ba8126ad",
        ),
    ];

    #[test]
    fn what_people_write_means_what_a_reader_of_licences_would_say() {
        let mut wrong = String::new();
        for (dialect, text, expected) in TRUTH {
            let expected = expected.replace('~', "LicenseRef-packlist-family-").replace('?', "");
            let meaning = read(text, *dialect).map_or("-".to_owned(), |expression| expression.to_string());
            if meaning != expected {
                wrong += &format!("{dialect:?} `{text}`\n   expected {expected}\n   found    {meaning}\n");
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }

    #[test]
    fn what_is_read_is_an_expression_and_reads_as_itself() {
        for (dialect, text, _) in TRUTH {
            let Some(expression) = read(text, *dialect) else { continue };
            let written = expression.to_string();
            assert_eq!(Expression::parse(&written).as_ref(), Ok(&expression), "{text}");
            assert_eq!(read(&written, *dialect).as_ref(), Some(&expression), "{text}");
        }
    }

    #[test]
    fn what_names_no_licence_is_told_from_what_does() {
        for none in [
            "Dual License",
            "dual-licensed",
            "Multi-license",
            "Multiple licenses",
            "various",
            "Other",
            "OSI Approved",
            "OSI-approved license",
            "Free software",
            "open source",
            "License",
            "see LICENSE.txt",
            "LICENSE.md",
            "UNKNOWN",
            "",
            "Copyright (c) 2011-2014 Sergey Astanin",
        ] {
            assert!(names_none(none), "{none}");
        }
        for name in [
            "MIT",
            "Free Art License",
            "Open Software License",
            "Dual MIT/GPL",
            "Python style",
            "OSI",
            "Freeware",
        ] {
            assert_eq!(names_none(name), name == "OSI", "{name}");
        }
        assert!(
            offers_choice("Dual License") && offers_choice("your choice") && !offers_choice("OSI Approved")
        );
    }

    #[test]
    fn hostile_declarations_are_read_at_once() {
        for text in [
            "(".repeat(20_000),
            "(MIT or ".repeat(20_000),
            "MIT (x ".repeat(20_000),
            "a, ".repeat(20_000),
            "MIT/".repeat(20_000),
            "or and ".repeat(20_000),
            "\u{0}\u{fffd}é (".repeat(20_000),
            "GPL with ".repeat(20_000),
        ] {
            let short: String = text.chars().take(4000).collect();
            for dialect in [Dialect::Debian, Dialect::Alpine, Dialect::R, Dialect::PypiClassifier] {
                read(&text, dialect);
                read(&short, dialect);
            }
        }
    }
}

//! `packlist licenses`: what a bill is licensed under, by category and licence.
//!
//! A component counts under every licence that its expression names, so sums exceed the number of components.
//! What packages say of themselves goes before what was recognised in their files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::text::one_line;
use crate::bom::{Basis, Bom, Component};
use crate::licenses::{Category, Expression, License, categories, categories_of, family, obligations};

/// More packages of one licence than this are counted, not listed.
const MOST: usize = 8;

/// What holds for a component, all its claims of the best basis together. Absent where nothing is known.
pub fn expression(component: &Component) -> Option<Expression> {
    let of = |basis: Basis| {
        let claims = component.licenses.iter().filter(|claim| claim.basis == basis);
        Expression::all_of(claims.filter_map(|claim| claim.expression.clone()))
    };
    of(Basis::Concluded).or_else(|| of(Basis::Declared)).or_else(|| of(Basis::Detected))
}

/// The bill's licences, for a person. With `all`, every package of each is named.
pub fn summary(bom: &Bom, all: bool) -> String {
    let mut groups: BTreeMap<Category, BTreeMap<String, BTreeSet<&str>>> = BTreeMap::new();
    let mut silent: BTreeSet<&str> = BTreeSet::new();
    let mut count = 0;
    for component in bom.components.values().filter(|component| component.hidden.is_none()) {
        count += 1;
        let name = component.name.as_str();
        let Some(expression) = expression(component) else {
            silent.insert(name);
            continue;
        };
        for license in expression.leaves() {
            let group = groups.entry(group(license)).or_default();
            group.entry(license.to_string()).or_default().insert(name);
        }
    }
    let mut out = String::new();
    for (category, licenses) in groups {
        let packages: BTreeSet<&str> = licenses.values().flatten().copied().collect();
        let _ = writeln!(out, "{} ({})", category.name(), packages.len());
        let mut licenses: Vec<_> = licenses.into_iter().collect();
        licenses.sort_by_key(|(license, packages)| (std::cmp::Reverse(packages.len()), license.clone()));
        for (license, packages) in licenses {
            let _ =
                writeln!(out, "  {:5}  {}  {}", packages.len(), one_line(&license), named(&packages, all));
        }
    }
    if !silent.is_empty() {
        let _ = writeln!(out, "without a licence ({})\n         {}", silent.len(), named(&silent, all));
    }
    if let Some(own) = of_subject(bom) {
        let _ = writeln!(out, "the subject itself: {}", one_line(&own));
    }
    let _ = writeln!(out, "{count} components");
    out
}

/// The subject's own licence, where its document alone says it.
pub(super) fn of_subject(bom: &Bom) -> Option<String> {
    let words = bom.own_licenses().first()?.text.clone();
    let meant = expression(&bom.subject.as_component()).map(|expression| expression.to_string());
    Some(meant.unwrap_or(words))
}

/// The category of a licence, where it is certain.
fn group(license: &License) -> Category {
    let range = categories(license);
    if range.start() == range.end() { *range.end() } else { Category::Unknown }
}

fn named(packages: &BTreeSet<&str>, all: bool) -> String {
    let shown = if all { packages.len() } else { MOST };
    let mut names = packages.iter().take(shown).copied().collect::<Vec<_>>().join(", ");
    if packages.len() > shown {
        let _ = write!(names, " and {} more", packages.len() - shown);
    }
    one_line(&names)
}

/// How an expression is read: as SPDX writes it, and each branch with its category and what it asks for.
pub fn explained(written: &str, expression: &Expression) -> String {
    let mut out = format!(
        "written   {}\nSPDX      {expression}\ncategory  {}\n\n",
        one_line(written),
        range_of(expression)
    );
    branch(expression, 0, &mut out);
    out
}

/// Depth of the recursion is that of the expression, which the readers bound.
fn branch(expression: &Expression, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let (about, operands) = match expression {
        Expression::License(license) => return leaf(license, &indent, out),
        Expression::And(operands) => ("all of", operands),
        Expression::Or(operands) => ("any of", operands),
    };
    let _ = writeln!(out, "{indent}{about}  [{}]", range_of(expression));
    for operand in operands {
        branch(operand, depth + 1, out);
    }
}

fn leaf(license: &License, indent: &str, out: &mut String) {
    let range = categories(license);
    let _ = writeln!(out, "{indent}{license}  [{}]", shown(*range.start(), *range.end()));
    if let Some(family) = family(license) {
        let candidates: Vec<String> = family.candidates.iter().map(License::to_string).collect();
        let one_of = if candidates.is_empty() { "not known which".to_owned() } else { candidates.join(", ") };
        let _ = writeln!(out, "{indent}  one of: {one_of}");
    }
    for obligation in obligations(license) {
        let _ = writeln!(out, "{indent}  {}: {}", obligation.name(), obligation.about());
    }
}

fn range_of(expression: &Expression) -> String {
    let range = categories_of(expression);
    shown(*range.start(), *range.end())
}

fn shown(least: Category, most: Category) -> String {
    match (least, most) {
        (least, most) if least == most => least.name().to_owned(),
        (Category::PublicDomain, Category::Unknown) => "unknown".to_owned(),
        (least, most) => format!("{} to {}", least.name(), most.name()),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::bom::{LicenseClaim, Ref};
    use crate::licenses::{Dialect, read};

    fn component(name: &str, license: &str, basis: Basis) -> (Ref, Component) {
        let mut component = Component::new(name);
        component.licenses.push(LicenseClaim {
            text: license.to_owned(),
            expression: read(license, Dialect::Generic),
            basis,
            path: None,
            line: None,
        });
        (Ref(name.into()), component)
    }

    #[test]
    fn components_stand_under_the_category_of_each_licence() {
        let mut bom = Bom::default();
        bom.components.extend([
            component("a", "MIT", Basis::Declared),
            component("b", "GPL-2+ or MIT", Basis::Declared),
            component("c", "Artistic", Basis::Detected),
            component("d", "UNKNOWN", Basis::Declared),
        ]);
        expect![[r#"
            permissive (2)
                  2  MIT  a, b
            strong-copyleft (1)
                  1  GPL-2.0-or-later  b
            unknown (1)
                  1  LicenseRef-packlist-family-Artistic  c
            without a licence (1)
                     d
            4 components
        "#]]
        .assert_eq(&summary(&bom, false));
    }

    #[test]
    fn an_expression_is_explained_branch_by_branch() {
        let written = "GPL-2+ with own exception or BSD, and Apache-2.0";
        let expression = read(written, Dialect::Debian).expect("an expression");
        expect![[r#"
            written   GPL-2+ with own exception or BSD, and Apache-2.0
            SPDX      (GPL-2.0-or-later WITH AdditionRef-debian-own-exception OR LicenseRef-packlist-family-BSD) AND Apache-2.0
            category  permissive

            all of  [permissive]
              any of  [permissive]
                GPL-2.0-or-later WITH AdditionRef-debian-own-exception  [weak-copyleft to strong-copyleft]
                  attribution: keep the copyright lines
                  text: hand on the licence's text
                  changes: tell what you changed
                  source: offer the source of what it covers
                LicenseRef-packlist-family-BSD  [permissive]
                  one of: BSD-1-Clause, BSD-2-Clause, BSD-3-Clause, BSD-4-Clause
                  attribution: keep the copyright lines
                  text: hand on the licence's text
              Apache-2.0  [permissive]
                attribution: keep the copyright lines
                text: hand on the licence's text
                notice-file: hand on what its NOTICE file says
                changes: tell what you changed
                patent: know its patent clause
        "#]].assert_eq(&explained(written, &expression));
    }
}

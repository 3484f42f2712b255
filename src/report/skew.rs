//! What is not the same on all platforms of one image, as a table for people.

use std::fmt::Write;

use super::text::{grouped, one_line};
use crate::drift::Skew;

/// What stands for a package that a platform has not.
const MISSING: &str = "missing";

/// One line a package, one column a platform.
pub fn skew(skew: &Skew, platforms: &[String]) -> String {
    let same = grouped(skew.same);
    let mut text = match skew.packages.len() {
        0 => format!("no skew: {same} packages, the same on all {} platforms\n", platforms.len()),
        differing => {
            let missing = skew.packages.iter().filter(|package| package.is_missing_somewhere()).count();
            format!(
                "skew: {} packages differ between {} platforms ({} missing on some); {same} are the same\n\n",
                grouped(differing),
                platforms.len(),
                grouped(missing)
            )
        }
    };
    if skew.packages.is_empty() {
        return text;
    }
    let mut rows = vec![[vec!["package".to_owned()], platforms.to_vec()].concat()];
    for package in &skew.packages {
        let versions = package.versions.iter().map(|versions| match versions.as_slice() {
            [] => MISSING.to_owned(),
            all => one_line(&all.join(", ")),
        });
        rows.push([one_line(&package.package)].into_iter().chain(versions).collect());
    }
    let widths: Vec<usize> = (0..=platforms.len())
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default())
        .collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        // A text takes whatever is written to it.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::drift::Skewed;

    #[test]
    fn every_platform_has_a_column() {
        let version = |text: &str| vec![text.to_owned()];
        let packages = vec![
            Skewed { package: "pkg:deb/debian/curl".into(), versions: vec![version("8.1"), version("8.0")] },
            Skewed { package: "pkg:npm/a".into(), versions: vec![vec!["1".into(), "2".into()], Vec::new()] },
        ];
        let platforms = ["linux/amd64".to_owned(), "linux/arm64".to_owned()];
        expect![[r#"
            skew: 2 packages differ between 2 platforms (1 missing on some); 1,234 are the same

            package              linux/amd64  linux/arm64
            pkg:deb/debian/curl  8.1          8.0
            pkg:npm/a            1, 2         missing
        "#]]
        .assert_eq(&skew(&Skew { packages, same: 1234 }, &platforms));
        expect![[r#"
            no skew: 3 packages, the same on all 2 platforms
        "#]]
        .assert_eq(&skew(&Skew { packages: Vec::new(), same: 3 }, &platforms));
    }
}

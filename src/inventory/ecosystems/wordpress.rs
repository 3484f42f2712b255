//! WordPress, its plugins and themes: the comment at the head of a plugin's PHP or a theme's style sheet.
//!
//! A plugin is known by the name of its folder, not by the one it shows people. The purl types are the ones
//! other tools use; the purl specification has none.
//! Spec: <https://developer.wordpress.org/plugins/plugin-basics/header-requirements/>

use super::super::claims::declared;
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problems, nothing_beside};
use crate::bom::{Component, Kind, Purl};
use crate::layers::Tree;
use crate::licenses::Dialect;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "wordpress",
    about: "WordPress, its plugins and themes",
    reads: &[
        "**/wp-content/plugins/*/*.php",
        "**/wp-content/plugins/*.php",
        "**/wp-content/themes/*/style.css",
        "**/wp-includes/version.php",
    ],
    beside: &[],
    spec: "https://developer.wordpress.org/plugins/plugin-basics/header-requirements/",
    parse,
    enrich: nothing_beside,
};

/// WordPress itself reads no further.
const HEAD: usize = 8 << 10;

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let head = File { path: file.path, bytes: &file.bytes[..file.bytes.len().min(HEAD)] };
    let text = head.text();
    if file.path.ends_with("wp-includes/version.php") {
        return core(&text);
    }
    let is_theme = file.path.ends_with("style.css");
    let (title, ty) =
        if is_theme { ("Theme Name", "wordpress-theme") } else { ("Plugin Name", "wordpress-plugin") };
    // Most files of a plugin have no head.
    let Some((_, line)) = header(&text, title) else { return Ok(Parsed::default()) };
    let slug = file.folder().rsplit('/').next().unwrap_or_default();
    let slug = match slug {
        // A plugin of one file.
        "plugins" => file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".php"),
        slug => slug,
    };
    let value = |name: &str| header(&text, name).map(|(value, _)| value);
    let mut component = Component::new(slug);
    component.version = value("Version").map(str::to_owned);
    component.description = value("Description").map(str::to_owned);
    component.author = value("Author").map(str::to_owned);
    component.homepage = value("Plugin URI").or_else(|| value("Theme URI")).map(str::to_owned);
    component.licenses.extend(value("License").and_then(|text| declared(text, Dialect::Generic)));
    let purl = Purl::new(ty, None, slug, component.version.as_deref(), &[]);
    component.purl = Some(purl.map_err(|error| ParseError::new(line, error.to_string()))?);
    let mut package = Package::new(component);
    package.line = Some(line);
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

/// ` * Version: 1.2` in a comment; the value may end with the comment.
fn header<'a>(text: &'a str, name: &str) -> Option<(&'a str, u32)> {
    text.lines().enumerate().find_map(|(index, line)| {
        let line = line.trim_start_matches([' ', '\t', '/', '*', '#', '@']);
        let line = line.strip_prefix("<?php").unwrap_or(line).trim_start_matches([' ', '/', '*']);
        let value = line.strip_prefix(name)?.trim_start().strip_prefix(':')?;
        let value = value.split("*/").next()?.split("?>").next()?.trim();
        (!value.is_empty()).then_some((value, u32::try_from(index + 1).unwrap_or(u32::MAX)))
    })
}

/// `$wp_version = '6.4.2';`
fn core(text: &str) -> Result<Parsed, ParseError> {
    let found = text.lines().enumerate().find_map(|(index, line)| {
        let value = line.trim().strip_prefix("$wp_version")?.trim_start().strip_prefix('=')?;
        let version = value.split(['\'', '"']).nth(1)?;
        Some((version, u32::try_from(index + 1).unwrap_or(u32::MAX)))
    });
    let Some((version, line)) = found else { return Err(ParseError::new(None, "sets no `$wp_version`")) };
    let mut component = Component::new("wordpress");
    component.kind = Kind::Application;
    component.version = Some(version.to_owned());
    let purl = Purl::new("generic", None, "wordpress", Some(version), &[]);
    component.purl = Some(purl.map_err(|error| ParseError::new(line, error.to_string()))?);
    let mut package = Package::new(component);
    package.line = Some(line);
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_plugin_is_known_by_its_folder() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "var/www/html/wp-content/plugins/akismet/akismet.php",
                    "<?php\n/**\n * @package Akismet\n */\n/*\nPlugin Name: Akismet Anti-spam\nPlugin URI: https://akismet.com/\nVersion: 5.3\nAuthor: Automattic\nLicense: GPLv2 or later\n*/\n",
                ),
                ("var/www/html/wp-content/plugins/akismet/class.php", "<?php\nclass Version {}\n"),
                (
                    "var/www/html/wp-content/themes/twentytwenty/style.css",
                    "/*\nTheme Name: Twenty Twenty\nVersion: 2.5\n*/\n",
                ),
                (
                    "var/www/html/wp-includes/version.php",
                    "<?php\n/** x */\n$wp_version = '6.4.2';\n$wp_db_version = 56657;\n",
                ),
            ],
            expect![[r#"
                pkg:generic/wordpress@6.4.2 line 3 application
                pkg:wordpress-plugin/akismet@5.3 line 6 declared `GPLv2 or later` = GPL-2.0-or-later
                pkg:wordpress-theme/twentytwenty@2.5 line 2
            "#]],
        );
    }

    #[test]
    fn a_plugin_may_be_one_file_and_a_head_one_line() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "wp-content/plugins/hello.php",
                    "<?php /* Plugin Name: Hello Dolly */\n// Version: 1.7.2 ?>\n",
                ),
                ("wp-content/plugins/x/x.php", "# Plugin Name : X\r\n * Version:\r\n"),
            ],
            expect![[r#"
                pkg:wordpress-plugin/hello@1.7.2 line 1
                pkg:wordpress-plugin/x line 1
            "#]],
        );
    }

    #[test]
    fn what_has_no_head_is_nothing() {
        let far = format!("{}\nPlugin Name: far\n", "x".repeat(HEAD));
        check(
            &ECOSYSTEM,
            &[
                ("wp-content/plugins/a/a.php", &far),
                ("wp-includes/version.php", "<?php"),
                ("wp-content/themes/t/style.css", "é"),
            ],
            expect![[r#"
                gap wp-includes/version.php: sets no `$wp_version`
            "#]],
        );
    }
}

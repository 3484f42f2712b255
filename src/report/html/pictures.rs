//! Pictures, drawn here: shapes are SVG in percentages without a view box, so that they stretch with the page while
//! words keep their size. Whatever a picture shows stands beside it as text or in a table.

use std::fmt::Write;

use super::shape::{Class, Shape};
use super::text::{Text, counted, number, percent, shortened};
use crate::bom::Bom;

/// More bars than this are counted, not drawn.
const MOST_BARS: usize = 10;
/// More tiles of one class than this are counted, not drawn.
const MOST_TILES: usize = 24;
/// Of a row of a table of layers, in characters.
const LONGEST_STEP: usize = 160;

/// One bar: what it stands for, how much, and how style sheets call its colour.
pub(in crate::report) struct Bar<'a> {
    pub(in crate::report) label: &'a str,
    pub(in crate::report) count: usize,
    pub(in crate::report) style: &'a str,
}

/// A list of bars, as long as their shares of the largest.
pub(in crate::report) fn bars(rows: &[Bar<'_>], whole: usize) -> String {
    let largest = rows.iter().map(|row| row.count).max().unwrap_or_default();
    let mut out = String::from("<ul class=\"bars\">\n");
    for row in rows.iter().take(MOST_BARS) {
        let share = (row.count as f64 * 100.0 / whole.max(1) as f64).round();
        let share = if share < 1.0 { "under 1 %".to_owned() } else { format!("{share:.0} %") };
        let _ = writeln!(
            out,
            "<li><span class=\"label\">{}</span><svg class=\"bar\" aria-hidden=\"true\"><rect class=\"fill-{}\" \
             width=\"{}\" height=\"100%\" rx=\"2\"/></svg><span class=\"value\">{} <small>{share}</small></span></li>",
            Text(row.label),
            row.style,
            percent(row.count, largest),
            number(row.count)
        );
    }
    if rows.len() > MOST_BARS {
        let rest: usize = rows[MOST_BARS..].iter().map(|row| row.count).sum();
        let _ = writeln!(
            out,
            "<li class=\"others\"><span class=\"label\">{} more</span><span class=\"value\">{}</span></li>",
            rows.len() - MOST_BARS,
            number(rest)
        );
    }
    out.push_str("</ul>\n");
    out
}

/// Two bars for each thing: how much of it there was, and how much there is.
pub(in crate::report) fn before_and_after(
    rows: &[(String, usize, usize)],
    style_of: impl Fn(&str) -> &'static str,
) -> String {
    let largest = rows.iter().map(|(_, old, new)| *old.max(new)).max().unwrap_or_default();
    let mut out = String::from("<ul class=\"bars pairs\">\n");
    for (label, old, new) in rows.iter().take(2 * MOST_BARS) {
        let change = match new.cmp(old) {
            std::cmp::Ordering::Equal => "unchanged".to_owned(),
            std::cmp::Ordering::Greater => format!("+{}", number(new - old)),
            std::cmp::Ordering::Less => format!("−{}", number(old - new)),
        };
        let _ = writeln!(
            out,
            "<li><span class=\"label\">{}</span><svg class=\"bar\" aria-hidden=\"true\"><rect class=\"before\" \
             width=\"{}\" height=\"8\" rx=\"2\"/><rect class=\"fill-{}\" y=\"10\" width=\"{}\" height=\"8\" \
             rx=\"2\"/></svg><span class=\"value\">{} → {} <small>{change}</small></span></li>",
            Text(label),
            percent(*old, largest),
            style_of(label),
            percent(*new, largest),
            number(*old),
            number(*new)
        );
    }
    if rows.len() > 2 * MOST_BARS {
        let _ = writeln!(
            out,
            "<li class=\"others\"><span class=\"label\">{} more</span></li>",
            rows.len() - 2 * MOST_BARS
        );
    }
    out.push_str("</ul>\n");
    out
}

/// A rectangle in hundredths of a percent of its picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Area {
    const WHOLE: Self = Self { x: 0.0, y: 0.0, width: 100.0, height: 100.0 };
}

/// How much wider than high pictures of tiles are on most screens: tiles are to look square there.
const ASPECT: f64 = 2.6;

/// Divides an area by weights, which come largest first, into tiles that are as square as can be: each row takes
/// tiles while that makes its worst one squarer.
///
/// After Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000).
fn tiles(weights: &[usize], area: Area) -> Vec<Area> {
    let mut found = Vec::with_capacity(weights.len());
    let mut left = area;
    let mut rest: f64 = weights.iter().map(|weight| *weight as f64).sum();
    let mut from = 0;
    while from < weights.len() && rest > 0.0 {
        let mut to = from + 1;
        while to < weights.len()
            && worst(&weights[from..=to], left, rest) <= worst(&weights[from..to], left, rest)
        {
            to += 1;
        }
        let sum: f64 = weights[from..to].iter().map(|weight| *weight as f64).sum();
        let share = sum / rest;
        let across = left.width * ASPECT >= left.height;
        let mut done = 0.0;
        for weight in &weights[from..to] {
            let (part, before) = (*weight as f64 / sum, done / sum);
            done += *weight as f64;
            found.push(match across {
                true => Area {
                    y: left.y + left.height * before,
                    width: left.width * share,
                    height: left.height * part,
                    ..left
                },
                false => Area {
                    x: left.x + left.width * before,
                    width: left.width * part,
                    height: left.height * share,
                    ..left
                },
            });
        }
        match across {
            true => {
                left.x += left.width * share;
                left.width *= 1.0 - share;
            }
            false => {
                left.y += left.height * share;
                left.height *= 1.0 - share;
            }
        }
        rest -= sum;
        from = to;
    }
    found
}

/// How far from square the worst of a row's tiles is.
fn worst(row: &[usize], left: Area, rest: f64) -> f64 {
    let (width, height) = (left.width * ASPECT, left.height);
    let sum: f64 = row.iter().map(|weight| *weight as f64).sum();
    let (long, short) = (width.max(height), width.min(height));
    let thick = long * sum / rest;
    let sides = row.iter().map(|weight| short * *weight as f64 / sum);
    sides.map(|side| (side / thick).max(thick / side)).fold(0.0, f64::max)
}

/// The licences as tiles, those of a class together.
pub(in crate::report) fn license_tiles(shape: &Shape) -> String {
    let whole = |of: &[(String, usize)]| of.iter().map(|(_, count)| count).sum::<usize>();
    let mut classes: Vec<_> = shape.licenses.iter().map(|(class, of)| (*class, whole(of), of)).collect();
    classes.sort_by_key(|(class, count, _)| (std::cmp::Reverse(*count), *class));
    let weights: Vec<usize> = classes.iter().map(|(_, count, _)| *count).collect();
    let label: Vec<String> =
        classes.iter().map(|(class, count, _)| format!("{} {}", class.title(), number(*count))).collect();
    let mut out = format!(
        "<svg class=\"tiles\" role=\"img\" aria-label=\"Licences by class: {}. The table below names each.\">\n",
        Text(&label.join(", "))
    );
    for ((class, _, of), area) in classes.iter().zip(tiles(&weights, Area::WHOLE)) {
        let mut shown: Vec<(String, usize)> = of.iter().take(MOST_TILES).cloned().collect();
        if of.len() > MOST_TILES {
            shown.push((format!("{} more", of.len() - MOST_TILES), whole(&of[MOST_TILES..])));
            shown.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        }
        let weights: Vec<usize> = shown.iter().map(|(_, count)| *count).collect();
        for ((license, count), tile) in shown.iter().zip(tiles(&weights, area)) {
            write_tile(&mut out, *class, license, *count, tile);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn write_tile(out: &mut String, class: Class, license: &str, count: usize, tile: Area) {
    let name = short_license(license);
    let _ = write!(
        out,
        "<svg x=\"{:.2}%\" y=\"{:.2}%\" width=\"{:.2}%\" height=\"{:.2}%\"><title>{}: {}, {}</title>\
         <rect class=\"tile fill-{}\" width=\"100%\" height=\"100%\"/>",
        tile.x,
        tile.y,
        tile.width,
        tile.height,
        Text(license),
        counted(count, "component"),
        class.title(),
        class.style()
    );
    // On most screens a letter needs some 1.1 % of the width, and a line 8 % of the height.
    let room = ((tile.width - 2.0) / 1.1).max(0.0) as usize;
    if room >= name.chars().count().min(4) && tile.height > 8.0 {
        let narrow = if tile.width < 25.0 { " narrow" } else { "" };
        let _ = write!(
            out,
            "<text x=\"7\" y=\"17\" class=\"name{narrow}\">{}</text>",
            Text(&shortened(name, room))
        );
        if tile.height > 16.0 {
            let _ = write!(out, "<text x=\"7\" y=\"33\" class=\"count{narrow}\">{}</text>", number(count));
        }
    }
    out.push_str("</svg>\n");
}

/// A licence without what our own references begin with.
fn short_license(license: &str) -> &str {
    let own = license.strip_prefix("LicenseRef-packlist-").unwrap_or(license);
    own.strip_prefix("family-").unwrap_or(own)
}

/// Which colour is which class.
pub(in crate::report) fn legend(classes: impl Iterator<Item = Class>) -> String {
    let mut out = String::from("<ul class=\"legend\">");
    for class in classes {
        let _ = write!(
            out,
            "<li><svg class=\"key\" aria-hidden=\"true\"><rect class=\"fill-{}\" width=\"100%\" height=\"100%\" \
             rx=\"2\"/></svg>{}</li>",
            class.style(),
            class.title()
        );
    }
    out.push_str("</ul>\n");
    out
}

/// Every licence with its class, most first.
pub(in crate::report) fn license_table(shape: &Shape) -> String {
    let mut rows: Vec<(&str, usize, Class)> = shape
        .licenses
        .iter()
        .flat_map(|(class, of)| of.iter().map(|(license, count)| (license.as_str(), *count, *class)))
        .collect();
    rows.sort_by_key(|(license, count, _)| (std::cmp::Reverse(*count), *license));
    let mut out = String::from(
        "<div class=\"box\" tabindex=\"0\" role=\"region\" aria-label=\"Licences\"><table><thead><tr>\
         <th scope=\"col\">Licence</th><th scope=\"col\">Class</th><th scope=\"col\" class=\"number\">Components</th>\
         </tr></thead><tbody>\n",
    );
    for (license, count, class) in rows {
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"brief\">{}</td><td class=\"number\">{}</td></tr>",
            Text(license),
            class.title(),
            number(count)
        );
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// The layers from the base up, each as wide as the components it brought.
pub(in crate::report) fn layer_strip(bom: &Bom, shape: &Shape) -> String {
    let whole: usize = shape.layers.iter().sum();
    let base = bom.base_layers.unwrap_or(0);
    let brought = shape.layers.iter().filter(|count| **count > 0).count();
    let mut out = format!(
        "<svg class=\"strip\" role=\"img\" aria-label=\"{} of {} brought components. The table below names each.\">\n",
        brought,
        counted(bom.layers.len(), "layer")
    );
    let mut from = 0;
    for (index, count) in shape.layers.iter().enumerate().filter(|(_, count)| **count > 0) {
        let style = if index < base { "base" } else { "own" };
        let _ = write!(
            out,
            "<svg x=\"{}\" width=\"{}\" height=\"100%\"><title>layer {index}: {}</title>\
             <rect class=\"{style}\" width=\"100%\" height=\"100%\"/>",
            percent(from, whole),
            percent(*count, whole),
            counted(*count, "component")
        );
        if count * 25 > whole {
            let _ = write!(
                out,
                "<text x=\"6\" y=\"18\">{index}</text><text x=\"6\" y=\"35\" class=\"count\">{}</text>",
                number(*count)
            );
        }
        out.push_str("</svg>\n");
        from += count;
    }
    out.push_str("</svg>\n");
    if bom.base_layers.is_some() {
        out.push_str(
            "<ul class=\"legend\"><li><svg class=\"key\" aria-hidden=\"true\"><rect class=\"base\" width=\"100%\" \
             height=\"100%\" rx=\"2\"/></svg>base image</li><li><svg class=\"key\" aria-hidden=\"true\"><rect \
             class=\"own\" width=\"100%\" height=\"100%\" rx=\"2\"/></svg>application</li></ul>\n",
        );
    }
    out
}

/// Every layer: its digest, the build step that made it, and what it brought.
pub(in crate::report) fn layer_table(bom: &Bom, shape: &Shape) -> String {
    let mut out = String::from(
        "<div class=\"box\" tabindex=\"0\" role=\"region\" aria-label=\"Layers\"><table><thead><tr>\
         <th scope=\"col\" class=\"number\">Layer</th><th scope=\"col\" class=\"number\">Components</th>\
         <th scope=\"col\">Part</th><th scope=\"col\">Made by</th><th scope=\"col\">Digest</th></tr></thead><tbody>\n",
    );
    for (index, (layer, count)) in bom.layers.iter().zip(&shape.layers).enumerate() {
        let part = match bom.base_layers {
            Some(base) if index < base => "base image",
            Some(_) => "application",
            None => "–",
        };
        let step = layer.created_by.as_deref().unwrap_or("–");
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\" class=\"number\">{index}</th><td class=\"number\">{}</td><td>{part}</td>\
             <td><code>{}</code></td><td><code>{}</code></td></tr>",
            number(*count),
            Text(&shortened(step, LONGEST_STEP)),
            Text(&layer.diff_id)
        );
    }
    out.push_str("</tbody></table></div>\n");
    out
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::report::testing::bom;

    fn rounded(areas: &[Area]) -> String {
        let line =
            |area: &Area| format!("{:.1} {:.1} {:.1} {:.1}\n", area.x, area.y, area.width, area.height);
        areas.iter().map(line).collect()
    }

    #[test]
    fn tiles_fill_their_area_and_are_as_large_as_what_they_stand_for() {
        let weights = [60, 20, 10, 5, 3, 1, 1];
        let found = tiles(&weights, Area::WHOLE);
        for (weight, tile) in weights.iter().zip(&found) {
            assert!((tile.width * tile.height / 100.0 - *weight as f64).abs() < 1e-6, "{weight}: {tile:?}");
        }
        expect![[r#"
            0.0 0.0 60.0 100.0
            60.0 0.0 20.0 100.0
            80.0 0.0 20.0 50.0
            80.0 50.0 10.0 50.0
            90.0 50.0 10.0 30.0
            90.0 80.0 5.0 20.0
            95.0 80.0 5.0 20.0
        "#]]
        .assert_eq(&rounded(&found));
        assert!(tiles(&[], Area::WHOLE).is_empty());
        assert!(tiles(&[0, 0], Area::WHOLE).is_empty());
    }

    #[test]
    fn bars_are_as_long_as_their_share_of_the_largest() {
        let rows = [
            Bar { label: "npm <b>", count: 300, style: "own" },
            Bar { label: "deb", count: 75, style: "own" },
            Bar { label: "gem", count: 1, style: "own" },
        ];
        expect![[r#"
            <ul class="bars">
            <li><span class="label">npm &lt;b&gt;</span><svg class="bar" aria-hidden="true"><rect class="fill-own" width="100%" height="100%" rx="2"/></svg><span class="value">300 <small>80 %</small></span></li>
            <li><span class="label">deb</span><svg class="bar" aria-hidden="true"><rect class="fill-own" width="25%" height="100%" rx="2"/></svg><span class="value">75 <small>20 %</small></span></li>
            <li><span class="label">gem</span><svg class="bar" aria-hidden="true"><rect class="fill-own" width="0.33%" height="100%" rx="2"/></svg><span class="value">1 <small>under 1 %</small></span></li>
            </ul>
        "#]]
        .assert_eq(&bars(&rows, 376));
    }

    #[test]
    fn a_layer_is_as_wide_as_what_it_brought() {
        let bom = bom();
        expect![[r#"
            <svg class="strip" role="img" aria-label="2 of 2 layers brought components. The table below names each.">
            <svg x="0%" width="16.66%" height="100%"><title>layer 0: 1 component</title><rect class="own" width="100%" height="100%"/><text x="6" y="18">0</text><text x="6" y="35" class="count">1</text></svg>
            <svg x="16.66%" width="83.33%" height="100%"><title>layer 1: 5 components</title><rect class="own" width="100%" height="100%"/><text x="6" y="18">1</text><text x="6" y="35" class="count">5</text></svg>
            </svg>
        "#]]
        .assert_eq(&layer_strip(&bom, &Shape::of(&bom)));
    }

    #[test]
    fn licences_of_a_class_lie_together() {
        let bom = bom();
        let picture = license_tiles(&Shape::of(&bom));
        assert_eq!(picture.matches("<rect class=\"tile").count(), 4, "{picture}");
        assert_eq!(short_license("LicenseRef-packlist-family-BSD"), "BSD");
    }

    #[test]
    fn what_was_and_what_is_stand_together() {
        let rows = [("npm".to_owned(), 10, 20), ("deb".to_owned(), 5, 5), ("gem".to_owned(), 4, 0)];
        let picture = before_and_after(&rows, |_| "own");
        assert!(picture.contains("10 → 20 <small>+10</small>"), "{picture}");
        assert!(picture.contains("5 → 5 <small>unchanged</small>"));
        assert!(picture.contains("4 → 0 <small>−4</small>"));
    }
}

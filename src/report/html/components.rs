//! The table of components: its data for the script, and a plain table for readers without one.
//!
//! The data is in columns, with numbers for what repeats, so that 20,000 components stay a few megabytes. The script
//! shows a page of them at a time and puts every word in as text.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use serde::Serialize;

use super::shape::{Class, ecosystem, license};
use super::text::{Text, counted, json_in_script, number, safe_link, shortened};
use crate::bom::{Bom, Component, Presence, Ref, Scope};
use crate::checker::Finding;
use crate::eol::Row;
use crate::report::explain::Surroundings;
use crate::report::text::one_line;

/// Of places that speak of a component, so many are told.
const MOST_PLACES: usize = 4;
/// Of what a component says of itself, in characters.
const LONGEST_ABOUT: usize = 160;
/// Of a licence, in characters: some packages write the whole text where its name belongs.
const LONGEST_LICENSE: usize = 300;
/// Readers without a script see no more rows than this.
const MOST_PLAIN: usize = 1000;

/// Number of each component in the page, which its address ends with.
pub(in crate::report) type Numbers<'a> = BTreeMap<&'a Ref, usize>;

pub(in crate::report) fn numbers(bom: &Bom) -> Numbers<'_> {
    bom.components.keys().enumerate().map(|(number, reference)| (reference, number)).collect()
}

/// Words that repeat, each once, in the order in which they come.
#[derive(Default)]
struct Words {
    all: Vec<String>,
    known: HashMap<String, usize>,
}

impl Words {
    fn number(&mut self, word: String) -> usize {
        let next = self.all.len();
        let number = *self.known.entry(word.clone()).or_insert(next);
        if number == next {
            self.all.push(word);
        }
        number
    }
}

#[derive(Serialize, Default)]
struct Data {
    name: Vec<String>,
    version: Vec<String>,
    reference: Vec<String>,
    ecosystem: Vec<usize>,
    license: Vec<usize>,
    class: Vec<usize>,
    /// −1 where no layer is named.
    layer: Vec<i64>,
    flags: Vec<u8>,
    about: BTreeMap<usize, String>,
    page: BTreeMap<usize, String>,
    /// Path and line of each place, flat; line 0 where none is named.
    places: Vec<Vec<usize>>,
    /// Who asks for it, on the shortest way from the subject: −1 the subject itself, −2 nobody known.
    via: Vec<i64>,
    needs: Vec<Option<Vec<usize>>>,
    /// Numbers of the findings about it.
    findings: BTreeMap<usize, Vec<usize>>,
    support: BTreeMap<usize, String>,
    /// Severity of each finding.
    severity: Vec<&'static str>,
    subject: String,
    ecosystems: Vec<String>,
    licenses: Vec<String>,
    classes: Vec<&'static str>,
    layers: Vec<String>,
    paths: Vec<String>,
}

const HIDDEN: u8 = 1;
const DEV: u8 = 2;
const OPTIONAL: u8 = 4;
const DECLARED: u8 = 8;
const OWN: u8 = 16;
const ASKED: u8 = 32;

fn flags(component: &Component) -> u8 {
    [
        (component.hidden.is_some(), HIDDEN),
        (component.scope == Scope::Dev, DEV),
        (component.scope == Scope::Optional, OPTIONAL),
        (component.presence == Presence::Declared, DECLARED),
        (component.first_party, OWN),
        (component.asked_for, ASKED),
    ]
    .into_iter()
    .filter(|(holds, _)| *holds)
    .fold(0, |flags, (_, flag)| flags | flag)
}

/// The data of the table, as JSON that may stand in a `script` element.
pub(in crate::report) fn data(
    surroundings: &Surroundings<'_>,
    numbers: &Numbers<'_>,
    findings: &[Finding],
    ends: &[Row],
) -> String {
    let bom = surroundings.bom();
    let mut data = Data {
        subject: one_line(&bom.subject.name),
        classes: Class::ALL.iter().map(|class| class.title()).collect(),
        layers: (0..bom.layers.len()).map(|index| layer_name(bom, index)).collect(),
        severity: findings.iter().map(severity).collect(),
        ..Data::default()
    };
    let (mut ecosystems, mut licenses, mut paths) = (Words::default(), Words::default(), Words::default());
    for (number, (reference, component)) in bom.components.iter().enumerate() {
        data.name.push(one_line(&component.name));
        data.version.push(one_line(component.version.as_deref().unwrap_or_default()));
        data.reference.push(one_line(reference.as_str()));
        data.ecosystem.push(ecosystems.number(one_line(ecosystem(component))));
        data.license.push(licenses.number(one_line(&shortened(&license(component), LONGEST_LICENSE))));
        data.class.push(Class::of(component).index());
        data.layer
            .push(component.layer.filter(|layer| *layer < bom.layers.len()).map_or(-1, |layer| layer as i64));
        data.flags.push(flags(component));
        if let Some(about) = &component.description {
            data.about.insert(number, one_line(&shortened(about, LONGEST_ABOUT)));
        }
        if let Some(page) = component.homepage.as_deref().and_then(safe_link) {
            data.page.insert(number, page.to_owned());
        }
        let places = component.evidence.iter().take(MOST_PLACES);
        data.places.push(
            places
                .flat_map(|place| {
                    [paths.number(one_line(&place.path)), place.line.map_or(0, |line| line as usize)]
                })
                .collect(),
        );
        data.via.push(match surroundings.parent(reference) {
            Some(Some(parent)) => numbers.get(parent).map_or(-2, |parent| *parent as i64),
            Some(None) => -1,
            None => -2,
        });
        let needs = bom.dependencies.get(reference);
        data.needs
            .push(needs.map(|needs| needs.iter().filter_map(|need| numbers.get(need).copied()).collect()));
    }
    for (number, finding) in findings.iter().enumerate() {
        if let Some(about) = finding.component.as_ref().and_then(|reference| numbers.get(reference)) {
            data.findings.entry(*about).or_default().push(number);
        }
    }
    for row in ends {
        let day = row.ends.map_or(String::new(), |day| format!(", {day}"));
        for number in row.components.iter().filter_map(|reference| numbers.get(reference)) {
            data.support
                .entry(*number)
                .or_insert_with(|| one_line(&format!("{} ({}{day})", row.title, row.status.name())));
        }
    }
    (data.ecosystems, data.licenses, data.paths) = (ecosystems.all, licenses.all, paths.all);
    json_in_script(&serde_json::to_string(&data).unwrap_or_default())
}

/// How a finding is marked: its severity, or why it does not count.
pub(in crate::report) fn severity(finding: &Finding) -> &'static str {
    match finding {
        finding if finding.waived.is_some() => "waived",
        finding if finding.known => "known",
        finding => finding.severity.name(),
    }
}

fn layer_name(bom: &Bom, index: usize) -> String {
    match bom.base_layers {
        Some(base) if index < base => format!("{index} (base image)"),
        Some(_) => format!("{index} (application)"),
        None => index.to_string(),
    }
}

/// What the script fills, and a plain table where there is no script.
pub(in crate::report) fn section(bom: &Bom, has_findings: bool) -> String {
    let mut out = format!(
        "<form class=\"tools\" id=\"tools\" role=\"search\" aria-label=\"Components\">\n\
         <p class=\"wide\"><label for=\"query\">Search</label><input id=\"query\" type=\"search\" autocomplete=\"off\" \
         spellcheck=\"false\" placeholder=\"name, version, purl or licence\"></p>\n{}{}{}{}\
         <p><button type=\"reset\">Clear</button></p>\n</form>\n\
         <p class=\"count\" id=\"count\" role=\"status\" aria-live=\"polite\"></p>\n",
        choice("ecosystem", "Ecosystem"),
        choice("class", "Licence class"),
        choice("layer", "Layer"),
        if has_findings { choice("finding", "Findings") } else { String::new() },
    );
    out.push_str(
        "<div class=\"script-only\"><table class=\"components\" id=\"components-table\"><caption class=\"unseen\">Components</caption>\
         <thead><tr></tr></thead><tbody></tbody></table>\n\
         <nav class=\"pages\" aria-label=\"Pages of components\"><button type=\"button\" id=\"previous\">Previous</button>\
         <span id=\"page\"></span><button type=\"button\" id=\"next\">Next</button></nav></div>\n",
    );
    out.push_str(&plain(bom));
    out
}

fn choice(id: &str, label: &str) -> String {
    format!(
        "<p><label for=\"{id}\">{label}</label><select id=\"{id}\"><option value=\"\">all</option></select></p>\n"
    )
}

/// For readers without a script, up to a length that any browser shows at once.
fn plain(bom: &Bom) -> String {
    let mut out = String::from("<noscript>\n");
    if bom.components.len() > MOST_PLAIN {
        let _ = writeln!(
            out,
            "<p>The first {} of {}. With JavaScript all can be searched; nothing is fetched for it.</p>",
            number(MOST_PLAIN),
            counted(bom.components.len(), "component")
        );
    }
    out.push_str(
        "<div class=\"box\" tabindex=\"0\" role=\"region\" aria-label=\"Components\"><table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Version</th>\
         <th scope=\"col\">Ecosystem</th><th scope=\"col\">Licence</th><th scope=\"col\" class=\"number\">Layer</th></tr></thead><tbody>\n",
    );
    for (index, component) in bom.components.values().take(MOST_PLAIN).enumerate() {
        let layer = component.layer.map(|layer| layer.to_string()).unwrap_or_default();
        let _ = writeln!(
            out,
            "<tr id=\"component-{index}\"><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td class=\"number\">{layer}</td></tr>",
            Text(&component.name),
            Text(component.version.as_deref().unwrap_or_default()),
            Text(ecosystem(component)),
            Text(&shortened(&license(component), LONGEST_LICENSE))
        );
    }
    out.push_str("</tbody></table></div>\n</noscript>\n");
    out
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::testing::{bom, component};

    fn read(bom: &Bom) -> (String, Value) {
        let text = data(&Surroundings::of(bom), &numbers(bom), &[], &[]);
        let value = serde_json::from_str(&text).expect("JSON");
        (text, value)
    }

    #[test]
    fn columns_are_as_long_as_the_list() {
        let (_, data) = read(&bom());
        for column in [
            "name",
            "version",
            "reference",
            "ecosystem",
            "license",
            "class",
            "layer",
            "flags",
            "places",
            "via",
            "needs",
        ] {
            assert_eq!(data[column].as_array().map(Vec::len), Some(6), "{column}");
        }
        assert_eq!(data["ecosystems"], serde_json::json!(["deb", "npm"]));
        assert_eq!(data["layer"][1], 1);
        assert_eq!(data["paths"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn hostile_names_neither_end_the_data_nor_become_markup() {
        let mut bom = bom();
        let mut hostile = component("pkg:npm/x@1", "</script><!--<script>", 1, 0);
        hostile.name = "</script><img src=x onerror=alert(1)>\u{202e}\u{0}".into();
        hostile.homepage = Some("javascript:alert(1)".into());
        hostile.version = Some("\"'><b>".into());
        bom.components.insert(hostile.reference(), hostile);
        let (text, data) = read(&bom);
        assert!(!text.contains('<'), "{text}");
        assert_eq!(data["page"], serde_json::json!({}));
        let names = data["name"].as_array().expect("a list");
        assert!(names.contains(&Value::from("</script><img src=x onerror=alert(1)>\u{FFFD}\u{FFFD}")));
        let section = section(&bom, true);
        assert!(
            !section.contains("<img") && !section.contains("<b>") && !section.contains('\u{202e}'),
            "{section}"
        );
    }

    #[test]
    fn without_a_script_a_long_list_is_cut_and_says_so() {
        let mut bom = Bom::default();
        for index in 0..MOST_PLAIN + 1 {
            let component = component(&format!("pkg:npm/a{index}@1"), "MIT", 1, 0);
            bom.components.insert(component.reference(), component);
        }
        let table = plain(&bom);
        assert_eq!(table.matches("<tr id=").count(), MOST_PLAIN);
        assert!(table.contains("The first 1,000 of 1,001 components"));
    }
}

//! One component, explained: which layer and command brought it, which file and line tell of it, who owns it,
//! who needs it, and what its licence claims rest on.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

use super::text::one_line;
use crate::bom::{Bom, Component, Evidence, LicenseClaim, Presence, Purl, Ref, Scope, Technique};

/// More of a kind than this are counted, not listed.
const MOST: usize = 12;

/// The components a person means: a whole purl or reference, a purl without qualifiers or version, `name@version`
/// or `name`. The most exact reading that fits anything is taken.
pub fn meant<'a>(bom: &'a Bom, text: &str) -> Vec<&'a Ref> {
    type Reading<'r> = &'r dyn Fn(&Ref, &Component) -> bool;
    let readings: [Reading<'_>; 4] = [
        &|reference, _| reference.as_str() == text,
        &|reference, _| reference.0.split(['?', '#']).next() == Some(text),
        &|_, component| component.purl.as_ref().is_some_and(|purl| purl.without_version() == text),
        &|_, component| {
            let version = component.version.as_deref().unwrap_or_default();
            component.name == text
                || text.strip_prefix(component.name.as_str()).and_then(|rest| rest.strip_prefix('@'))
                    == Some(version)
        },
    ];
    for fits in readings {
        let found: Vec<&Ref> = bom
            .components
            .iter()
            .filter(|(reference, component)| fits(reference, component))
            .map(|(reference, _)| reference)
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Components whose reference holds `text`, for a person who misspelt one.
pub fn nearby<'a>(bom: &'a Bom, text: &str) -> Vec<&'a Ref> {
    let name = text.rsplit('/').next().unwrap_or(text);
    let name = name.split(['@', '?']).next().unwrap_or(name);
    let holds = bom.components.keys().filter(|reference| !name.is_empty() && reference.0.contains(name));
    holds.take(MOST).collect()
}

/// The explanation of one component. Empty when the bill does not hold it.
pub fn explain(bom: &Bom, reference: &Ref) -> String {
    if !bom.components.contains_key(reference) {
        return String::new();
    }
    Page { lines: Surroundings::of(bom).lines(reference) }.text(reference.as_str())
}

/// The explanation of what the list itself is of, where that is what `text` names.
pub fn subject(bom: &Bom, text: &str) -> Option<String> {
    let own = bom.subject.as_component();
    let reference = bom.subject.reference();
    let with_version = own.version.as_ref().map(|version| format!("{}@{version}", own.name));
    let is_purl = |purl: &Purl| purl.as_str() == text || purl.without_version() == text;
    let is_meant = !text.is_empty()
        && (reference.as_str() == text
            || own.name == text
            || with_version.as_deref() == Some(text)
            || own.purl.as_ref().is_some_and(is_purl));
    if !is_meant {
        return None;
    }
    let mut page = Page { lines: Vec::new() };
    let version = own.version.as_deref().unwrap_or("without a version");
    page.line("name", format!("{} {version} (what the list is of)", own.name));
    page.lines("purl", own.purl.as_ref().map(ToString::to_string));
    page.lines("supplier", own.supplier.clone());
    page.lines("licence", own.statements().map(|claim| license(&own, claim)));
    if own.licenses.is_empty() {
        page.line("licence", "nothing was said");
    }
    page.lines("copyright", own.copyright.clone());
    let needs = bom.dependencies.get(&reference).into_iter().flatten();
    page.lines("needs", bounded(needs.map(Ref::to_string).collect()));
    Some(page.text(reference.as_str()))
}

/// A bill with what every explanation of its components asks for: the shortest way to each from the subject, and
/// who needs whom.
pub(super) struct Surroundings<'a> {
    bom: &'a Bom,
    subject: Ref,
    /// The step before, on the shortest way; among equals the first in order of reference.
    came_from: BTreeMap<&'a Ref, Option<&'a Ref>>,
    needed_by: BTreeMap<&'a Ref, Vec<&'a Ref>>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn of(bom: &'a Bom) -> Self {
        let subject = bom.subject.reference();
        let mut needed_by: BTreeMap<&Ref, Vec<&Ref>> = BTreeMap::new();
        for (from, to) in bom.dependencies.iter().filter(|(from, _)| **from != subject) {
            for needed in to {
                needed_by.entry(needed).or_default().push(from);
            }
        }
        let mut came_from: BTreeMap<&Ref, Option<&Ref>> = BTreeMap::new();
        let mut open: VecDeque<Option<&Ref>> = VecDeque::from([None]);
        while let Some(at) = open.pop_front() {
            for next in bom.dependencies.get(at.unwrap_or(&subject)).into_iter().flatten() {
                if *next != subject && !came_from.contains_key(next) {
                    came_from.insert(next, at);
                    open.push_back(Some(next));
                }
            }
        }
        Self { bom, subject, came_from, needed_by }
    }

    pub(super) fn bom(&self) -> &'a Bom {
        self.bom
    }

    /// What asks for it, on the shortest way from the subject, which is itself [`None`]. Absent where no way leads
    /// to it.
    pub(super) fn parent(&self, reference: &Ref) -> Option<Option<&'a Ref>> {
        self.came_from.get(reference).copied()
    }

    /// The shortest way from the subject. Empty where there is none.
    pub(super) fn way_to<'s>(&'s self, target: &'s Ref) -> Vec<&'s Ref> {
        let mut way = Vec::new();
        let mut at = self.came_from.contains_key(target).then_some(target);
        while let Some(step) = at {
            way.push(step);
            at = self.came_from.get(step).copied().flatten();
        }
        if !way.is_empty() {
            way.push(&self.subject);
        }
        way.reverse();
        way
    }

    /// All that is known of a component, each line with what it is about. Empty when the bill does not hold it.
    pub(super) fn lines(&self, reference: &Ref) -> Vec<(&'static str, String)> {
        let Some(component) = self.bom.components.get(reference) else { return Vec::new() };
        let mut page = Page { lines: Vec::new() };
        page.line("name", identity(component));
        page.lines("about", component.description.clone());
        page.lines("layer", layers(self.bom, component));
        page.lines("found", component.evidence.iter().map(|evidence| place(self.bom, evidence)));
        page.lines("licence", component.statements().map(|claim| license(component, claim)));
        if component.licenses.is_empty() {
            page.line("licence", "nothing was said, and no text was found");
        }
        if let Some(owner) = &component.owner {
            page.line("part of", format!("{}, which recorded {} as its own", owner.component, owner.path));
        }
        if let Some(standing) = &component.standing {
            page.line("standing", format!("{} {}", standing.kind.name(), standing.reason).trim_end());
        }
        page.lines("altered", bounded(component.altered.to_vec()));
        let way = self.way_to(reference);
        if !way.is_empty() {
            page.line("reached by", way.into_iter().map(short).collect::<Vec<_>>().join(" > "));
        }
        let needed_by = self.needed_by.get(reference).into_iter().flatten();
        page.lines("needed by", bounded(needed_by.map(ToString::to_string).collect()));
        match self.bom.dependencies.get(reference) {
            None => page.line("needs", "unknown: its files do not say"),
            Some(needs) if needs.is_empty() => page.line("needs", "nothing"),
            Some(needs) => page.lines("needs", bounded(needs.iter().map(Ref::to_string).collect())),
        }
        page.lines
    }
}

struct Page {
    lines: Vec<(&'static str, String)>,
}

impl Page {
    fn text(self, title: &str) -> String {
        let mut text = format!("{}\n", one_line(title));
        let mut last = "";
        for (label, line) in self.lines {
            let shown = if label == last { "" } else { label };
            let _ = writeln!(text, "  {shown:<11} {}", one_line(&line));
            last = label;
        }
        text
    }

    fn line(&mut self, label: &'static str, text: impl Into<String>) {
        self.lines.push((label, text.into()));
    }

    fn lines(&mut self, label: &'static str, lines: impl IntoIterator<Item = String>) {
        self.lines.extend(lines.into_iter().map(|line| (label, line)));
    }
}

fn bounded(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > MOST {
        let more = lines.len() - MOST;
        lines.truncate(MOST);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn identity(component: &Component) -> String {
    let mut words = vec![component.kind.name(), component.presence.name()];
    if component.presence == Presence::Declared {
        words[1] = "declared by a lockfile or manifest";
    }
    if component.scope != Scope::Required {
        words.push(component.scope.name());
    }
    if component.asked_for {
        words.push("asked for by name");
    }
    if component.first_party {
        words.push("first party");
    }
    let version = component.version.as_deref().unwrap_or("without a version");
    format!("{} {version} ({})", component.name, words.join(", "))
}

fn layers(bom: &Bom, component: &Component) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(index) = component.layer {
        lines.extend(layer(bom, index, "brought by"));
    }
    if let Some(hidden) = &component.hidden {
        lines.extend(layer(bom, hidden.layer, "hidden by"));
        lines.extend(hidden.replaced_by.as_ref().map(|successor| format!("replaced by {successor}")));
    }
    lines
}

fn layer(bom: &Bom, index: usize, how: &str) -> Vec<String> {
    let Some(layer) = bom.layers.get(index) else { return vec![format!("{how} layer {index}")] };
    let part = match bom.base_layers {
        Some(base) if index < base => ", of the base image",
        Some(_) => ", of the application",
        None => "",
    };
    let mut lines = vec![format!("{how} layer {index} {}{part}", layer.diff_id)];
    lines.extend(layer.created_by.as_ref().map(|command| format!("made by `{command}`")));
    lines
}

fn place(bom: &Bom, evidence: &Evidence) -> String {
    let line = evidence.line.map(|line| format!(":{line}")).unwrap_or_default();
    let mut text = format!("{}{line}", evidence.path);
    if !evidence.found_by.is_empty() {
        let _ = write!(text, ", read by {}", evidence.found_by);
    }
    if evidence.technique != Technique::ManifestAnalysis {
        let _ = write!(text, " ({}, {} % sure)", evidence.technique.name(), evidence.confidence);
    }
    if let Some(layer) = evidence.layer.filter(|_| bom.layers.len() > 1) {
        let _ = write!(text, ", layer {layer}");
    }
    text
}

fn license(component: &Component, claim: &LicenseClaim) -> String {
    let mut text = format!("{} `{}`", claim.basis.name(), first_line(&claim.text));
    match &claim.expression {
        Some(expression) if expression.to_string() != claim.text => {
            let _ = write!(text, ", which is {expression}");
        }
        Some(_) => {}
        None => text.push_str(", which names no certain licence"),
    }
    let own = component.evidence.first().map(|evidence| evidence.path.as_str());
    let line = claim.line.map(|line| format!(":{line}")).unwrap_or_default();
    if let Some(path) = claim.path.as_deref().or(own) {
        let _ = write!(text, ", in {path}{line}");
    }
    text
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// A reference without its type and qualifiers.
pub(super) fn short(reference: &Ref) -> &str {
    let text = reference.0.split('?').next().unwrap_or_default();
    text.strip_prefix("pkg:").and_then(|text| text.split_once('/')).map_or(text, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::bom::{Basis, Hidden, Layer, Purl, Subject, SubjectKind};

    fn component(purl: &str) -> (Ref, Component) {
        let purl: Purl = purl.parse().expect("a purl");
        let mut component = Component::new(purl.name());
        component.version = purl.version().map(str::to_owned);
        component.purl = Some(purl);
        component.layer = Some(0);
        component.evidence.push(Evidence {
            path: "var/lib/dpkg/status".into(),
            line: Some(7),
            layer: Some(0),
            found_by: "dpkg".into(),
            technique: Technique::ManifestAnalysis,
            confidence: 100,
        });
        (component.reference(), component)
    }

    fn bom() -> Bom {
        let layer = |id: &str, step: &str| Layer { diff_id: id.into(), created_by: Some(step.into()) };
        let mut bom = Bom {
            subject: Subject { kind: SubjectKind::Image, name: "app:1".into(), ..Subject::default() },
            layers: vec![layer("sha256:aa", "FROM x"), layer("sha256:bb", "RUN y")],
            base_layers: Some(1),
            ..Bom::default()
        };
        let (nginx, a) = component("pkg:deb/debian/nginx@1.22?arch=amd64");
        let (libc, mut b) = component("pkg:deb/debian/libc6@2.36?arch=amd64");
        let (old, mut c) = component("pkg:deb/debian/libc6@2.35?arch=amd64");
        b.licenses.push(LicenseClaim {
            text: "LGPL-2.1+".into(),
            expression: crate::licenses::Expression::parse("LGPL-2.1-or-later").ok(),
            basis: Basis::Declared,
            path: Some("usr/share/doc/libc6/copyright".into()),
            line: Some(12),
        });
        c.hidden = Some(Hidden { layer: 1, replaced_by: Some(libc.clone()) }.into());
        bom.dependencies.insert(bom.subject.reference(), [nginx.clone()].into());
        bom.dependencies.insert(nginx.clone(), [libc.clone()].into());
        bom.components.extend([(nginx, a), (libc, b), (old, c)]);
        bom
    }

    #[test]
    fn a_component_is_explained_from_layer_to_licence() {
        let bom = bom();
        let [reference] = meant(&bom, "pkg:deb/debian/libc6@2.36")[..] else { panic!("one is meant") };
        expect![[r#"
            pkg:deb/debian/libc6@2.36?arch=amd64
              name        libc6 2.36 (library, installed)
              layer       brought by layer 0 sha256:aa, of the base image
                          made by `FROM x`
              found       var/lib/dpkg/status:7, read by dpkg, layer 0
              licence     declared `LGPL-2.1+`, which is LGPL-2.1-or-later, in usr/share/doc/libc6/copyright:12
              reached by  image:app:1 > debian/nginx@1.22 > debian/libc6@2.36
              needed by   pkg:deb/debian/nginx@1.22?arch=amd64
              needs       unknown: its files do not say
        "#]].assert_eq(&explain(&bom, reference));
    }

    #[test]
    fn what_is_hidden_says_by_what() {
        let bom = bom();
        let [reference] = meant(&bom, "libc6@2.35")[..] else { panic!("one is meant") };
        expect![[r#"
            pkg:deb/debian/libc6@2.35?arch=amd64
              name        libc6 2.35 (library, installed)
              layer       brought by layer 0 sha256:aa, of the base image
                          made by `FROM x`
                          hidden by layer 1 sha256:bb, of the application
                          made by `RUN y`
                          replaced by pkg:deb/debian/libc6@2.36?arch=amd64
              found       var/lib/dpkg/status:7, read by dpkg, layer 0
              licence     nothing was said, and no text was found
              needs       unknown: its files do not say
        "#]]
        .assert_eq(&explain(&bom, reference));
    }

    #[test]
    fn the_subject_is_explained_by_its_name() {
        let mut bom = bom();
        bom.subject.version = Some("1.4".into());
        bom.subject.supplier = Some("Example Ltd".into());
        bom.subject.licenses = vec![LicenseClaim {
            text: "GPLv3".into(),
            expression: crate::licenses::Expression::parse("GPL-3.0-only").ok(),
            basis: Basis::Declared,
            path: None,
            line: None,
        }];
        expect![[r#"
            image:1.4
              name        app:1 1.4 (what the list is of)
              supplier    Example Ltd
              licence     declared `GPLv3`, which is GPL-3.0-only
        "#]]
        .assert_eq(&subject(&bom, "app:1@1.4").unwrap_or_default());
        assert_eq!(subject(&bom, "app:1"), subject(&bom, "image:1.4"));
        assert_eq!(subject(&bom, "libc6"), None);
    }

    #[test]
    fn a_name_may_mean_several_and_a_misspelt_one_none() {
        let bom = bom();
        assert_eq!(meant(&bom, "libc6").len(), 2);
        assert_eq!(meant(&bom, "pkg:deb/debian/libc6").len(), 2);
        assert!(meant(&bom, "pkg:deb/debian/libc").is_empty());
        assert_eq!(nearby(&bom, "pkg:deb/debian/libc").len(), 2);
    }
}

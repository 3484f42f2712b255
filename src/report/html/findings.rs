//! Findings, each with a place of its own in the page (`#finding-7`): what the rule says, where the policy says so,
//! what to do, and for each component where it comes from and what pulls it in.
//!
//! Findings that differ in the component only share what is said of them. A long page says less of its later findings
//! and keeps what few will open as inert text, which the script unfolds on demand.

use std::fmt::Write;

use super::capital;
use super::components::{Numbers, severity};
use super::text::{Text, counted, link, number, shortened, with_code};
use crate::bom::Ref;
use crate::checker::{Finding, Place, Why, rules};
use crate::report::explain::{Surroundings, short};
use crate::report::human::{self, Group};

/// So many findings are told in full; the table of components has what the others leave out.
const MOST_FULL: usize = 300;
/// Of one group, so many stand in the page; the others are unfolded.
const MOST_SHOWN: usize = 50;
/// So many groups of one state stand in the page.
const MOST_GROUPS: usize = 100;
/// How many are unfolded at once.
const PART: usize = 250;
/// Of one line of an explanation, in characters: build steps may be whole scripts.
const LONGEST_LINE: usize = 400;

/// All that is said of findings.
pub(in crate::report) struct Findings<'a> {
    pub(in crate::report) surroundings: &'a Surroundings<'a>,
    pub(in crate::report) numbers: &'a Numbers<'a>,
    pub(in crate::report) findings: &'a [Finding],
}

/// What stands under one heading.
pub(in crate::report) struct State {
    pub(in crate::report) name: &'static str,
    pub(in crate::report) title: &'static str,
    about: &'static str,
    /// Whether somebody has to act.
    open: bool,
}

pub(in crate::report) const STATES: [State; 5] = [
    State { name: "deny", title: "Denied", about: "The policy does not allow these.", open: true },
    State { name: "warn", title: "Warnings", about: "Somebody should look at these.", open: true },
    State { name: "info", title: "Noted", about: "Nothing to do; good to know.", open: false },
    State { name: "waived", title: "Waived", about: "A waiver in the policy lets these pass.", open: false },
    State {
        name: "known",
        title: "Known",
        about: "The baseline has these too, so they do not count.",
        open: false,
    },
];

/// A group with the number of its first finding.
pub(in crate::report) struct Numbered<'a> {
    pub(in crate::report) first: usize,
    pub(in crate::report) group: Group<'a>,
}

impl Numbered<'_> {
    pub(in crate::report) fn state(&self) -> &'static str {
        self.group.findings.first().map_or("info", |finding| severity(finding))
    }
}

/// The groups in order, with numbers.
pub(in crate::report) fn numbered(findings: &[Finding]) -> Vec<Numbered<'_>> {
    let mut numbered = Vec::new();
    let mut first = 0;
    for group in human::groups(findings) {
        let count = group.findings.len();
        numbered.push(Numbered { first, group });
        first += count;
    }
    numbered
}

/// Where a page keeps what is unfolded on demand.
struct Parts {
    next: usize,
}

impl Parts {
    /// A button, and beside it the inert text that it unfolds.
    fn add(&mut self, out: &mut String, what: &str, numbers: std::ops::Range<usize>, html: &str) {
        let _ = write!(
            out,
            "<div class=\"rest\" data-part=\"part-{0}\" data-from=\"{1}\" data-to=\"{2}\"><button type=\"button\">{what}</button></div>\n\
             <script type=\"text/plain\" id=\"part-{0}\">{html}</script>\n<noscript><p class=\"quiet\">{what} needs JavaScript.</p></noscript>\n",
            self.next, numbers.start, numbers.end
        );
        self.next += 1;
    }
}

impl Findings<'_> {
    pub(in crate::report) fn section(&self) -> String {
        let mut parts = Parts { next: 0 };
        let mut out = String::new();
        let mut groups = numbered(self.findings);
        for state in &STATES {
            let (here, others): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|group| group.state() == state.name);
            groups = others;
            if !here.is_empty() {
                self.write_state(&mut out, state, &here, &mut parts);
            }
        }
        if out.is_empty() {
            out.push_str("<p>There is nothing to tell: no rule of the policy has a finding.</p>\n");
        }
        out
    }

    fn write_state(&self, out: &mut String, state: &State, groups: &[Numbered<'_>], parts: &mut Parts) {
        let count: usize = groups.iter().map(|group| group.group.findings.len()).sum();
        let heading = format!(
            "<h3 id=\"{0}\">{1} <span class=\"quiet\">{2}</span></h3>",
            state.name,
            state.title,
            counted(count, "finding")
        );
        let _ = match state.open {
            true => writeln!(out, "<section class=\"state\" aria-labelledby=\"{}\">{heading}", state.name),
            false => writeln!(out, "<details class=\"state\"><summary>{heading}</summary>"),
        };
        let _ = writeln!(out, "<p class=\"quiet\">{}</p>", state.about);
        let (shown, rest) = groups.split_at(groups.len().min(MOST_GROUPS));
        for group in shown {
            self.write_group(out, group, Some(parts));
        }
        let mut rest = rest;
        while let Some(first) = rest.first() {
            let mut taken = 0;
            let mut html = String::new();
            let mut numbers = first.first..first.first;
            for group in rest {
                self.write_group(&mut html, group, None);
                taken += 1;
                numbers.end = group.first + group.group.findings.len();
                if numbers.len() >= PART {
                    break;
                }
            }
            rest = &rest[taken..];
            parts.add(out, &format!("{} more", number(numbers.len())), numbers, &html);
        }
        out.push_str(if state.open { "</section>\n" } else { "</details>\n" });
    }

    /// One group; all of it in place where there are no parts to put the rest in.
    fn write_group(&self, out: &mut String, numbered: &Numbered<'_>, parts: Option<&mut Parts>) {
        let group = &numbered.group.findings;
        let Some(first) = group.first() else { return };
        let state = severity(first);
        let _ = writeln!(
            out,
            "<article class=\"group {state}\"><h4><span class=\"mark {state}\">{state}</span> {}</h4>",
            with_code(&shortened(&first.message, LONGEST_LINE))
        );
        write_reasons(out, first, group);
        let alone = group.len() == 1 && state == "deny";
        let shown = if parts.is_some() { group.len().min(MOST_SHOWN) } else { group.len() };
        for (offset, finding) in group[..shown].iter().enumerate() {
            self.write_finding(out, numbered.first + offset, finding, alone);
        }
        if let Some(parts) = parts {
            for (index, rest) in group[shown..].chunks(PART).enumerate() {
                let from = numbered.first + shown + index * PART;
                let mut html = String::new();
                for (offset, finding) in rest.iter().enumerate() {
                    self.write_finding(&mut html, from + offset, finding, false);
                }
                parts.add(out, &format!("{} more", number(rest.len())), from..from + rest.len(), &html);
            }
        }
        out.push_str("</article>\n");
    }

    fn write_finding(&self, out: &mut String, index: usize, finding: &Finding, alone: bool) {
        let Some(reference) = &finding.component else { return self.write_bare(out, index, finding) };
        let place = finding.place.as_ref().map(place);
        let _ = writeln!(
            out,
            "<details class=\"one\" id=\"finding-{index}\"{}><summary><span class=\"purl\">{}</span> <span class=\"quiet\">{}</span></summary>",
            if alone { " open" } else { "" },
            Text(reference.as_str()),
            Text(&place.unwrap_or_default())
        );
        write_way(out, self.surroundings, self.numbers, reference);
        if index < MOST_FULL {
            self.write_explanation(out, reference);
        }
        out.push_str("<p class=\"links\">");
        if let Some(number) = self.numbers.get(reference) {
            let _ = write!(out, "<a href=\"#component-{number}\">In the list of components</a> ");
        }
        let _ = writeln!(out, "<a href=\"#finding-{index}\">Link to this finding</a></p></details>");
    }

    /// All that is known of a component, but for the way to it, which stands above as a list.
    fn write_explanation(&self, out: &mut String, reference: &Ref) {
        out.push_str("<dl>");
        let lines = self.surroundings.lines(reference);
        let groups =
            lines.chunk_by(|(one, _), (other, _)| one == other).filter(|lines| lines[0].0 != "reached by");
        for lines in groups {
            let label = lines[0].0;
            let _ = write!(out, "<dt>{}</dt>", capital(label));
            let lines = lines.iter().map(|(_, line)| with_code(&shortened(line, LONGEST_LINE)));
            // Others' names read well in one paragraph, places do not.
            let is_list = matches!(label, "needs" | "needed by");
            if is_list {
                let _ = write!(out, "<dd>{}</dd>", lines.collect::<Vec<_>>().join(", "));
            } else {
                lines.for_each(|line| {
                    let _ = write!(out, "<dd>{line}</dd>");
                });
            }
        }
        let component = self.surroundings.bom().components.get(reference);
        if let Some(page) = component.and_then(|component| component.homepage.as_deref()) {
            let _ = write!(out, "<dt>Home</dt><dd>{}</dd>", link(page));
        }
        out.push_str("</dl>\n");
    }

    /// About the subject, a file or a line of the policy.
    fn write_bare(&self, out: &mut String, index: usize, finding: &Finding) {
        let place = finding.place.as_ref().map(place);
        let what = place.or_else(|| finding.thing.clone()).unwrap_or_default();
        let _ = writeln!(
            out,
            "<p class=\"bare\" id=\"finding-{index}\"><code>{}</code> <a href=\"#finding-{index}\">Link to this finding</a></p>",
            Text(&what)
        );
    }
}

fn place(place: &Place) -> String {
    let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
    let layer = place.layer.map(|layer| format!(", layer {layer}")).unwrap_or_default();
    format!("{}{line}{layer}", place.path)
}

/// The shortest way from the subject to a component, each step linked. Nothing where no way is known.
pub(in crate::report) fn write_way(
    out: &mut String,
    surroundings: &Surroundings<'_>,
    numbers: &Numbers<'_>,
    reference: &Ref,
) {
    let way = surroundings.way_to(reference);
    if way.is_empty() {
        return;
    }
    out.push_str("<ol class=\"way\" aria-label=\"What pulls it in\">");
    for step in way {
        let name = match surroundings.bom().components.get(step) {
            Some(component) => {
                format!("{} {}", component.name, component.version.as_deref().unwrap_or_default())
            }
            None if surroundings.bom().subject.name.is_empty() => short(step).to_owned(),
            None => surroundings.bom().subject.name.clone(),
        };
        let name = shortened(name.trim_end(), LONGEST_LINE);
        let _ = match numbers.get(step) {
            Some(number) => write!(out, "<li><a href=\"#component-{number}\">{}</a></li>", Text(&name)),
            None => write!(out, "<li>{}</li>", Text(&name)),
        };
    }
    out.push_str("</ol>\n");
}

/// What holds for all of a group.
fn write_reasons(out: &mut String, first: &Finding, group: &[&Finding]) {
    out.push_str("<dl class=\"reasons\">");
    let mut row = |label: &str, html: String| {
        let _ = write!(out, "<dt>{label}</dt><dd>{html}</dd>");
    };
    if first.counts()
        && let Some(help) = &first.help
    {
        row("What to do", with_code(help));
    }
    let about = rules::ALL.iter().find(|rule| rule.code == first.rule).map_or("", |rule| rule.about);
    row("Check", format!("<code>{}</code> <span class=\"quiet\">{}</span>", first.rule, Text(about)));
    if let Some(line) = &first.policy_line {
        let rule = first.policy_rule.as_ref().map(|rule| format!(", rule <code>{}</code>", Text(rule)));
        row("Policy", format!("<code>{}</code>{}", Text(&line.to_string()), rule.unwrap_or_default()));
    }
    if let Some(reason) = &first.reason {
        row("Reason", Text(reason).to_string());
    }
    if let Some(written) = &first.written
        && group.iter().all(|finding| finding.written.as_ref() == Some(written))
    {
        row("Written", format!("<code>{}</code>", Text(&shortened(written, LONGEST_LINE))));
    }
    if let Some(waiver) = &first.waived {
        let until = waiver.expires.map_or("for ever".to_owned(), |last| format!("until {last}"));
        let by = waiver.approver.as_ref().map(|who| format!(" by {who}")).unwrap_or_default();
        let ticket = waiver.ticket.as_ref().map(|ticket| format!(", {}", link(ticket))).unwrap_or_default();
        row(
            "Waived",
            format!(
                "{}{ticket} <span class=\"quiet\">(<code>{}</code>)</span>",
                Text(&format!("{until}{by}: {}", waiver.reason)),
                Text(&waiver.line.to_string())
            ),
        );
    }
    if !first.obligations.is_empty() {
        row("Obligations", Text(&first.obligations.join(", ")).to_string());
    }
    if group.len() > 1 {
        row("Components", number(group.len()));
    }
    out.push_str("</dl>\n");
    if let Some(why) = &first.why {
        write_tree(out, why);
    }
}

fn write_tree(out: &mut String, why: &Why) {
    out.push_str("<details class=\"why\"><summary>How the verdict was reached</summary><pre>");
    for line in human::tree(why, 0).lines() {
        let _ = writeln!(out, "{}", Text(line));
    }
    out.push_str("</pre></details>\n");
}

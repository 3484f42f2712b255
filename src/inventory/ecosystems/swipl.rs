//! `pack.pl`: what a pack of SWI-Prolog says of itself.
//!
//! Facts of one argument, one each. The purl type is the one other tools use; the purl specification has none.
//! Spec: <https://www.swi-prolog.org/howto/Pack.html>

use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problems, nothing_beside};
use crate::bom::{Component, Purl};
use crate::layers::{Tree, parent};

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "swipl",
    about: "packs of SWI-Prolog",
    reads: &["**/pack.pl"],
    beside: &[],
    spec: "https://www.swi-prolog.org/howto/Pack.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let mut component = Component::new("");
    let mut line = 0;
    let mut needs = Vec::new();
    let packs = parent(file.folder());
    let address = |name: &str| format!("swipl:{packs}:{name}");
    for (index, fact) in text.lines().enumerate() {
        let Some((key, value)) = fact_of(fact) else { continue };
        match key {
            "name" => {
                value.clone_into(&mut component.name);
                line = u32::try_from(index + 1).unwrap_or(u32::MAX);
            }
            "version" => component.version = Some(value.to_owned()),
            "title" => component.description = Some(value.to_owned()),
            "home" => component.homepage = Some(value.to_owned()),
            "author" if component.author.is_none() => component.author = Some(value.to_owned()),
            "requires" => needs.push(Need::of(address(value))),
            _ => {}
        }
    }
    let version = component.version.as_deref();
    let purl = Purl::new("swiplpack", None, &component.name, version, &[]);
    component.purl = Some(purl.map_err(|_| ParseError::new(None, "has no `name(…)`"))?);
    let mut package = Package::new(component);
    package.line = Some(line);
    package.addresses = vec![address(&package.component.name)];
    package.needs = Some(needs);
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

/// `version('0.5.2').` has the key `version` and the value `0.5.2`; of several arguments the first counts.
fn fact_of(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.trim().split_once('(')?;
    let rest = rest.trim_start();
    let value = match rest.chars().next()? {
        quote @ ('\'' | '"') => rest[1..].split(quote).next()?,
        _ => rest.split([')', ',']).next()?.trim(),
    };
    let is_word = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_word && !value.is_empty()).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_pack_says_what_it_is() {
        let pack = "name(hdt).\nversion('0.5.2').\n% version('9').\ntitle('Access RDF HDT files').\nkeywords(['RDF']).\n\
                    author( 'Jan Wielemaker', 'J.Wielemaker@vu.nl' ).\nhome( 'https://github.com/JanWielemaker/hdt' ).\n";
        check(
            &ECOSYSTEM,
            &[("pack.pl", pack)],
            expect![[r#"
            pkg:swiplpack/hdt@0.5.2 line 1 needs []
        "#]],
        );
    }

    #[test]
    fn packs_beside_each_other_find_each_other() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "root/.local/share/swi-prolog/pack/a/pack.pl",
                    "name(\"a\").\nrequires(b).\nrequires(prolog >= '7').\n",
                ),
                ("root/.local/share/swi-prolog/pack/b/pack.pl", "name( b ).\nversion( \"1.0\" ).\n"),
            ],
            expect![[r#"
                pkg:swiplpack/a line 1 needs [b@1.0]
                pkg:swiplpack/b@1.0 line 1 needs []
            "#]],
        );
    }

    #[test]
    fn a_pack_without_a_name_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("pack.pl", "version('1').\nname("), ("b/pack.pl", "é('x\n((((\n")],
            expect![[r#"
                gap b/pack.pl: has no `name(…)`
                gap pack.pl: has no `name(…)`
            "#]],
        );
    }
}

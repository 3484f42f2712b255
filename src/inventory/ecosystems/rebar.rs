//! `rebar.lock`: what Rebar resolved for an Erlang project.
//!
//! A list of packages with their distance from the project (0 was asked for), then digests by name. It has no
//! edges. A package may be locked under another name than the one it has on Hex.
//! Spec: <https://rebar3.org/docs/configuration/dependencies/#lock-files>

use std::collections::HashMap;

use super::super::terms::{self, Term};
use super::super::{Ecosystem, File, Package, ParseError, Parsed, Problem, git, nothing_beside};
use crate::bom::{Component, Hash, HashAlgorithm, Presence, Purl};
use crate::layers::Tree;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "rebar",
    about: "Erlang packages locked in rebar.lock",
    reads: &["**/rebar.lock"],
    beside: &[],
    spec: "https://rebar3.org/docs/configuration/dependencies/#lock-files",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let terms = terms::parse(&text).map_err(|line| ParseError::new(line, "is not a list of Erlang terms"))?;
    let mut terms = terms.iter();
    let locked = match terms.next().map(Term::items) {
        // `{"1.2.0", [...]}` since Rebar 3, a bare list before.
        Some([version, packages]) if version.text().is_some() => packages.items(),
        Some(packages) => packages,
        None => return Ok(Parsed::default()),
    };
    let digests = digests(terms.next());
    let mut parsed = Parsed::default();
    for entry in locked {
        match package(entry, &digests) {
            Ok(mut package) => {
                package.line = Some(entry.line);
                parsed.packages.push(package);
            }
            Err(reason) => parsed.problems.push(Problem::new(entry.line, reason)),
        }
    }
    Ok(parsed)
}

fn package(entry: &Term<'_>, digests: &HashMap<&str, &str>) -> Result<Package, String> {
    let [key, source, level] = entry.items() else { return Err("is not `{name, source, level}`".to_owned()) };
    let key = key.text().unwrap_or_default();
    let fields = source.items();
    let field = |index: usize| fields.get(index).and_then(Term::text).unwrap_or_default();
    let mut component = Component::new(key);
    component.presence = Presence::Declared;
    component.asked_for = level.text() == Some("0");
    let purl = match field(0) {
        "pkg" => {
            component.name = field(1).to_owned();
            component.version = Some(field(2).to_owned());
            let digest = digests.get(key).and_then(|hex| Hash::from_hex(HashAlgorithm::Sha256, hex));
            component.hashes.extend(digest);
            Purl::new("hex", None, field(1), Some(field(2)), &[])
        }
        "git" | "git_subdir" => {
            let commit =
                fields.get(2).and_then(|reference| reference.items().get(1)?.text()).unwrap_or_default();
            let url = git::url(field(1), commit);
            component.version = Some(commit.to_owned());
            component.vcs = Some(url.clone());
            Purl::new("hex", None, key, Some(commit), &[("vcs_url", &url)])
        }
        kind => return Err(format!("`{key}` comes from `{kind}`, which is not known")),
    };
    component.purl = Some(purl.map_err(|error| error.to_string())?);
    Ok(Package::new(component))
}

/// The digests of archives by name; the other list has those of what lies in them.
fn digests<'a>(lists: Option<&'a Term<'_>>) -> HashMap<&'a str, &'a str> {
    let list = lists.and_then(|lists| lists.get("pkg_hash_ext")).map_or(&[][..], Term::items);
    let pair = |pair: &'a Term<'_>| match pair.items() {
        [name, digest] => Some((name.text()?, digest.text()?)),
        _ => None,
    };
    list.iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn packages_and_repositories_are_listed() {
        let lock = r#"{"1.2.0",
[{<<"bcrypt">>,{pkg,<<"bcrypt">>,<<"1.1.5">>},0},
 {<<"bson">>,
  {git,"https://github.com/comtihon/bson-erlang",
       {ref,"14308ab927cfa69324742c3de720578094e0bb19"}},
  1}]}.
[
{pkg_hash,[
 {<<"bcrypt">>, <<"A6763BD4E1AF46D34776F85B7995E63A02978DE110C077E9570ED17006E03386">>}]},
{pkg_hash_ext,[
 {<<"bcrypt">>, <<"3418821BC17CE6E96A4A77D1A88D7485BF783E212069FACFC79510AFBFF95352">>}]}
].
"#;
        check(
            &ECOSYSTEM,
            &[("rebar.lock", lock)],
            expect![[r#"
            pkg:hex/bcrypt@1.1.5 line 2 SHA-256:3418821b
            pkg:hex/bson@14308ab927cfa69324742c3de720578094e0bb19?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fcomtihon%2Fbson-erlang%4014308ab927cfa69324742c3de720578094e0bb19 line 3
        "#]],
        );
    }

    #[test]
    fn an_older_lock_is_a_bare_list_and_names_may_differ() {
        let lock = "[{<<\"uuid\">>,{pkg,<<\"uuid_erl\">>,<<\"1.7.5\">>},0},\n\
                    {<<\"sub\">>,{git_subdir,\"git@github.com:o/r.git\",{ref,\"abc\"},\"sub\"},0},\n\
                    {<<\"old\">>,{hg,\"https://example.org/old\",{ref,\"1\"}},0}].\n";
        check(
            &ECOSYSTEM,
            &[("rebar.lock", lock)],
            expect![[r#"
            pkg:hex/sub@abc?vcs_url=git%2Bssh:%2F%2Fgit%40github.com%2Fo%2Fr.git%40abc line 2
            pkg:hex/uuid_erl@1.7.5 line 1
            gap rebar.lock:3: `old` comes from `hg`, which is not known
        "#]],
        );
    }

    #[test]
    fn what_is_no_lockfile_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[
                ("rebar.lock", "{\"1.2.0\",\n[{<<\"a\">>"),
                ("b/rebar.lock", ""),
                ("c/rebar.lock", "[a, {b}]."),
            ],
            expect![[r#"
                gap c/rebar.lock:1: is not `{name, source, level}`
                gap rebar.lock:2: is not a list of Erlang terms
            "#]],
        );
    }
}

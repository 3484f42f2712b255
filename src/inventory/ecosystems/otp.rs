//! `*.app`: the applications of an Erlang system, as every release ships them in `lib/NAME-VERSION/ebin`.
//!
//! Built releases of Erlang and Elixir projects hold no lockfile; these files are what is left of their
//! packages. They do not say where an application came from, so it has a purl of OTP's own type.
//! Spec: <https://www.erlang.org/doc/apps/kernel/app.html>

use super::super::terms::{self, Term};
use super::super::{Ecosystem, File, Need, Package, ParseError, Parsed, Problems, nothing_beside};
use crate::bom::{Component, Purl};
use crate::layers::{Tree, parent};

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "otp",
    about: "Erlang and Elixir applications in releases",
    reads: &["**/*.app"],
    beside: &[],
    spec: "https://www.erlang.org/doc/apps/kernel/app.html",
    parse,
    enrich: nothing_beside,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    // Other things are called `.app` too.
    if !text.contains("application") || text.contains('\0') {
        return Ok(Parsed::default());
    }
    let terms = terms::parse(&text).map_err(|line| ParseError::new(line, "is not an Erlang term"))?;
    let Some((line, name, keys)) = terms.iter().find_map(application) else { return Ok(Parsed::default()) };
    let value = |key: &str| keys.get(key).and_then(Term::text).filter(|text| !text.is_empty());
    // A source tree's template has a mark where the build puts the version.
    let version = value("vsn").filter(|version| !version.contains('%'));
    let mut component = Component::new(name);
    component.version = version.map(str::to_owned);
    component.description = value("description").and_then(|text| text.lines().next()).map(str::to_owned);
    let purl = Purl::new("otp", None, name, version, &[]);
    component.purl = Some(purl.map_err(|error| ParseError::new(line, error.to_string()))?);
    let mut package = Package::new(component);
    package.line = Some(line);
    // `LIB/NAME-VERSION/ebin/NAME.app`: what lies in one folder belongs together; of OTP there is one.
    let library = parent(parent(file.folder()));
    package.addresses = vec![format!("otp:{library}:{name}"), format!("otp::{name}")];
    let needs = ["applications", "included_applications"].into_iter().filter_map(|key| keys.get(key));
    let names = needs.flat_map(Term::items).filter_map(Term::text);
    let need = |name: &str| Need { any_of: vec![format!("otp:{library}:{name}"), format!("otp::{name}")] };
    package.needs = Some(names.map(need).collect());
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

/// `{application, name, [keys]}`
fn application<'a>(term: &'a Term<'_>) -> Option<(u32, &'a str, &'a Term<'a>)> {
    match term.items() {
        [head, name, keys] if head.text() == Some("application") => Some((term.line, name.text()?, keys)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::check;
    use super::*;

    #[test]
    fn applications_find_each_other_in_their_release() {
        check(
            &ECOSYSTEM,
            &[
                (
                    "app/lib/rabbit-3.12.10/ebin/rabbit.app",
                    "%% made by hand\n{application, 'rabbit', [\n\t{description, \"RabbitMQ\"},\n\t{vsn, \"3.12.10\"},\n\
                     \t{applications, [kernel, 'ra']}, {env, [{limit, 50000000}, {n, -1}, {f, 0.4}]}]}.\n",
                ),
                ("app/lib/ra-2.6/ebin/ra.app", "{application,ra,[{vsn,\"2.6\"},{applications,[kernel]}]}."),
                ("usr/lib/erlang/lib/ra-1.0/ebin/ra.app", "{application,ra,[{vsn,\"1.0\"}]}."),
                ("usr/lib/erlang/lib/kernel-9.0/ebin/kernel.app", "{application,kernel,[{vsn,\"9.0\"}]}."),
            ],
            expect![[r#"
                pkg:otp/kernel@9.0 line 1 needs []
                pkg:otp/ra@1.0 line 1 needs []
                pkg:otp/ra@2.6 line 1 needs [kernel@9.0]
                pkg:otp/rabbit@3.12.10 line 2 needs [kernel@9.0, ra@2.6]
            "#]],
        );
    }

    #[test]
    fn what_is_no_application_is_passed_over() {
        check(
            &ECOSYSTEM,
            &[
                ("a.app", "#!/bin/sh\necho\n"),
                ("b.app", "{other, application, []}."),
                ("c.app", "\u{0}application"),
                ("d.app", "{application, d, [{vsn, \"%VSN%\"}]}."),
            ],
            expect![[r#"
                pkg:otp/d line 1 needs []
            "#]],
        );
    }

    #[test]
    fn a_broken_application_is_a_gap() {
        check(
            &ECOSYSTEM,
            &[("a.app", "{application, a,\n [{vsn, \"1"), ("b.app", "{application, '', []}.")],
            expect![[r#"
                gap a.app:2: is not an Erlang term
                gap b.app:1: `pkg:otp/` is not a package URL: missing name
            "#]],
        );
    }
}

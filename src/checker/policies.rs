//! The policies we ship; the only place that embeds them.

use super::policy::{Policy, PolicyErrors};

/// A shipped policy.
pub struct Shipped {
    /// What `--policy` and `extends` call it.
    pub name: &'static str,
    /// For whom it is.
    pub about: &'static str,
    pub text: &'static str,
}

/// All of them, in order of name.
pub const ALL: &[Shipped] = &[
    Shipped {
        name: "container-baseline",
        about: "any image: the distribution is noted, application packages must not bind your own code",
        text: include_str!("../../policies/container-baseline.toml"),
    },
    Shipped {
        name: "distributed-product",
        about: "an image or appliance that customers get, with proprietary code inside",
        text: include_str!("../../policies/distributed-product.toml"),
    },
    Shipped {
        name: "permissive-only",
        about: "strict: no copyleft and no restriction of use in any application package",
        text: include_str!("../../policies/permissive-only.toml"),
    },
    Shipped {
        name: "saas",
        about: "a service: nothing is handed to users",
        text: include_str!("../../policies/saas.toml"),
    },
];

/// What is used when nobody names a policy.
pub const DEFAULT: &str = "container-baseline";

/// The text of a shipped policy.
pub fn text(name: &str) -> Option<&'static str> {
    ALL.iter().find(|policy| policy.name == name).map(|policy| policy.text)
}

/// A shipped policy, read. Absent when none has that name.
///
/// # Errors
/// Never for a released version: tests read every shipped policy.
pub fn shipped(name: &str) -> Option<Result<Policy, PolicyErrors>> {
    text(name).map(|text| Policy::parse(name, text))
}

#[cfg(test)]
mod tests {
    use super::super::rules::testing::{claim, component, today};
    use super::super::{Action, Case, check};
    use super::*;
    use crate::bom::{Basis, Bom, Layer, LicenseClaim, Owner, Ref, Scope, SubjectKind};

    #[test]
    fn every_shipped_policy_can_be_read() {
        assert!(ALL.is_sorted_by(|one, other| one.name < other.name));
        assert!(text(DEFAULT).is_some());
        for policy in ALL {
            let read = Policy::parse(policy.name, policy.text).map_err(|errors| errors.to_string());
            assert_eq!(read.map(|read| read.name).as_deref(), Ok(policy.name));
        }
    }

    #[test]
    fn every_shipped_policy_passes_its_own_cases_and_has_no_dead_rule() {
        for policy in ALL {
            let policy = Policy::parse(policy.name, policy.text).expect("tested above");
            assert!(!policy.cases.is_empty(), "{} has no case", policy.name);
            for result in super::super::cases::run(&policy, today()) {
                assert_eq!(result.got, result.case.expect, "{}", result.case.line);
            }
            let lints = super::super::lint::lint(&policy, None, today());
            assert!(lints.is_empty(), "{lints:?}");
        }
    }

    /// Where a package of the table stands.
    #[derive(Clone, Copy)]
    enum At {
        Base,
        App,
        Dev,
        FirstParty,
        /// In a layer of the application, inside a package of the distribution.
        Owned,
    }

    /// `a|b`: two statements, and nobody says how they go together. Empty: nothing is said.
    /// Verdicts: permissive-only, saas, distributed-product, container-baseline; a letter each.
    const VERDICTS: &[(&str, &str, At, &str)] = &[
        // As it is written in packages.
        ("pkg:npm/jszip@1", "(MIT OR GPL-3.0-or-later)", At::App, "AAAA"),
        ("pkg:deb/debian/bash@1", "GPL-3+", At::Base, "IAII"),
        ("pkg:maven/jakarta.annotation/jakarta.annotation-api@1", "EPL 2.0 / GPL2 w/ CPE", At::App, "DAWI"),
        (
            "pkg:rpm/redhat/libgcc@1",
            "GPLv3+ and GPLv3+ with exceptions and LGPLv2+ and BSD",
            At::Base,
            "IAII",
        ),
        ("pkg:pypi/chardet@1", "LGPL", At::App, "DAWI"),
        ("pkg:npm/%40acme/ui@1", "UNLICENSED", At::App, "DDDW"),
        ("pkg:gem/net-smtp@2", "Ruby, BSD-2-Clause", At::App, "DAWI"),
        ("pkg:npm/%40elastic/x@2", "SSPL-1.0 OR Elastic License 2.0", At::App, "DDDD"),
        ("pkg:npm/some-harness@2", "GPL-2.0", At::Dev, "IAII"),
        (
            "pkg:deb/debian/libp11-kit0@1",
            "BSD-3-Clause, permissive-like-automake-output, ISC, same-as-rest-of-p11kit",
            At::App,
            "DIII",
        ),
        ("pkg:pypi/bsd@1", "BSD", At::App, "AAAA"),
        ("pkg:pypi/apache@1", "Apache Software License", At::App, "AAAA"),
        ("pkg:npm/gpl@3", "GPL", At::App, "DADD"),
        ("pkg:pypi/gplv2@1", "GPLv2+", At::App, "DADD"),
        ("pkg:npm/artistic@1", "Artistic", At::App, "DAWI"),
        // Choices: the better branch counts.
        ("pkg:npm/jszip@3", "MIT OR GPL-3.0-or-later", At::App, "AAAA"),
        ("pkg:npm/node-forge@1", "BSD-3-Clause OR GPL-2.0-only", At::App, "AAAA"),
        ("pkg:npm/json-schema@0", "AFL-2.1 OR BSD-3-Clause", At::App, "AAAA"),
        ("pkg:cargo/syn@2", "MIT OR Apache-2.0", At::App, "AAAA"),
        ("pkg:cargo/unicode-ident@1", "(MIT OR Apache-2.0) AND Unicode-3.0", At::App, "AAAA"),
        ("pkg:npm/precedence@1", "MIT OR GPL-2.0-only AND LGPL-2.1-only", At::App, "AAAA"),
        ("pkg:npm/precedence@2", "(MIT OR GPL-2.0-only) AND LGPL-2.1-only", At::App, "DAWI"),
        ("pkg:npm/either-unknown@1", "MIT OR LicenseRef-x", At::App, "AAAA"),
        ("pkg:npm/both-unknown@1", "MIT AND LicenseRef-x", At::App, "DWDW"),
        ("pkg:npm/gpl-or-unknown@1", "GPL-2.0-only OR LicenseRef-x", At::App, "DADW"),
        (
            "pkg:maven/jakarta.annotation/jakarta.annotation-api@2",
            "EPL-2.0 OR GPL-2.0-only WITH Classpath-exception-2.0",
            At::App,
            "DAWI",
        ),
        (
            "pkg:maven/javax.activation/activation@1",
            "CDDL-1.0 OR GPL-2.0-only WITH Classpath-exception-2.0",
            At::App,
            "DAWI",
        ),
        // A licence that must be bought is none until it is.
        ("pkg:pypi/pymupdf@1", "AGPL-3.0-only OR LicenseRef-packlist-proprietary", At::App, "DDDD"),
        ("pkg:npm/%40elastic/x@1", "SSPL-1.0 OR Elastic-2.0", At::App, "DDDD"),
        // The distribution.
        ("pkg:deb/debian/bash@5", "GPL-3.0-or-later", At::Base, "IAII"),
        ("pkg:deb/debian/bash@5", "GPL-3.0-or-later", At::App, "DAII"),
        ("pkg:deb/debian/libc6@2", "LGPL-2.1-or-later", At::Base, "IAII"),
        (
            "pkg:rpm/redhat/libgcc@11",
            "GPL-3.0-or-later AND GPL-3.0-or-later WITH GCC-exception-3.1 AND LGPL-2.0-or-later AND BSD-3-Clause",
            At::Base,
            "IAII",
        ),
        ("pkg:deb/debian/linux-libc-dev@6", "GPL-2.0-only WITH Linux-syscall-note", At::App, "DAII"),
        ("pkg:deb/debian/openjdk-17-jre@17", "GPL-2.0-only WITH Classpath-exception-2.0", At::App, "DAII"),
        ("pkg:deb/debian/perl-base@5", "Artistic-1.0-Perl OR GPL-1.0-or-later", At::Base, "IAAA"),
        (
            "pkg:deb/debian/libp11-kit0@0",
            "BSD-3-Clause AND LicenseRef-automake AND ISC AND LicenseRef-same",
            At::App,
            "DIII",
        ),
        (
            "pkg:deb/debian/libp11-kit0@0",
            "BSD-3-Clause AND LicenseRef-automake AND ISC AND LicenseRef-same",
            At::Base,
            "IIII",
        ),
        ("pkg:deb/debian/silent@0", "", At::App, "WIII"),
        ("pkg:deb/debian/ghostscript@10", "AGPL-3.0-or-later", At::App, "DWII"),
        ("pkg:rpm/mongodb/mongodb-org-server@7", "SSPL-1.0", At::App, "DWDW"),
        ("pkg:deb/debian/nvidia-driver@5", "LicenseRef-packlist-proprietary", At::App, "DWDW"),
        ("pkg:apk/alpine/busybox@1", "GPL-2.0-only", At::Base, "IAII"),
        ("pkg:apk/alpine/musl@1", "MIT", At::App, "AAAA"),
        // Trivy's word for packages of a distribution it does not know.
        ("pkg:none/bash@4.3-48.mga5", "GPL-2.0-or-later", At::App, "DAII"),
        ("pkg:pypi/chardet@5", "LGPL-2.1-or-later", At::Owned, "DAII"),
        // Copyleft in the application.
        ("pkg:npm/gpl@1", "GPL-3.0-only", At::App, "DADD"),
        ("pkg:npm/gpl@2", "GPL-2.0-or-later", At::App, "DADD"),
        ("pkg:npm/agpl@1", "AGPL-3.0-or-later", At::App, "DDDD"),
        ("pkg:npm/eupl@1", "EUPL-1.2", At::App, "DDDD"),
        ("pkg:npm/osl@1", "OSL-3.0", At::App, "DDDD"),
        ("pkg:pypi/chardet@5", "LGPL-2.1-or-later", At::App, "DAWI"),
        ("pkg:pypi/certifi@2024", "MPL-2.0", At::App, "DAWI"),
        ("pkg:gem/net-smtp@0", "Ruby AND BSD-2-Clause", At::App, "DAWI"),
        ("pkg:gem/net-smtp@1", "Ruby|BSD-2-Clause", At::App, "DAWI"),
        ("pkg:maven/a/gpl-array@1", "MIT|GPL-2.0-only", At::App, "DADW"),
        ("pkg:npm/docs@1", "CC-BY-SA-4.0", At::App, "DADD"),
        ("pkg:npm/font@1", "OFL-1.1", At::App, "DAWI"),
        // Exceptions.
        ("pkg:npm/generated@1", "GPL-3.0-or-later WITH Bison-exception-2.2", At::App, "DAWI"),
        ("pkg:npm/openssl-exception@1", "GPL-2.0-or-later WITH x11vnc-openssl-exception", At::App, "DADD"),
        ("pkg:npm/linked@1", "LGPL-3.0-only WITH LGPL-3.0-linking-exception", At::App, "DAWI"),
        ("pkg:cargo/wasi@0", "Apache-2.0 WITH LLVM-exception", At::App, "AAAA"),
        ("pkg:npm/own-exception@1", "GPL-2.0-only WITH AdditionRef-x", At::App, "DADW"),
        ("pkg:npm/agpl-linked@1", "AGPL-3.0-only WITH Classpath-exception-2.0", At::App, "DDDD"),
        // Restrictions of use.
        ("pkg:golang/github.com/hashicorp/consul@1", "BUSL-1.1", At::App, "DDDD"),
        ("pkg:cargo/boost@1", "BSL-1.0", At::App, "AAAA"),
        ("pkg:npm/nc@1", "CC-BY-NC-4.0", At::App, "DDDD"),
        ("pkg:npm/nd@1", "CC-BY-ND-4.0", At::App, "DDDD"),
        ("pkg:npm/json@1", "JSON", At::App, "DDDD"),
        ("pkg:npm/%40acme/ui@1", "LicenseRef-packlist-proprietary", At::App, "DDDW"),
        ("pkg:npm/%40acme/ui@1", "LicenseRef-packlist-proprietary", At::FirstParty, "AAAA"),
        ("pkg:npm/%40acme/ui@1", "", At::FirstParty, "AAAA"),
        // No condition, or hardly one.
        ("pkg:npm/caniuse-lite@1", "CC-BY-4.0", At::App, "AAAA"),
        ("pkg:npm/unlicense@1", "Unlicense", At::App, "AAAA"),
        ("pkg:npm/wtfpl@1", "WTFPL", At::App, "AAAA"),
        ("pkg:npm/cc0@1", "CC0-1.0 AND MIT", At::App, "AAAA"),
        ("pkg:npm/pd@1", "LicenseRef-packlist-public-domain", At::App, "AAAA"),
        ("pkg:npm/openssl@1", "OpenSSL", At::App, "AAAA"),
        ("pkg:npm/advertising@1", "BSD-4-Clause", At::App, "AAAA"),
        ("pkg:pypi/psf@1", "Python-2.0", At::App, "AAAA"),
        // Not known, not said.
        ("pkg:npm/highcharts@11", "https://www.highcharts.com/license", At::App, "DWDW"),
        ("pkg:golang/github.com/pelletier/go-toml/v2@2", "", At::App, "WWDW"),
        ("pkg:npm/noassertion@1", "NOASSERTION", At::App, "WWDW"),
        // Only for development.
        ("pkg:npm/some-harness@1", "GPL-2.0-only", At::Dev, "IAII"),
        ("pkg:npm/dev-agpl@1", "AGPL-3.0-only", At::Dev, "DDII"),
        ("pkg:npm/dev-mit@1", "MIT", At::Dev, "IAAA"),
    ];

    /// An image of two layers, the lower one of its base, with this one package.
    fn image(purl: &str, license: &str, at: At) -> Bom {
        let mut bom = Bom { base_layers: Some(1), ..Bom::default() };
        bom.subject.kind = SubjectKind::Image;
        bom.layers = vec![Layer { diff_id: String::new(), created_by: None }; 2];
        let mut component = component(purl, "");
        let texts = license.split('|').filter(|text| !text.is_empty());
        let dialect = super::super::cases::dialect(component.purl.as_ref().map_or("", |purl| purl.ty()));
        let claims = texts.map(|text| LicenseClaim {
            expression: crate::licenses::read(text, dialect),
            ..claim(text, Basis::Declared)
        });
        component.licenses = claims.collect();
        component.layer = Some(usize::from(!matches!(at, At::Base)));
        match at {
            At::Dev => component.scope = Scope::Dev,
            At::FirstParty => component.first_party = true,
            At::Owned => {
                let owner = Ref("pkg:deb/debian/python3-chardet@5".into());
                component.owner = Some(Owner { component: owner, path: "usr/lib/x".into() }.into());
            }
            At::Base | At::App => {}
        }
        bom.components.insert(component.reference(), component);
        bom
    }

    fn letter(policy: &Policy, bom: &Bom) -> char {
        let findings = check(&Case { bom, baseline: None, calendar: None, policy, today: today() });
        let about_licenses = findings
            .iter()
            .filter(|finding| finding.rule.starts_with("license-") && finding.rule != "license-chosen");
        let worst = about_licenses.map(|finding| finding.severity).max();
        match Action::ALL.into_iter().find(|action| action.severity() == worst) {
            Some(Action::Deny) => 'D',
            Some(Action::Warn) => 'W',
            Some(Action::Info) => 'I',
            _ => 'A',
        }
    }

    #[test]
    fn tricky_packages_get_the_verdict_a_lawyer_expects() {
        let policies = ["permissive-only", "saas", "distributed-product", "container-baseline"];
        let policies = policies.map(|name| shipped(name).expect("shipped").expect("without mistakes"));
        assert!(VERDICTS.len() > 42);
        let mut wrong = String::new();
        for (purl, license, at, expected) in VERDICTS {
            let bom = image(purl, license, *at);
            let verdicts: String = policies.iter().map(|policy| letter(policy, &bom)).collect();
            if verdicts != *expected {
                wrong.push_str(&format!("{purl} `{license}`: {verdicts}, expected {expected}\n"));
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }
}

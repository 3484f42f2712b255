//! Hand-made bills for the tests of formats: one that uses every field, and many that mix them.

use packlist::bom::{
    Basis, Bom, Component, Evidence, Form, Gap, GapKind, Hash, HashAlgorithm, Hidden, Kind, Layer,
    LicenseClaim, Needs, Owner, Presence, Purl, Ref, Scope, Secret, SecretKind, SecretPlace, Standing,
    StandingKind, Subject, SubjectKind, Technique,
};
use packlist::emitter::Stamp;
use packlist::licenses::Expression;

pub(crate) fn stamp() -> Stamp {
    Stamp { tool_version: "0.1.0".into(), created: Some("2026-01-01T00:00:00Z".into()), ..Stamp::default() }
}

fn claim(text: &str, expression: &str, basis: Basis) -> LicenseClaim {
    LicenseClaim {
        text: text.into(),
        expression: Expression::parse(expression).ok(),
        basis,
        path: None,
        line: None,
    }
}

fn package(purl: &str) -> Component {
    let purl: Purl = purl.parse().expect("a test's purl is valid");
    let mut component = Component::new(purl.name());
    component.version = purl.version().map(str::to_owned);
    component.purl = Some(purl);
    component
}

fn evidence(path: &str, line: Option<u32>, found_by: &str) -> Evidence {
    let found_by = found_by.to_owned();
    Evidence {
        path: path.into(),
        line,
        layer: None,
        found_by,
        technique: Technique::ManifestAnalysis,
        confidence: 100,
    }
}

/// A bill in which every field is used, most of them in their oddest form.
pub(crate) fn full() -> Bom {
    let mut os = Component::new("debian");
    os.kind = Kind::OperatingSystem;
    os.version = Some("12".into());
    os.layer = Some(0);

    let mut bash = package("pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12");
    bash.supplier = Some("Matthias Klose <doko@debian.org>".into());
    bash.author = Some("Chet Ramey".into());
    bash.description = Some("GNU Bourne Again SHell".into());
    bash.source = Some("ftp://ftp.gnu.org/pub/gnu/bash".into());
    bash.copyright = Some("1987-2022 Free Software Foundation, Inc. <& \"others\">; 2003 Jane".into());
    bash.homepage = Some("http://tiswww.case.edu/php/chet/bash/bashtop.html".into());
    bash.vcs = Some("git@salsa.debian.org:debian/bash.git".into());
    bash.layer = Some(0);
    bash.altered = vec!["bin/bash".into(), "etc/bash.bashrc".into()].into();
    bash.cpes = ["cpe:2.3:a:gnu:bash:5.2.15:*:*:*:*:*:*:*", "cpe:/a:gnu:bash:5.2.15"].into_iter().collect();
    bash.evidence = vec![
        Evidence { layer: Some(0), ..evidence("usr/share/doc/bash/copyright", None, "dpkg") },
        Evidence { layer: Some(1), ..evidence("var/lib/dpkg/status", Some(7), "dpkg") },
    ];
    bash.licenses = vec![
        LicenseClaim {
            path: Some("usr/share/doc/bash/copyright".into()),
            line: Some(12),
            ..claim("GPL-3+", "GPL-3.0-or-later", Basis::Declared)
        },
        LicenseClaim {
            path: Some("usr/share/doc/bash/copyright".into()),
            line: Some(40),
            ..claim("GFDL-NIV-1.3+", "LicenseRef-GFDL-NIV-1.3", Basis::Detected)
        },
    ]
    .into();

    let mut lodash = package("pkg:npm/lodash@4.17.21");
    lodash.hashes = vec![
        Hash::from_hex(HashAlgorithm::Sha1, &"ab".repeat(20)).expect("40 digits"),
        Hash::from_hex(HashAlgorithm::Sha512, &"01".repeat(64)).expect("128 digits"),
    ]
    .into();
    lodash.form = Form {
        file_name: Some("a\\b \"c\".tgz".into()),
        executable: Some(false),
        archive: Some(true),
        structured: Some(true),
    }
    .into();
    lodash.contents = vec![
        Hash::from_hex(HashAlgorithm::Sha256, &"23".repeat(32)).expect("64 digits"),
        Hash::from_hex(HashAlgorithm::Sha512, &"45".repeat(64)).expect("128 digits"),
    ]
    .into();
    lodash.licenses = vec![claim("MIT", "MIT", Basis::Declared)].into();
    lodash.download = Some("https://registry.npmjs.org/lodash/-/lodash-4.17.21.tgz".into());
    lodash.vcs = Some("git+https://github.com/lodash/lodash.git".into());
    lodash.asked_for = true;
    lodash.layer = Some(1);
    lodash.evidence = vec![
        Evidence {
            layer: Some(1),
            ..evidence("app/node_modules/lodash/package.json", Some(2), "npm-installed")
        },
        Evidence { layer: Some(1), ..evidence("app/package-lock.json", Some(14), "npm-lock") },
    ];

    let mut babel = package("pkg:npm/%40babel/core@7.0.0");
    babel.name = "@babel/core".into();
    babel.scope = Scope::Dev;
    babel.presence = Presence::Declared;
    babel.standing =
        Some(Standing { kind: StandingKind::Deprecated, reason: "line one\nback\\slash = so".into() }.into());
    babel.licenses = vec![claim("MIT OR Apache-2.0", "MIT OR Apache-2.0", Basis::Declared)].into();

    let mut log4j = package("pkg:maven/org.apache.logging.log4j/log4j-core@2.17.1");
    log4j.name = "org.apache.logging.log4j:log4j-core".into();
    log4j.scope = Scope::Optional;
    log4j.owner = Some(Owner { component: bash.reference(), path: "usr/share/java/log4j.jar".into() }.into());
    log4j.layer = Some(0);
    log4j.licenses = vec![
        claim("The Apache Software License, Version 2.0", "Apache-2.0", Basis::Declared),
        claim("Apache-2.0", "Apache-2.0", Basis::Concluded),
        claim("no idea at all", "", Basis::Detected),
    ]
    .into();
    log4j.evidence = vec![
        Evidence {
            technique: Technique::Filename,
            confidence: 30,
            layer: None,
            ..evidence("usr/share/java/log4j.jar", None, "jar")
        },
        Evidence {
            technique: Technique::BinaryAnalysis,
            confidence: 80,
            layer: Some(0),
            ..evidence("usr/share/java/log4j.jar!/META-INF/MANIFEST.MF", None, "jar")
        },
    ];

    let mut inner = package("pkg:maven/org.slf4j/slf4j-api@2.0.0");
    inner.name = "org.slf4j:slf4j-api".into();
    inner.owner = Some(Owner { component: log4j.reference(), path: "inner.jar".into() }.into());
    inner.licenses = vec![claim("LicenseRef-Own", "LicenseRef-Own", Basis::Declared)].into();

    let mut curl = package("pkg:deb/debian/curl@8.0-1?arch=amd64&distro=debian-12");
    curl.layer = Some(0);
    curl.hidden = Some(Hidden { layer: 1, replaced_by: Some(bash.reference()) }.into());
    curl.licenses = vec![claim(
        "curl AND (MIT OR GPL-2.0-only WITH Classpath-exception-2.0)",
        "curl AND (MIT OR GPL-2.0-only WITH Classpath-exception-2.0)",
        Basis::Declared,
    )]
    .into();
    let mut in_curl = package("pkg:npm/in-curl@1.0.0");
    in_curl.owner = Some(Owner { component: curl.reference(), path: "x/package.json".into() }.into());
    in_curl.hidden = Some(Hidden { layer: 1, replaced_by: None }.into());
    let mut in_bash = package("pkg:npm/hidden-in-bash@1.0.0");
    in_bash.owner = Some(Owner { component: bash.reference(), path: "y/package.json".into() }.into());
    in_bash.hidden = Some(Hidden { layer: 1, replaced_by: None }.into());

    let mut app = Component::new("shop");
    app.kind = Kind::Application;
    app.version = Some("1.0.0".into());
    app.first_party = true;
    app.supplier = Some("Acme (UK) <not an address>".into());
    app.download = Some("file with spaces".into());
    app.homepage = Some("www.example.org/%zz".into());

    let mut model = Component::new("resnet");
    model.kind = Kind::MachineLearningModel;

    let components = [os, bash, lodash, babel, log4j, inner, curl, in_curl, in_bash, app, model];
    let mut bom = Bom {
        subject: Subject {
            kind: SubjectKind::Image,
            name: "registry.example.org:5000/team/shop:1.0".into(),
            version: Some(format!("sha256:{}", "c0".repeat(32))),
            purl: None,
            manifest_digest: Some(format!("sha256:{}", "d1".repeat(32))),
            platform: Some("linux/amd64".into()),
            created: Some("2025-12-24T18:00:00.123456789Z".into()),
            user: Some("65532:65532".into()),
            base: Some("docker.io/library/debian:latest".into()),
            secrets: Some(vec![
                Secret {
                    place: SecretPlace::Environment,
                    name: "DB_PASSWORD".into(),
                    line: None,
                    kind: SecretKind::Password,
                    layer: None,
                    hidden: false,
                },
                Secret {
                    place: SecretPlace::File,
                    name: "root/.ssh/id_rsa".into(),
                    line: Some(1),
                    kind: SecretKind::PrivateKey,
                    layer: Some(0),
                    hidden: true,
                },
            ]),
            supplier: Some("Example Ltd <sales@example.org>".into()),
            licenses: vec![claim("Apache-2.0 OR MIT", "Apache-2.0 OR MIT", Basis::Declared)],
            copyright: Some("2025 Example Ltd".into()),
        },
        layers: vec![
            Layer {
                diff_id: format!("sha256:{}", "a0".repeat(32)),
                created_by: Some("/bin/sh -c #(nop) ADD x".into()),
            },
            Layer { diff_id: format!("sha256:{}", "a1".repeat(32)), created_by: None },
        ],
        components: components.into_iter().map(|component| (component.reference(), component)).collect(),
        gaps: vec![
            Gap {
                path: "var/lib/rpm/Packages".into(),
                line: Some(3),
                kind: GapKind::Unread,
                reason: "line 3 is not `K:value`".into(),
            },
            Gap {
                path: String::new(),
                line: None,
                kind: GapKind::LeftOut,
                reason: "devices are no files".into(),
            },
        ],
        base_layers: Some(1),
        license_texts: [
            ("LicenseRef-Own".to_owned(), "You may.\n\nOr not.".to_owned()),
            ("LicenseRef-unused".to_owned(), "text".to_owned()),
        ]
        .into(),
        ..Bom::default()
    };
    let reference = |name: &str| {
        bom.components
            .iter()
            .find(|(_, component)| component.name == name)
            .expect("it is in the bill")
            .0
            .clone()
    };
    let edges = [
        (bom.subject.reference(), vec![reference("shop"), reference("bash")]),
        (reference("shop"), vec![reference("lodash"), reference("@babel/core")]),
        (reference("lodash"), vec![]),
        (reference("bash"), vec![reference("org.apache.logging.log4j:log4j-core")]),
    ];
    bom.dependencies = edges.into_iter().map(|(of, needed)| (of, needed.into_iter().collect())).collect();
    bom
}

/// A directory of which little is known.
pub(crate) fn sparse() -> Bom {
    let mut library = Component::new("left-pad");
    library.licenses = vec![claim("WTFPL maybe", "", Basis::Declared)].into();
    Bom {
        subject: Subject { name: "app".into(), ..Subject::default() },
        components: [(library.reference(), library)].into(),
        ..Bom::default()
    }
}

/// Numbers that look random and are the same every time (a linear congruential generator; Knuth's constants).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = self.roll(from.len() as u64) as usize;
        &from[index]
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        (self.roll(2) == 0).then_some(value)
    }
}

const TEXTS: &[&str] = &[
    "a",
    "Name <a.b@example.org>",
    "Two  Spaces",
    "(in parentheses)",
    "line\nbreak",
    "back\\slash\\n",
    "ünïcödé ☃",
    "NOASSERTION?",
    "trailing ",
    "a=b",
    "<x@y>",
    "Org Inc.",
    "packlist:ref=evil",
    "\"quoted\"",
    "tab\there",
];
const URLS: &[&str] = &[
    "https://example.org/a?b=c#d",
    "git+https://example.org/x.git",
    "git@example.org:x",
    "not a url",
    "//x",
    "ftp://h/x",
];
const LICENSES: &[&str] = &[
    "MIT",
    "Apache-2.0 OR MIT",
    "GPL-2+",
    "GPL-2.0-only WITH Classpath-exception-2.0",
    "LicenseRef-x",
    "free as in beer",
    "MIT AND (ISC OR Zlib)",
    "Apache-1.1+",
    "LicenseRef-y OR MIT",
    "GPL-2.0-or-later WITH AdditionRef-x",
    "MIT AND GPL-2.0-or-later WITH AdditionRef-y",
    "NONE",
    "HPND-Netrek",
    "Artistic-dist",
];

/// A bill in which each field is now there and now not. The same seed gives the same bill.
pub(crate) fn mixed(seed: u64) -> Bom {
    let mut dice = Dice(seed);
    let mut bom = Bom::default();
    if dice.roll(2) == 0 {
        bom.subject.kind = SubjectKind::Image;
        bom.subject.version = dice.maybe(format!("sha256:{}", "0f".repeat(32)));
        bom.subject.manifest_digest = dice.maybe(format!("sha256:{}", "1e".repeat(32)));
        bom.subject.platform = dice.maybe("linux/arm/v7".into());
        bom.subject.created = dice.maybe("2024-01-01T00:00:00Z".into());
        for layer in 0..dice.roll(4) {
            let created_by = dice.maybe("RUN x".into());
            bom.layers.push(Layer { diff_id: format!("sha256:{layer:064}"), created_by });
        }
        bom.base_layers = dice.maybe(bom.layers.len());
    }
    bom.subject.supplier = dice
        .maybe(())
        .map(|()| (*dice.pick(&["Acme", "Acme (UK)", "two\nlines", "A <a@example.org>"])).into());
    describe_subject(&mut dice, &mut bom);
    bom.subject.name = (*dice.pick(&["app", "example.org/a/b:1", "x@y"])).into();
    for number in 0..dice.roll(7) {
        let component = component(&mut dice, number, &bom);
        let reference =
            if dice.roll(8) == 0 { Ref(format!("odd {number}").into()) } else { component.reference() };
        bom.components.insert(reference, component);
    }
    relate(&mut dice, &mut bom);
    for _ in 0..dice.roll(3) {
        bom.gaps.push(Gap {
            path: dice.maybe("etc/x".to_owned()).unwrap_or_default(),
            line: dice.maybe(7),
            kind: *dice.pick(&[GapKind::Unread, GapKind::LeftOut]),
            reason: (*dice.pick(TEXTS)).into(),
        });
    }
    for id in ["LicenseRef-x", "LicenseRef-y", "LicenseRef-z", "AdditionRef-x", "AdditionRef-y"] {
        if dice.roll(2) == 0 {
            bom.license_texts.insert(id.into(), (*dice.pick(TEXTS)).into());
        }
    }
    bom
}

/// What its maker says of it.
fn describe_subject(dice: &mut Dice, bom: &mut Bom) {
    if bom.subject.kind != SubjectKind::Image {
        bom.subject.purl = dice.maybe("pkg:npm/%40x/app@2.0?a=b").map(|purl| purl.parse().expect("a purl"));
    }
    bom.subject.copyright = dice.maybe(()).map(|()| (*dice.pick(TEXTS)).to_owned());
    for _ in 0..dice.roll(3) {
        bom.subject.licenses.push(some_claim(dice));
    }
    if dice.roll(2) == 0 {
        bom.conclude();
    }
}

fn some_claim(dice: &mut Dice) -> LicenseClaim {
    let text = *dice.pick(LICENSES);
    LicenseClaim {
        text: text.into(),
        expression: dice.maybe(()).and_then(|()| Expression::parse(text).ok()),
        basis: *dice.pick(&[Basis::Declared, Basis::Derived, Basis::Detected, Basis::Concluded]),
        path: dice.maybe(()).and_then(|()| dice.maybe("usr/share/LICENSE".into())),
        line: dice.maybe(()).and_then(|()| dice.maybe(3)),
    }
}

fn component(dice: &mut Dice, number: u64, bom: &Bom) -> Component {
    let mut component = match dice.roll(3) {
        0 => Component::new(format!("thing {number}")),
        1 => package(&format!("pkg:npm/name{number}@1.0.{number}")),
        _ => package(&format!("pkg:deb/debian/name{number}@1:2.0-{number}?arch=all")),
    };
    component.kind = *dice.pick(Kind::ALL);
    if component.purl.is_none() {
        component.version = dice.maybe("1".into());
    }
    for _ in 0..dice.roll(4) {
        component.licenses.push(some_claim(dice));
    }
    if dice.roll(2) == 0 {
        let mut alone = Bom { license_texts: bom.license_texts.clone(), ..Bom::default() };
        alone.components.insert(component.reference(), component);
        alone.conclude();
        component = alone.components.into_values().next().expect("one was put in");
    }
    component.form.file_name = dice.maybe("x-1.tgz".into());
    component.form.executable = dice.maybe(true);
    component.form.archive = dice.maybe(false);
    component.form.structured = dice.maybe(true);
    for algorithm in [HashAlgorithm::Sha256, HashAlgorithm::Sha512] {
        let hash = |digit: &str| Hash::from_hex(algorithm, &digit.repeat(algorithm.hex_digits()));
        component.hashes.extend(dice.maybe(()).and_then(|()| hash("a")));
        component.contents.extend(dice.maybe(()).and_then(|()| hash("b")));
    }
    if dice.roll(4) == 0 {
        component.hashes.retain(|hash| hash.algorithm < HashAlgorithm::Sha256);
        component.contents.extend(Hash::from_hex(HashAlgorithm::Sha1, &"c".repeat(40)));
        component.contents.sort();
    }
    let text = |dice: &mut Dice| dice.maybe(()).map(|()| (*dice.pick(TEXTS)).to_owned());
    component.supplier = text(dice);
    component.author = text(dice);
    component.copyright = text(dice);
    component.description = text(dice).map(|text| text.replace('\n', " ").trim().to_owned());
    let url = |dice: &mut Dice| dice.maybe(()).map(|()| (*dice.pick(URLS)).to_owned());
    (component.homepage, component.vcs, component.download) = (url(dice), url(dice), url(dice));
    component.source = url(dice);
    component.scope = *dice.pick(&[Scope::Required, Scope::Optional, Scope::Dev]);
    component.presence = *dice.pick(&[Presence::Installed, Presence::Declared]);
    component.first_party = dice.roll(4) == 0;
    component.asked_for = dice.roll(4) == 0;
    let layer = |dice: &mut Dice| match bom.layers.len() as u64 {
        0 => None,
        count => Some(dice.roll(count) as usize),
    };
    component.layer = layer(dice);
    if dice.roll(5) == 0 {
        component.hidden = layer(dice).map(|layer| Hidden { layer, replaced_by: None }.into());
    }
    let reason = *dice.pick(TEXTS);
    let kind = *dice.pick(StandingKind::ALL);
    component.standing = dice
        .maybe(())
        .map(|()| Standing { kind, reason: dice.maybe(reason).unwrap_or_default().to_owned() }.into());
    for place in 0..dice.roll(4) {
        component.evidence.push(Evidence {
            path: format!("path {place}"),
            line: dice.maybe(9),
            layer: dice.maybe(()).and_then(|()| layer(dice)),
            found_by: (*dice.pick(&["", "npm", "npm", "dpkg"])).into(),
            technique: *dice.pick(Technique::ALL),
            confidence: dice.roll(101) as u8,
        });
    }
    component
}

fn relate(dice: &mut Dice, bom: &mut Bom) {
    let references: Vec<Ref> = bom.components.keys().cloned().collect();
    if references.is_empty() {
        return;
    }
    // Owners come before what they own, so that none owns itself.
    for (place, reference) in references.iter().enumerate().skip(1) {
        if dice.roll(3) == 0 {
            let owner = dice.pick(&references[..place]).clone();
            let path = (*dice.pick(&["", "inner/x"])).to_owned();
            if let Some(component) = bom.components.get_mut(reference) {
                component.owner = Some(Owner { component: owner, path }.into());
            }
        }
        if let Some(hidden) =
            bom.components.get_mut(reference).and_then(|component| component.hidden.as_mut())
        {
            let by = dice.pick(&references).clone();
            hidden.replaced_by = dice.maybe(by);
        }
    }
    let subject = bom.subject.reference();
    for of in references.iter().chain([&subject]) {
        if dice.roll(2) == 0 {
            let mut needed = Needs::default();
            for _ in 0..dice.roll(3) {
                needed.extend(Some(dice.pick(&references).clone()).filter(|needed| needed != of));
            }
            bom.dependencies.insert(of.clone(), needed);
        }
    }
}

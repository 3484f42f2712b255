//! Documents: what nests, multiplies, refers, or counts beyond any number.

use packlist::reader;

use super::{Layer, Place, gaps, listed, purls, text};

#[test]
fn anchors_of_yaml_do_not_multiply() {
    let mut laughs = String::from("a0: &a0 [lol, lol]\n");
    for level in 1..64 {
        laughs.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}, *a{0}]\n", level - 1));
    }
    let lock = format!("lockfileVersion: '9.0'\n{laughs}");
    let bom = listed(vec![Layer::of(&[
        ("srv/pnpm-lock.yaml", lock.as_bytes()),
        ("srv/conda-lock.yml", laughs.as_bytes()),
    ])]);
    let gaps = gaps(&bom);
    assert!(gaps.iter().any(|gap| gap.contains("anchors, aliases and tags are not read")), "{gaps:?}");
    assert!(reader::read(format!("spdxVersion: SPDX-2.3\n{laughs}").as_bytes()).is_err());
}

const ENTITIES: &str =
    r#"<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>"#;

#[test]
fn entities_of_xml_are_not_read() {
    let pom = format!(
        "<?xml version=\"1.0\"?>{ENTITIES}<project><groupId>g</groupId><artifactId>&f;</artifactId><version>&b;</version></project>"
    );
    let bom = listed(vec![Layer::of(&[("srv/pom.xml", pom.as_bytes())])]);
    assert!(purls(&bom).is_empty(), "{:?}", purls(&bom));
    assert_eq!(gaps(&bom).len(), 1, "{:?}", gaps(&bom));
    let sbom = format!(
        "<?xml version=\"1.0\"?>{ENTITIES}<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><components><component type=\"library\"><name>&f;</name><version>&b;</version></component></components></bom>"
    );
    if let Ok(bom) = reader::read(sbom.as_bytes()) {
        for component in bom.components.values() {
            assert!(
                !component.name.contains("root:") && !component.name.contains("lol"),
                "{}",
                component.name
            );
            assert!(!component.version.as_deref().unwrap_or_default().contains("lol"));
        }
    }
}

#[test]
fn what_nests_without_end_is_an_answer() {
    let deep = 200_000;
    for (name, opening) in [
        ("package-lock.json", "{\"dependencies\":{\"a\":"),
        ("package-lock.json", "["),
        ("composer.lock", "{\"packages\":["),
        ("pnpm-lock.yaml", "{a: ["),
        ("poetry.lock", "a = [[[["),
        ("Cargo.lock", "[a.b.c.d."),
        ("pom.xml", "<project>"),
        ("mix.lock", "%{\"a\": {"),
        ("renv.lock", "{\"Packages\":{"),
        ("deno.lock", "{\"a\":["),
        ("bun.lock", "{\"a\":["),
        ("packages.config", "<packages>"),
    ] {
        let path = format!("srv/{name}");
        let bom = listed(vec![Layer::of(&[(path.as_str(), opening.repeat(deep).as_bytes())])]);
        assert!(purls(&bom).is_empty(), "{name}");
        assert!(!gaps(&bom).is_empty(), "{name}");
    }
    for opening in [
        "{\"bomFormat\":\"CycloneDX\",\"components\":[{\"components\":[",
        "{\"spdxVersion\":\"SPDX-2.3\",\"x\":[",
        "{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\",\"@graph\":[",
    ] {
        let (head, rest) = opening.split_at(opening.len() - 1);
        let text = format!("{head}{}", rest.repeat(deep));
        let _ = reader::read(text.as_bytes());
    }
    let expression = format!("{}MIT{}", "(".repeat(deep), ")".repeat(deep));
    assert!(packlist::licenses::Expression::parse(&expression).is_err());
    let chain = vec!["MIT"; 50_000].join(" AND ");
    let _ = packlist::licenses::Expression::parse(&chain).map(|expression| expression.to_string());
}

#[test]
fn numbers_beyond_all_numbers_are_texts_or_mistakes() {
    let huge = "9".repeat(10_000);
    let lock = format!(
        "{{\"lockfileVersion\": {huge}, \"packages\": {{\"node_modules/a\": {{\"version\": \"{huge}\"}}, \"node_modules/b\": {{\"version\": {huge}}}}}}}"
    );
    listed(vec![Layer::of(&[
        ("srv/package-lock.json", lock.as_bytes()),
        ("srv/requirements.txt", format!("a=={huge}\nb==1e{huge}\n").as_bytes()),
        (
            "var/lib/dpkg/status",
            format!("Package: x\nStatus: install ok installed\nVersion: {huge}:{huge}\n").as_bytes(),
        ),
        ("lib/apk/db/installed", format!("P:x\nV:{huge}\nI:{huge}\n").as_bytes()),
    ])]);
    for number in ["1e999999", "-0", "1e-999999", huge.as_str(), "18446744073709551616", "0.1e1"] {
        let sbom = format!(
            "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":{number},\"components\":[{{\"type\":\"library\",\"name\":\"a\",\"version\":{number}}}]}}"
        );
        let _ = reader::read(sbom.as_bytes());
    }
    for version in
        [huge.as_str(), "1.999999999999999999999999", "0x10", "1e10", "-1", "--1", "", ".", "~", "^"]
    {
        for ty in
            ["alpm", "apk", "cargo", "composer", "deb", "gem", "golang", "maven", "nuget", "pypi", "rpm", "x"]
        {
            let _ = packlist::versions::compare(ty, version, "1.0");
            let _ = packlist::versions::compare(ty, "1.0", version);
        }
    }
}

/// Patterns are automata: no text makes one go back.
#[test]
fn no_text_makes_a_pattern_slow() {
    let place = Place::new();
    place.put(
        "policy.toml",
        format!("schema = 1\n[[ban]]\npurl = \"pkg:npm/{}b\"\nreason = \"r\"\n", "*a".repeat(40)).as_bytes(),
    );
    let components: Vec<String> = (0..200)
        .map(|number| format!("{{\"type\":\"library\",\"name\":\"x\",\"version\":\"{number}\",\"purl\":\"pkg:npm/{}@{number}\"}}", "a".repeat(3000)))
        .collect();
    let sbom = format!(
        "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{}]}}",
        components.join(",")
    );
    place.put("sbom.json", sbom.as_bytes());
    let ran = place.run(&["check", "sbom.json", "--policy", "policy.toml"]);
    // A policy may refuse such a pattern; it may not hang on it.
    assert!(ran.status.code().is_some_and(|code| code <= 2), "{}", text(&ran.stderr));
    let paths = "a/".repeat(1500);
    listed(vec![Layer::of(&[(format!("{paths}node_modules/x/package.json").as_str(), b"{}")])]);
}

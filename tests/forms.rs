//! One document in the five forms of SPDX 2: whatever it is written in, the bill is the same.

use packlist::bom::Bom;
use packlist::reader;

fn read(name: &str, bytes: &[u8]) -> Bom {
    assert!(reader::recognises(bytes), "{name} is not recognised");
    reader::read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The documents, and what their format is called.
const FORMS: &[(&str, &[u8])] = &[
    ("SPDX 2.3 JSON", include_bytes!("forms/app.spdx.json")),
    ("SPDX 2.3 RDF", include_bytes!("forms/app.spdx.rdf")),
    ("SPDX 2.3 XML", include_bytes!("forms/app.spdx.xml")),
    ("SPDX 2.3 YAML", include_bytes!("forms/app.spdx.yaml")),
    ("SPDX 2.3 tag-value", include_bytes!("forms/app.spdx")),
];

#[test]
fn the_five_forms_of_a_document_are_one_bill() {
    let expected = read(FORMS[0].0, FORMS[0].1);
    assert_eq!(expected.gaps.len(), 0, "{:?}", expected.gaps);
    assert_eq!(expected.subject.name, "app");
    let lib = expected.components.values().find(|component| component.name == "lib").expect("it is listed");
    assert_eq!((lib.hashes.len(), lib.licenses.len(), lib.cpes.len()), (2, 4, 1));
    assert_eq!(lib.version.as_deref(), Some("1.10"));
    assert_eq!(expected.license_texts["LicenseRef-own"], "You may.\n\n  But gently: always.");
    assert_eq!(expected.dependencies.len(), 2);
    for (format, bytes) in FORMS {
        let mut bom = read(format, bytes);
        let mut origin = bom.origin.take().expect("a bill that was read has an origin");
        assert_eq!(origin.format, *format);
        origin.format.clone_from(&expected.origin.as_ref().expect("as above").format);
        assert_eq!(Some(origin), expected.origin, "{format}");
        bom.origin.clone_from(&expected.origin);
        assert_eq!(format!("{bom:#?}"), format!("{expected:#?}"), "{format}");
    }
}

#[test]
fn a_wide_encoding_is_no_other_document() {
    for (format, bytes) in FORMS {
        let text = std::str::from_utf8(bytes).expect("the documents are UTF-8");
        let little = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes));
        let big = [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes));
        for wide in [little.collect::<Vec<u8>>(), big.collect()] {
            assert_eq!(read(format, &wide), read(format, bytes), "{format}");
        }
    }
}

#[test]
fn a_document_that_stands_for_more_than_it_is_ends_all_the_same() {
    let anchored = "spdxVersion: SPDX-2.3\na: &a [x, x]\nb: &b [*a, *a]\n";
    let error = reader::read(anchored.as_bytes()).expect_err("anchors are not read").to_string();
    assert_eq!(
        error,
        "it is SPDX YAML, and line 2 is no YAML that is read here: anchors, aliases and tags are not read"
    );
    let deep = format!("spdxVersion: SPDX-2.3\npackages: {}", "[".repeat(100_000));
    assert!(reader::read(deep.as_bytes()).is_err());

    let set = |n: usize| {
        format!(
            "<spdx:ConjunctiveLicenseSet rdf:nodeID='s{n}'><spdx:member rdf:nodeID='s{}'/>\
             <spdx:member rdf:nodeID='s{}'/></spdx:ConjunctiveLicenseSet>",
            (n + 1) % 60,
            (n + 1) % 60
        )
    };
    let sets: String = (0..60).map(set).collect();
    let rdf = format!(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:spdx='http://spdx.org/rdf/terms#'>\
         <spdx:SpdxDocument rdf:about='https://example.org/a#SPDXRef-DOCUMENT'><spdx:creationInfo>\
         <spdx:CreationInfo spdx:created='2026-01-01T00:00:00Z'/></spdx:creationInfo></spdx:SpdxDocument>{sets}\
         <spdx:Package rdf:about='https://example.org/a#SPDXRef-a'><spdx:name>a</spdx:name>\
         <spdx:licenseDeclared rdf:nodeID='s0'/></spdx:Package></rdf:RDF>"
    );
    let bom = reader::read(rdf.as_bytes()).expect("the licence alone is lost");
    assert_eq!((bom.components.len(), bom.gaps.len()), (1, 1));
    assert_eq!(bom.gaps[0].reason, "package `SPDXRef-a`: `licenseDeclared` is not of the shape it should be");
}

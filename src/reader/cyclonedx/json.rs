//! A CycloneDX document in JSON, read as it streams: no more than one component is held twice.

use std::io::Read;

use serde::de::IgnoredAny;

use super::shapes::{Component, Dependency, Metadata, Properties};
use super::{add_component, add_dependency, add_metadata, deviations};
use crate::bom::Bom;
use crate::reader::ReadError;
use crate::reader::draft::Draft;
use crate::reader::lenient::{Lenient as _, Text};
use crate::reader::stream::{Json, Way, read_object_so};

const FORMAT: &str = "CycloneDX JSON";

pub(in crate::reader) fn json(input: impl Read) -> Result<Bom, ReadError> {
    json_so(Way::default(), input)
}

fn json_so(way: Way, input: impl Read) -> Result<Bom, ReadError> {
    let mut draft = Draft::with_references("components");
    let mut version = Text::default();
    read_object_so(way, &mut draft, input, FORMAT, |draft, key, json| {
        member(draft, &mut version, key, json)
    })?;
    draft.origin.format = match version.as_str() {
        "" => FORMAT.to_owned(),
        version => format!("CycloneDX {version} JSON"),
    };
    if version.is_wrong() {
        draft.gap("`specVersion` is no text");
    } else if let Some(version) = version.said() {
        deviations::of_version(&mut draft, version);
    }
    draft.finish(FORMAT)
}

fn member<R: Read>(
    draft: &mut Draft,
    version: &mut Text<'static>,
    key: &str,
    json: &mut Json<R>,
) -> Result<(), ReadError> {
    match key {
        "specVersion" => {
            *version = json.text()?;
            draft.origin.format = format!("CycloneDX {} JSON", version.as_str());
        }
        "serialNumber" => {
            draft.origin.serial = json.text()?.take();
            if let Some(serial) = draft.origin.serial.clone() {
                deviations::of_serial(draft, &serial);
            }
        }
        "bomFormat" => {
            let format = json.text()?;
            if format.as_str() != "CycloneDX" {
                draft.deviation(format!("`bomFormat` is `{}`", format.as_str()));
            }
        }
        "metadata" => json.value::<Metadata, _>(|metadata| add_metadata(draft, metadata))?,
        "components" => json.each_apart::<Component>(draft, "components", |draft, component| {
            add_component(draft, component, None);
        })?,
        "dependencies" => json.each_apart::<Dependency>(draft, "dependencies", add_dependency)?,
        "properties" => json.value::<Properties, _>(|properties| {
            draft.properties.extend(super::pairs(&properties).map(|(n, v)| (n.to_owned(), v.to_owned())));
        })?,
        "specFormat" | "version" | "$schema" => json.value::<IgnoredAny, _>(|_| ())?,
        "compositions" => draft.origin.tells_completeness = json.step_over()?,
        other => {
            if json.step_over()? {
                draft.step_over(other);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "../../../examples/mutated/mutate.rs"]
mod mutate;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;
    use std::sync::Mutex;

    use super::mutate::{Numbers, mutated};
    use super::*;

    /// What one thread reads whose window holds nearly any of the documents.
    const PLAIN: Way = Way { threads: 1, window: 256 << 10 };
    /// Windows that end in the middle of everything, with and without others who read.
    const OTHERS: &[Way] = &[
        Way { threads: 1, window: 300 },
        Way { threads: 2, window: 300 },
        Way { threads: 3, window: 2_000 },
        Way { threads: 2, window: 7_000 },
    ];

    fn said(way: Way, input: impl Read) -> Result<Bom, String> {
        json_so(way, input).map_err(|error| error.to_string())
    }

    fn compare(what: &str, text: &[u8]) {
        let plain = said(PLAIN, text);
        for way in OTHERS {
            let shown = String::from_utf8_lossy(&text[..text.len().min(1000)]);
            assert!(said(*way, text) == plain, "{what} in {way:?} otherwise than {plain:?}: {shown}");
        }
    }

    /// Ordinary ones, and all that is told of odd ones: by name and by number, and what lies inside others.
    fn component(number: usize) -> String {
        let purl = format!(r#""purl": "pkg:npm/name-{number}@1.{}""#, number % 3);
        let begin = format!(r#"{{"bom-ref": "ref-{number}", "name": "name-{number}""#);
        match number % 11 {
            3 => format!(r#"{begin}, "type": "thing", "hashes": [{{"alg": "MD6", "content": "00"}}]}}"#),
            5 => format!(
                r#"{begin}, "type": "library", "licenses": [{{"license": {{"id": "LicenseRef-{number}", "text": {{"content": "text"}}}}}}], "services": [1]}}"#
            ),
            6 => {
                let inner = (0..3).map(|inner| format!(r#"{{"bom-ref": "inner-{number}-{inner}", "name": "inner-{inner}", "type": "library"}}"#));
                format!(r#"{begin}, {purl}, "components": [{}]}}"#, inner.collect::<Vec<_>>().join(", "))
            }
            7 => format!(
                r#"{begin}, {purl}, "description": "}}, {{\"bom-ref\" é\n", "properties": [{{"name": "syft:location:0:layerID", "value": "sha256:{number}"}}]}}"#
            ),
            8 if number < 40 => r#"{"version": "1", "scope": "never"}"#.to_owned(),
            9 if number < 30 => "17".to_owned(),
            _ => format!(
                r#"{begin}, {purl}, "type": "library", "licenses": [{{"license": {{"id": "MIT"}}}}]}}"#
            ),
        }
    }

    fn document(components: usize) -> String {
        let dependency = |number: usize| {
            format!(r#"{{"ref": "ref-{number}", "dependsOn": ["ref-{}", "ref-{}"]}}"#, number / 2, number + 1)
        };
        format!(
            "{{\"components\": [\n  {}\n ],\n \"specVersion\": \"1.6\", \"dependencies\": [{}], \"bomFormat\": \"CycloneDX\"}}\n",
            (0..components).map(component).collect::<Vec<_>>().join(",\n  "),
            (0..components).map(dependency).collect::<Vec<_>>().join(","),
        )
    }

    #[test]
    fn how_it_is_read_does_not_change_what_is_read() {
        // The last has more to tell than is told.
        for components in [0, 1, 2, 3, 50, 1500] {
            compare("a document", document(components).as_bytes());
        }
        let text = document(60);
        let (before, behind) = text.split_once(" \"dependencies\"").expect("it has some");
        let dense = text.replace(", ", ",").replace(": ", ":").replace("\n", "");
        for (what, text) in [
            ("all in one line", dense),
            ("other line ends", text.replace('\n', "\r\n")),
            (
                "twice the same",
                text.replace(
                    "\"specVersion\"",
                    &format!("{},\n\"specVersion\"", &before[1..before.rfind("],").expect("a list") + 1]),
                ),
            ),
            (
                "dependencies first",
                format!(
                    "{{\"dependencies\"{}",
                    behind.replace(
                        "\"bomFormat\"",
                        &format!("{}, \"bomFormat\"", before[1..].trim().trim_end_matches(','))
                    )
                ),
            ),
            ("the same name twice", text.replace("ref-40", "ref-4")),
            ("no names", text.replace("\"bom-ref\"", "\"other\"").replace("\"name\"", "\"x\"")),
            (
                "an end too early",
                text.replace(",\n  {\"bom-ref\": \"ref-41\"", "]\n  {\"bom-ref\": \"ref-41\""),
            ),
            ("a comma too many", text.replace("\n ],\n", ",\n ],\n")),
            ("two commas", text.replace(",\n  {\"bom-ref\": \"ref-41\"", ",,\n  {\"bom-ref\": \"ref-41\"")),
            ("no comma", text.replace(",\n  {\"bom-ref\": \"ref-41\"", "\n  {\"bom-ref\": \"ref-41\"")),
            ("an odd name", text.replace("\"name-44\"", "\"\\ud800\"")),
            ("a long one", text.replace("\"name-45\"", &format!("\"{}\"", "long".repeat(9_000)))),
            (
                "a deep one",
                text.replace(
                    "\"version\": \"1\"",
                    &format!("\"x\": {}1{}", "[".repeat(130), "]".repeat(130)),
                ),
            ),
            ("a list of lists", text.replace("[\n", "[[\n").replace("\n ]", "\n ]]")),
            ("all as one text", text.replace("[\n", "\"").replace("\n ]", "\"")),
        ] {
            compare(what, text.as_bytes());
        }
    }

    #[test]
    fn what_is_wrong_is_told_as_one_thread_tells_it() {
        let text = document(60);
        for end in (0..text.len()).step_by(61) {
            compare("the beginning", &text.as_bytes()[..end]);
        }
        for seed in 1..=300 {
            compare(&format!("copy {seed}"), &mutated(text.as_bytes(), &mut Numbers::of(seed)));
        }
    }

    #[test]
    fn real_documents_are_read_the_same_and_so_are_broken_copies() {
        let golden = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")).expect("there");
        let mut paths: Vec<_> = golden.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.to_string_lossy().ends_with(".cdx.json"));
        paths.sort();
        assert!(paths.len() > 10, "{paths:?}");
        for path in paths {
            let whole = fs::read(&path).expect("readable");
            let what = path.display().to_string();
            compare(&what, &whole);
            for seed in 1..=(200_000 / whole.len()).min(10) as u64 {
                compare(&format!("{what} {seed}"), &mutated(&whole, &mut Numbers::of(seed)));
            }
        }
    }

    /// Fails once it has given what it has.
    struct Failing<'a>(&'a [u8]);

    impl Read for Failing<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(std::io::Error::other("the disk is gone")),
                count => Ok(count),
            }
        }
    }

    #[test]
    fn an_input_fails_where_it_matters() {
        let text = document(60);
        let broken = text.replace("\"name-38\"", "oops");
        for text in [&text, &broken] {
            for end in (0..text.len()).step_by(97) {
                let input = || Failing(&text.as_bytes()[..end]);
                let plain = said(PLAIN, input());
                for way in OTHERS {
                    assert_eq!(said(*way, input()), plain, "the first {end} in {way:?}");
                }
            }
        }
    }

    #[test]
    fn long_lists_are_read_in_pieces() {
        let component = |number: usize| format!(r#"{{"bom-ref": "ref-{number}", "name": "name-{number}"}}"#);
        let components: Vec<String> = (0..5_000).map(component).collect();
        let text = format!(r#"{{"components": [{}]}}"#, components.join(","));
        let pieces = Mutex::new((0, BTreeSet::new()));
        let mut draft = Draft::with_references("components");
        let way = Way { threads: 2, window: 4 << 10 };
        read_object_so(way, &mut draft, text.as_bytes(), FORMAT, |draft, _, json| {
            json.each_apart::<Component>(draft, "components", |sheet, mut component| {
                let mut pieces = pieces.lock().expect("nobody panics");
                pieces.0 += usize::from(sheet.place == 0);
                pieces.1.insert(component.name.take());
            })
        })
        .expect("it is sound");
        let (pieces, names) = pieces.into_inner().expect("nobody panics");
        assert!(pieces > 20 && names.len() == 5_000 && draft.place == 5_000, "{pieces}, {}", draft.place);
    }
}

//! What was found in texts, as bytes to be kept between runs: licence files are the same in image after image, and to
//! compare one with all licences takes longer than to read it.
//!
//! Answers are named by the digest of what was asked. Of the texts themselves they hold only those of licences that no list has,
//! as Debian's copyright files write them. They are of use only to the code and the tables that found them: [`FINDER`] must be
//! part of the name they are kept under.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::copyright::{self, Statement};
use super::detect::{self, Detection, How};
use super::expression::Expression;

/// Which code and tables found what is kept: it changes with every change of this room.
pub const FINDER: &str = env!("PACKLIST_FINDER");

/// More than this of the texts behind one answer are not kept.
const LONGEST: usize = 64 << 10;

type Asked = [u8; 32];

#[derive(Serialize, Deserialize)]
struct Kept {
    found: Vec<(Asked, Vec<KeptDetection>)>,
    said: Vec<(Asked, Option<KeptStatement>)>,
}

#[derive(Serialize, Deserialize)]
struct KeptDetection {
    expression: String,
    how: u8,
    start: usize,
    end: usize,
    /// The bits of the number: as text it might come back as its neighbour.
    confidence: u32,
}

#[derive(Serialize, Deserialize)]
struct KeptStatement {
    text: String,
    expression: Option<String>,
    line: u32,
    is_detected: bool,
    texts: BTreeMap<String, String>,
}

const HOW: [How; 3] = [How::Tag, How::Notice, How::Text];

/// All answers of this run, and those it was given. `None` where it found nothing that it was not given.
pub fn answers() -> Option<Vec<u8>> {
    if !detect::FOUND.has_new() && !copyright::SAID.has_new() {
        return None;
    }
    let found = detect::FOUND.all().into_iter().filter_map(|(asked, found)| {
        let kept: Option<Vec<KeptDetection>> = found.iter().map(kept_detection).collect();
        Some((asked, kept?))
    });
    let said = copyright::SAID.all().into_iter().filter_map(|(asked, said)| match said {
        Some(said) => Some((asked, Some(kept_statement(said)?))),
        None => Some((asked, None)),
    });
    serde_json::to_vec(&Kept { found: found.collect(), said: said.collect() }).ok()
}

/// Takes over what [`answers`] gave in another run. What is anything else is passed over.
pub fn know(answers: &[u8]) {
    let Ok(kept) = serde_json::from_slice::<Kept>(answers) else { return };
    let mut read = Expressions::default();
    let found = kept.found.into_iter().filter_map(|(asked, found)| {
        let found: Option<Vec<Detection>> = found.into_iter().map(|kept| read.detection(&kept)).collect();
        Some((asked, found?))
    });
    detect::FOUND.take_over(found.collect());
    let said = kept.said.into_iter().filter_map(|(asked, said)| match said {
        Some(said) => Some((asked, Some(read.statement(said)?))),
        None => Some((asked, None)),
    });
    copyright::SAID.take_over(said.collect());
}

/// An expression as text; `None` for one that would not come back as it is.
fn text_of(expression: &Expression) -> Option<String> {
    let text = expression.to_string();
    (Expression::parse(&text).as_ref() == Ok(expression)).then_some(text)
}

fn kept_detection(found: &Detection) -> Option<KeptDetection> {
    Some(KeptDetection {
        expression: text_of(&found.expression)?,
        how: HOW.iter().position(|how| *how == found.how)? as u8,
        start: found.bytes.start,
        end: found.bytes.end,
        confidence: found.confidence.to_bits(),
    })
}

fn kept_statement(said: Statement) -> Option<KeptStatement> {
    let length = said.text.len() + said.texts.values().map(String::len).sum::<usize>();
    if length > LONGEST {
        return None;
    }
    let expression = match &said.expression {
        Some(expression) => Some(text_of(expression)?),
        None => None,
    };
    let Statement { text, line, is_detected, texts, .. } = said;
    Some(KeptStatement { text, expression, line, is_detected, texts })
}

/// Expressions by their text: thousands of files say the same few.
#[derive(Default)]
struct Expressions(HashMap<String, Expression>);

impl Expressions {
    fn read(&mut self, text: &str) -> Option<Expression> {
        if let Some(known) = self.0.get(text) {
            return Some(known.clone());
        }
        let expression = Expression::parse(text).ok()?;
        self.0.insert(text.to_owned(), expression.clone());
        Some(expression)
    }

    fn detection(&mut self, kept: &KeptDetection) -> Option<Detection> {
        Some(Detection {
            expression: self.read(&kept.expression)?,
            how: *HOW.get(usize::from(kept.how))?,
            bytes: kept.start..kept.end,
            confidence: f32::from_bits(kept.confidence),
        })
    }

    fn statement(&mut self, kept: KeptStatement) -> Option<Statement> {
        let expression = match &kept.expression {
            Some(text) => Some(self.read(text)?),
            None => None,
        };
        let KeptStatement { text, line, is_detected, texts, .. } = kept;
        Some(Statement { text, expression, line, is_detected, texts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_comes_back_as_it_was() {
        let text = super::super::license_text("MIT").expect("a text");
        let tagged = "SPDX-License-Identifier: (GPL-2.0-or-later WITH Classpath-exception-2.0) OR MIT\n";
        let mut read = Expressions::default();
        for text in [text, tagged] {
            let found = detect::detect(text);
            assert!(!found.is_empty());
            for detection in &found {
                let kept = kept_detection(detection).expect("a usual expression");
                let json = serde_json::to_vec(&kept).expect("JSON");
                let kept = serde_json::from_slice(&json).expect("the same JSON");
                assert_eq!(read.detection(&kept).as_ref(), Some(detection));
            }
        }
        let copyright = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
                         Files: *\nCopyright: X\nLicense: GPL-2+ or X-own\n\nLicense: X-own\n Do as you like.\n";
        let said = copyright::copyright_statement(copyright).expect("a statement");
        assert_eq!(read.statement(kept_statement(said.clone()).expect("short")), Some(said));
    }

    #[test]
    fn what_is_no_answer_is_passed_over() {
        for bytes in ["", "{}", r#"{"found": [[1, 2]], "said": []}"#] {
            know(bytes.as_bytes());
        }
        let kept = |how, expression: &str| KeptDetection {
            expression: expression.to_owned(),
            how,
            start: 0,
            end: 1,
            confidence: 0,
        };
        assert_eq!(Expressions::default().detection(&kept(3, "MIT")), None);
        assert_eq!(Expressions::default().detection(&kept(0, "no expression (")), None);
    }
}

//! Names that are not what they look like: characters nobody sees, and letters of other scripts that look like Latin
//! ones, as in `lоdash` with a Cyrillic о.
//!
//! Names of people and projects are written in every script, so a foreign letter alone says nothing. Asked is whether
//! a person who reads the name could know it from another. The letters are those of Unicode's table of confusables
//! that look like one letter of the Latin alphabet in common fonts.
//! Spec: <https://www.unicode.org/reports/tr39/>

/// Letters of other scripts that look like Latin ones, by script.
const LOOK_ALIKES: &[(&str, &str)] = &[
    ("Cyrillic", "АВЕЅІЈКМНОРСТУХҮасеѕіјорухһԁԛԝѵүҫӏ"),
    ("Greek", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυικωγ"),
    ("Armenian", "ՍՕհոսցօզ"),
    ("Cherokee", "ᎪᎢᎬᎻᎷᏀᏞᏃᏢᎡᏚᎢᏙᏔᎩ"),
];

/// What is deceptive about a name. `None` for nearly all.
pub fn deception(name: &str) -> Option<String> {
    if name.is_ascii() && !name.bytes().any(|byte| byte.is_ascii_control()) {
        return None;
    }
    if let Some(hidden) = name.chars().find(|c| is_unseen(*c)) {
        return Some(format!("holds U+{:04X}, which nobody sees", hidden as u32));
    }
    let (letter, script) = name.chars().find_map(|c| Some((c, looks_latin(c)?)))?;
    let is_latin = |c: char| c.is_ascii_alphabetic();
    let is_passable = |c: char| looks_latin(c).is_some() || !c.is_alphabetic();
    (name.chars().any(is_latin) || name.chars().all(is_passable)).then(|| {
        format!("holds `{letter}` (U+{:04X}, {script}), which looks like a Latin letter", letter as u32)
    })
}

/// Characters that steer how a text is shown, or take no room in it.
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

fn looks_latin(c: char) -> Option<&'static str> {
    match c {
        '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => Some("full width"),
        '\u{1D400}'..='\u{1D7FF}' => Some("mathematical"),
        c if c.is_ascii() => None,
        c => LOOK_ALIKES.iter().find(|(_, letters)| letters.contains(c)).map(|(script, _)| *script),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_deceive() {
        for (name, what) in [
            ("l\u{43e}dash", "holds `о` (U+043E, Cyrillic), which looks like a Latin letter"),
            ("\u{440}\u{430}\u{443}", "holds `р` (U+0440, Cyrillic), which looks like a Latin letter"),
            ("r\u{3b1}ct", "holds `α` (U+03B1, Greek), which looks like a Latin letter"),
            ("\u{ff4c}odash", "holds `ｌ` (U+FF4C, full width), which looks like a Latin letter"),
            ("\u{1d425}odash", "holds `𝐥` (U+1D425, mathematical), which looks like a Latin letter"),
            ("lo\u{200b}dash", "holds U+200B, which nobody sees"),
            ("\u{202e}hsadol", "holds U+202E, which nobody sees"),
            ("a\u{1b}[31m", "holds U+001B, which nobody sees"),
        ] {
            assert_eq!(deception(name).as_deref(), Some(what), "{name}");
        }
    }

    #[test]
    fn names_of_every_script_do_not() {
        for name in [
            "lodash",
            "@scope/x_1.0-β2",
            "größe",
            "привет-мир",
            "日本語",
            "λ",
            "naïve",
            "Ελληνικά",
            "µtorrent",
            "",
        ] {
            assert_eq!(deception(name), None, "{name}");
        }
    }
}

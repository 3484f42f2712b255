//! How many pairs of versions are ordered rightly, by files you name:
//!
//! ```text
//! cargo run --release --example versions_measured deb debian-versions.txt npm semver-versions.txt
//! ```
//!
//! A line has a pair: `1.0~rc1 < 1.0`. Lines that are something else are passed over.

use std::cmp::Ordering;

use packlist::versions;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    for pair in arguments.chunks(2) {
        let [ty, path] = pair else { return eprintln!("name a type of package URL before each file") };
        match std::fs::read_to_string(path) {
            Ok(text) => measure(ty, path, &text),
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
}

fn measure(ty: &str, path: &str, text: &str) {
    let (mut right, mut count) = (0, 0);
    for line in text.lines() {
        let [a, sign, b] = line.split_whitespace().collect::<Vec<_>>()[..] else { continue };
        let expected = match sign {
            "<" => Ordering::Less,
            "=" | "==" => Ordering::Equal,
            ">" => Ordering::Greater,
            _ => continue,
        };
        count += 1;
        match versions::compare(ty, a, b) {
            Some(found) if found == expected => right += 1,
            found => println!("{ty}: {line}, found {found:?}"),
        }
    }
    println!("{path}: {right} of {count} as {ty}");
}

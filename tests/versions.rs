//! Versions in the order of their ecosystem's own tool; `tests/versions/regenerate.py` asks it again.

use std::cmp::Ordering;
use std::fs;
use std::path::Path;

use packlist::versions;

#[test]
fn versions_are_ordered_as_their_own_tools_order_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/versions");
    let (mut files, mut count, mut wrong) = (0, 0, Vec::new());
    for entry in fs::read_dir(folder).expect("the folder of pairs") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        files += 1;
        let ty = path.file_stem().and_then(|stem| stem.to_str()).expect("a type of package URL").to_owned();
        for line in fs::read_to_string(&path).expect("readable").lines() {
            let [a, sign, b] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let expected = match sign {
                "<" => Ordering::Less,
                "=" => Ordering::Equal,
                _ => Ordering::Greater,
            };
            count += 1;
            let found = (versions::compare(&ty, a, b), versions::compare(&ty, b, a));
            if found != (Some(expected), Some(expected.reverse())) {
                wrong.push(format!("{ty}: {line}, found {found:?}"));
            }
        }
    }
    assert!(files >= 8 && count > 4_000, "{files} files, {count} pairs");
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

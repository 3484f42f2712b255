//! Archives and executables of fixtures, which lie there as folders of text: `app.war/` is packed as a zip
//! archive, `tool.elf/` becomes an executable `tool` with a section for each file, the one file in `x.zstd/`
//! becomes a compressed `x`, and that in `x.hex/` the bytes that its digits say.

use std::fs;
use std::io::Write;
use std::path::Path;

/// Endings of folders that are packed as an archive under their own name.
const ARCHIVES: &[&str] = &["jar", "war"];

/// The name and content of the file that a folder stands for. `None` for folders that are what they are.
pub(crate) fn packed(folder: &Path) -> Option<(String, Vec<u8>)> {
    let name = folder.file_name()?.to_str()?;
    let ending = folder.extension()?.to_str()?;
    if ARCHIVES.contains(&ending) {
        return Some((name.to_owned(), zip(folder)));
    }
    let stem = folder.file_stem()?.to_str()?.to_owned();
    match ending {
        "elf" => Some((stem, elf(folder))),
        "zstd" => Some((stem, zstd::encode_all(fs::File::open(sorted(folder).first()?).ok()?, 1).ok()?)),
        "hex" => Some((stem, bytes_of(&fs::read_to_string(sorted(folder).first()?).ok()?))),
        _ => None,
    }
}

fn bytes_of(digits: &str) -> Vec<u8> {
    let digits: String = digits.split_whitespace().collect();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits a byte");
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn zip(folder: &Path) -> Vec<u8> {
    let mut members = Vec::new();
    collect(folder, "", &mut members);
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    zip_of(&members)
}

/// A zip archive of these members, not compressed.
pub(crate) fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let size = (content.len() as u32).to_le_bytes();
        let length = (name.len() as u16).to_le_bytes();
        let about =
            [&[10, 0, 0, 0, 0, 0, 0, 0, 0, 0], &crc.sum().to_le_bytes()[..], &size, &size, &length, &[0; 2]];
        let offset = (archive.len() as u32).to_le_bytes();
        archive.extend([b"PK\x03\x04", about.concat().as_slice(), name.as_bytes(), content].concat());
        let rest = [&[0; 10][..], &offset, name.as_bytes()];
        directory
            .extend([b"PK\x01\x02\x0a\x00", about.concat().as_slice(), rest.concat().as_slice()].concat());
    }
    let count = (members.len() as u16).to_le_bytes();
    let (start, length) = ((archive.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &length, &start, &[0; 2]].concat();
    [archive, directory, end].concat()
}

fn collect(folder: &Path, inside: &str, members: &mut Vec<(String, Vec<u8>)>) {
    for path in sorted(folder) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !path.is_dir() {
            members.push((format!("{inside}{name}"), fs::read(&path).expect("a fixture")));
        } else if let Some((name, content)) = packed(&path) {
            members.push((format!("{inside}{name}"), content));
        } else {
            collect(&path, &format!("{inside}{name}/"), members);
        }
    }
}

fn sorted(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("a fixture").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Sections in order of name. Those that are no text in a program are written as text here: `.go.buildinfo`, the
/// version of Go on its first line, and the JSON of `.dep-v0` and `.note.package`.
fn elf(folder: &Path) -> Vec<u8> {
    const HEADERS: usize = 64;
    let mut names = vec![0];
    let (mut content, mut table) = (Vec::new(), vec![0; 64]);
    let mut sections: Vec<(String, Vec<u8>)> = Vec::new();
    for path in sorted(folder) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a fixture");
        let bytes = match name.as_str() {
            ".go.buildinfo" => go_information(&text),
            ".dep-v0" => list_of_crates(&text),
            ".note.package" => package_note(text.trim()),
            _ => text.into_bytes(),
        };
        sections.push((name, bytes));
    }
    sections.push((".shstrtab".to_owned(), Vec::new()));
    for (name, bytes) in &sections {
        let name_at = names.len() as u32;
        names.extend(name.bytes().chain([0]));
        content.resize(content.len().next_multiple_of(16), 0);
        let is_names = name == ".shstrtab";
        let bytes = if is_names { &names } else { bytes };
        let (offset, length) = ((HEADERS + content.len()) as u64, bytes.len() as u64);
        table.extend([name_at, if is_names { 3 } else { 1 }].map(u32::to_le_bytes).concat());
        table.extend([3, offset, offset, length, 0, 16, 0].map(u64::to_le_bytes).concat());
        content.extend_from_slice(bytes);
    }
    content.resize(content.len().next_multiple_of(16), 0);
    let count = sections.len() as u16 + 1;
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    file.extend([0, 0, (HEADERS + content.len()) as u64].map(u64::to_le_bytes).concat());
    file.extend([0; 4]);
    file.extend([64, 56, 0, 64, count, count - 1].map(u16::to_le_bytes).concat());
    [file, content, table].concat()
}

fn list_of_crates(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).expect("in memory");
    encoder.finish().expect("in memory")
}

fn package_note(text: &str) -> Vec<u8> {
    let length = text.len() as u32 + 1;
    let mut note = [4, length, 0xcafe_1a7e].map(u32::to_le_bytes).concat();
    note.extend(b"FDO\0");
    note.extend(text.bytes());
    note.push(0);
    note.resize(note.len().next_multiple_of(4), 0);
    note
}

fn go_information(text: &str) -> Vec<u8> {
    let (version, lines) = text.split_once('\n').expect("a version of Go on the first line");
    let mut blob = [b"\xff Go buildinf:\x08\x02".as_slice(), &[0; 16]].concat();
    for text in [version, &format!("0123456789abcdef{lines}0123456789abcdef")] {
        blob.extend([text.len() as u8 | 0x80, (text.len() >> 7) as u8]);
        blob.extend(text.as_bytes());
    }
    blob
}

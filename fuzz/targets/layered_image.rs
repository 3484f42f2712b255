//! Images of several layers, made of what matters to them: files that are wanted, links, whiteouts, and names that meet.
#![no_main]

use tar::EntryType;

/// Names that meet each other, and those of readers.
const FOLDERS: &[&str] = &[
    "",
    "a",
    "a/b",
    "usr",
    "usr/lib",
    "var/lib/dpkg",
    "lib/apk/db",
    "srv/node_modules/x",
    "..",
    "a/../b",
    "x.jar!",
];
const NAMES: &[&str] = &[
    "status",
    "installed",
    "package.json",
    "package-lock.json",
    "requirements.txt",
    "os-release",
    "x.jar",
    "LICENSE",
    "Cargo.lock",
    "pom.xml",
    ".wh.a",
    ".wh..wh..opq",
    ".wh..wh.plnk",
    ".wh.",
    "b",
    "lib",
    "usr",
    "go.mod",
    "METADATA",
];
const KINDS: &[EntryType] = &[
    EntryType::Regular,
    EntryType::Directory,
    EntryType::Symlink,
    EntryType::Link,
    EntryType::Fifo,
    EntryType::GNUSparse,
    EntryType::XHeader,
    EntryType::GNULongName,
    EntryType::GNULongLink,
    EntryType::XGlobalHeader,
];

struct Made {
    kind: u8,
    place: [u8; 2],
    target: [u8; 2],
    content: Vec<u8>,
}

/// What decides is taken from the front, a byte at a time; where there is none it is 0.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn entry(&mut self) -> Made {
        let kind = self.next();
        let place = [self.next(), self.next()];
        let target = [self.next(), self.next()];
        Made { kind, place, target, content: self.content() }
    }

    fn content(&mut self) -> Vec<u8> {
        match self.next() % 5 {
            0 => Vec::new(),
            1 => {
                let (name, version) = (self.next(), self.next());
                format!("Package: p{name}\nStatus: install ok installed\nVersion: {version}\n").into_bytes()
            }
            2 => {
                let (name, version) = (self.next(), self.next());
                format!("{{\"name\": \"p{name}\", \"version\": \"{version}.0.0\"}}").into_bytes()
            }
            3 => {
                let count = self.next() % 8;
                (0..count).flat_map(|_| format!("p{}=={}\n", self.next(), self.next()).into_bytes()).collect()
            }
            _ => {
                let length = usize::from(self.next()).min(self.0.len());
                let (content, rest) = self.0.split_at(length);
                self.0 = rest;
                content.to_vec()
            }
        }
    }
}

fn chosen<T: Copy>(all: &[T], number: u8) -> T {
    all[usize::from(number) % all.len()]
}

fn path([folder, name]: [u8; 2]) -> String {
    match chosen(FOLDERS, folder) {
        "" => chosen(NAMES, name).to_owned(),
        folder => format!("{folder}/{}", chosen(NAMES, name)),
    }
}

impl Made {
    fn write(&self, tar: &mut Vec<u8>) {
        let content = &self.content;
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(chosen(KINDS, self.kind));
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        let (name, link) = (path(self.place), path(self.target));
        let raw = header.as_mut_bytes();
        raw[..name.len()].copy_from_slice(name.as_bytes());
        raw[157..157 + link.len()].copy_from_slice(link.as_bytes());
        header.set_cksum();
        tar.extend_from_slice(header.as_bytes());
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut choices = Choices(data);
    let mut layers = Vec::new();
    while !choices.0.is_empty() && layers.len() < 6 {
        let mut tar = Vec::new();
        for _ in 0..choices.next() % 40 {
            choices.entry().write(&mut tar);
        }
        tar.extend([0; 1024]);
        layers.push(tar);
    }
    packlist_fuzz::layers(&layers);
});

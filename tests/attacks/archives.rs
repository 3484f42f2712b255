//! Archives inside files: overlapping members, archives of themselves, bombs, names that climb.

use packlist::layers::Limits;

use super::common::packed::zip_of;
use super::{Layer, Place, gaps, listed, read};

const MANIFEST: &str = "META-INF/MANIFEST.MF";

/// A member of a zip archive as the directory tells of it.
struct Told<'a> {
    name: &'a str,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    header: u32,
}

fn crc(content: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    crc.sum()
}

fn deflated(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).expect("in memory");
    encoder.finish().expect("in memory")
}

fn local(name: &str) -> Vec<u8> {
    [b"PK\x03\x04", &[0; 22][..], &(name.len() as u16).to_le_bytes(), &[0; 2], name.as_bytes()].concat()
}

fn with_directory(mut archive: Vec<u8>, members: &[Told<'_>]) -> Vec<u8> {
    let start = archive.len() as u32;
    for told in members {
        archive.extend(b"PK\x01\x02\x14\0\x14\0\0\0");
        archive.extend(told.method.to_le_bytes());
        archive.extend([0; 4]);
        archive.extend([told.crc, told.packed, told.size].map(u32::to_le_bytes).concat());
        archive.extend((told.name.len() as u16).to_le_bytes());
        archive.extend([0; 12]);
        archive.extend(told.header.to_le_bytes());
        archive.extend(told.name.as_bytes());
    }
    let length = archive.len() as u32 - start;
    let count = (members.len() as u16).to_le_bytes();
    archive.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count].concat());
    archive.extend([length, start].map(u32::to_le_bytes).concat());
    archive.extend([0; 2]);
    archive
}

/// The way of the "better zip bomb": every member is the same packed megabytes.
#[test]
fn overlapping_members_come_to_no_more_than_one_file_may() {
    let zeros = vec![0; 8 << 20];
    let packed = deflated(&zeros);
    let head = local("0.jar");
    let archive = [head.as_slice(), &packed].concat();
    let names: Vec<String> = (0..2000).map(|number| format!("{number}.jar")).collect();
    let sum = crc(&zeros);
    let (length, size) = (packed.len() as u32, zeros.len() as u32);
    let told = |name| Told { name, method: 8, crc: sum, packed: length, size, header: 0 };
    // The local header names another member; nobody asks it.
    let members: Vec<Told<'_>> = names.iter().map(|name| told(name.as_str())).collect();
    let bomb = with_directory(archive, &members);
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    let bom = listed(vec![Layer::of(&[("srv/bomb.jar", &bomb)])]);
    let gaps = gaps(&bom);
    // It may come to 1100 times its size, which is a hundred megabytes and more; the rest is told once a member, to a
    // hundred.
    assert!(gaps.len() <= 110, "{}", gaps.len());
    assert!(gaps.iter().any(|gap| gap.contains("is more than the limit of")), "{gaps:?}");
    assert!(gaps.iter().any(|gap| gap.ends_with("there is more in it that could not be read than is told")));
}

/// An archive that holds itself cannot be made without luck; one whose directory names itself as its member can.
#[test]
fn an_archive_of_itself_is_opened_to_a_depth() {
    let name = "self.jar";
    let build = |told: &Told<'_>| with_directory(local(name), std::slice::from_ref(told));
    let empty = Told { name, method: 0, crc: 0, packed: 0, size: 0, header: 0 };
    let length = build(&empty).len() as u32;
    let quine = build(&Told { packed: length, size: length, ..empty });
    let bom = listed(vec![Layer::of(&[("srv/self.jar", &quine)])]);
    // What the directory says of it is not what lies there: its bytes are those behind its header.
    assert!(gaps(&bom).iter().all(|gap| gap.starts_with("srv/self.jar")), "{:?}", gaps(&bom));
    let mut nested = zip_of(&[(MANIFEST, b"Implementation-Title: deep\nImplementation-Version: 1\n")]);
    for _ in 0..50 {
        nested = zip_of(&[("x.jar", &nested), ("y.jar", &nested[..nested.len().min(10_000)])]);
    }
    let bom = listed(vec![Layer::of(&[("srv/deep.jar", &nested)])]);
    assert!(gaps(&bom).iter().any(|gap| gap.ends_with("archives in archives are opened 4 deep")));
}

#[test]
fn a_bomb_within_a_bomb_counts_against_the_outermost() {
    let zeros = vec![0; 4 << 20];
    let member = |name: &str, content: &[u8]| {
        let packed = deflated(content);
        let archive = [local(name), packed.clone()].concat();
        let told = Told {
            name,
            method: 8,
            crc: crc(content),
            packed: packed.len() as u32,
            size: content.len() as u32,
            header: 0,
        };
        with_directory(archive, &[told])
    };
    let inner = member("META-INF/maven/x/x/pom.properties", &zeros);
    let members: Vec<(String, &[u8])> =
        (0..40).map(|number| (format!("{number}.jar"), inner.as_slice())).collect();
    let members: Vec<(&str, &[u8])> = members.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let outer = member("all.war", &zip_of(&members));
    assert!(outer.len() < 16_000, "{}", outer.len());
    let bom = listed(vec![Layer::of(&[("srv/app.ear", &outer)])]);
    // 16 MiB hold three or four of forty.
    let too_large = gaps(&bom).iter().filter(|gap| gap.contains("is more than the limit of")).count();
    assert!(too_large > 30, "{:?}", gaps(&bom));
}

#[test]
fn names_of_members_stay_inside() {
    let archive = zip_of(&[
        ("../../../etc/passwd.jar", b"x"),
        ("/absolute.jar", b"x"),
        ("a/../../b.jar", b"x"),
        ("..\\windows.jar", b"x"),
        ("nul\0byte.jar", b"x"),
    ]);
    let place = Place::new();
    let jar = place.put("srv/app.jar", &archive);
    let before = jar.metadata().expect("there").len();
    let bom = read(&place.path().display().to_string(), Limits::default()).expect("a directory");
    let gaps = gaps(&bom);
    assert_eq!(gaps.iter().filter(|gap| gap.contains("climbs out of the archive")).count(), 2, "{gaps:?}");
    assert!(gaps.iter().all(|gap| gap.starts_with("srv/app.jar")), "{gaps:?}");
    assert_eq!(jar.metadata().expect("there").len(), before);
}

#[test]
fn directories_of_zips_that_lie_are_gaps() {
    let told = |size, packed, header| Told { name: "x.jar", method: 0, crc: 0, packed, size, header };
    for told in [
        told(u32::MAX, 10, 0),
        told(10, u32::MAX, 0),
        told(10, 10, u32::MAX),
        told(u32::MAX - 1, u32::MAX - 1, 0),
        Told { method: 99, ..told(1, 1, 0) },
    ] {
        let archive = with_directory(local("x.jar"), &[told]);
        assert_eq!(gaps(&listed(vec![Layer::of(&[("srv/a.jar", &archive)])])).len(), 1);
    }
}

//! Every limit on both sides: what is as large as allowed is read, what is one more is a gap or an error, as
//! `docs/limits.md` says.

mod common;

use std::fs;
use std::io::Cursor;
use std::path::Path;

use common::{Image, Layer, Packing, pack};
use packlist::bom::Bom;
use packlist::inventory::{self, ecosystems};
use packlist::layers::{LIMITS, Limits, MOST_RECORDS, Tree};
use packlist::source;

const LOCK: &str = "srv/requirements.txt";

fn image(layers: &[&[(&str, &[u8])]]) -> Vec<u8> {
    Image::of(layers.iter().map(|files| Layer::of(files)).collect()).oci_archive(Packing::Gzip)
}

/// What a source comes to: its packages and its gaps, or the error with its help.
fn scan_path(path: &Path, limits: Limits) -> Result<Bom, String> {
    let wanted = inventory::wanted(ecosystems::ALL);
    let options = source::Options { limits, ..source::Options::default() };
    let read = source::read(&path.display().to_string(), &wanted, &options);
    let snapshot = read.map_err(|error| {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        format!("{text} ({})", error.help().unwrap_or_default())
    })?;
    let tree = Tree::stack(&snapshot.extracts).with_most_records(limits.records);
    Ok(inventory::take(snapshot.subject, snapshot.layers, &tree, snapshot.gaps, ecosystems::ALL))
}

fn scan(image: &[u8], limits: Limits) -> Result<Bom, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("image.tar");
    fs::write(&path, image).expect("written");
    scan_path(&path, limits)
}

/// How many packages there are, and what was not read.
fn seen(bom: Result<Bom, String>) -> (usize, Vec<String>) {
    let bom = bom.expect("readable");
    let gaps = bom.gaps.iter().map(|gap| format!("{}: {}", gap.path, gap.reason)).collect();
    (bom.components.len(), gaps)
}

fn limits(name: &str, value: u64) -> Limits {
    let mut limits = Limits::default();
    assert!(limits.set(name, value), "{name}");
    limits
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    common::packed::zip_of(members)
}

#[test]
fn a_file() {
    let image = image(&[&[(LOCK, b"a==1\nb==2\n")]]);
    assert_eq!(seen(scan(&image, limits("file-bytes", 10))), (2, vec![]));
    let gap = "srv/requirements.txt: 10 bytes is more than the limit of 9 a file";
    assert_eq!(seen(scan(&image, limits("file-bytes", 9))), (0, vec![gap.to_owned()]));
}

#[test]
fn the_files_of_a_layer_and_of_an_image() {
    let image =
        image(&[&[("a/requirements.txt", b"a==1"), ("b/requirements.txt", b"b==1")], &[(LOCK, b"c==1")]]);
    assert_eq!(seen(scan(&image, limits("layer-bytes", 8))), (3, vec![]));
    let (count, gaps) = seen(scan(&image, limits("layer-bytes", 7)));
    assert_eq!((count, gaps.len()), (2, 1));
    assert!(gaps[0].starts_with("b/requirements.txt: the layer's wanted files are more than"), "{gaps:?}");
    assert_eq!(seen(scan(&image, limits("total-bytes", 12))).0, 3);
    let error = scan(&image, limits("total-bytes", 11)).expect_err("too much");
    assert!(error.starts_with("the image has more than 11 bytes of files to read"), "{error}");
    assert!(error.contains("--limit total-bytes="), "{error}");
}

#[test]
fn the_files_of_a_directory() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["a", "b", "c"] {
        fs::create_dir(folder.path().join(name)).expect("made");
        fs::write(folder.path().join(name).join("requirements.txt"), format!("{name}==1")).expect("written");
    }
    assert_eq!(seen(scan_path(folder.path(), limits("layer-bytes", 12))).0, 3);
    let (count, gaps) = seen(scan_path(folder.path(), limits("layer-bytes", 11)));
    assert_eq!((count, gaps.len()), (2, 1), "{gaps:?}");
    assert!(
        gaps[0].starts_with("c/requirements.txt: the directory's wanted files are more than"),
        "{gaps:?}"
    );
    // The folders and files.
    assert_eq!(seen(scan_path(folder.path(), limits("entries", 7))).1, Vec::<String>::new());
    let (_, gaps) = seen(scan_path(folder.path(), limits("entries", 5)));
    assert!(gaps[0].contains("more than 5 entries; the rest was not read"), "{gaps:?}");
}

#[test]
fn entries() {
    let image = image(&[&[("a", b""), ("b", b"")], &[("c", b"")]]);
    assert!(scan(&image, limits("entries", 3)).is_ok());
    // Together too many, and one of them alone: told alike.
    for most in [2, 1] {
        let error = scan(&image, limits("entries", most)).expect_err("too many");
        assert!(error.starts_with(&format!("the image has more than {most} entries")), "{error}");
    }
}

#[test]
fn paths() {
    let path = format!("{}requirements.txt", "d/".repeat(50));
    let image = image(&[&[(&path, b"a==1")]]);
    let length = path.len() as u64;
    assert_eq!(seen(scan(&image, limits("path-bytes", length))), (1, vec![]));
    let (count, gaps) = seen(scan(&image, limits("path-bytes", length - 1)));
    assert_eq!(count, 0);
    assert!(gaps[0].ends_with("longer than the limit of 115 bytes"), "{gaps:?}");
}

#[test]
fn archives() {
    let inner = zip(&[("META-INF/MANIFEST.MF", b"Implementation-Title: x\nImplementation-Version: 1\n")]);
    let outer = zip(&[("WEB-INF/lib/x-1.jar", &inner)]);
    let image = image(&[&[("srv/app.war", &outer)]]);
    let length = outer.len() as u64;
    assert_eq!(seen(scan(&image, limits("archive-bytes", length))).1, Vec::<String>::new());
    let (_, gaps) = seen(scan(&image, limits("archive-bytes", length - 1)));
    assert!(gaps[0].contains("to be looked into"), "{gaps:?}");
    assert_eq!(seen(scan(&image, limits("archive-depth", 2))).1, Vec::<String>::new());
    let (_, gaps) = seen(scan(&image, limits("archive-depth", 1)));
    assert_eq!(gaps, ["srv/app.war!/WEB-INF/lib/x-1.jar: archives in archives are opened 1 deep"]);
    let unpacked = (inner.len() + 51) as u64;
    assert_eq!(seen(scan(&image, limits("inside-bytes", unpacked))).1, Vec::<String>::new());
    let (_, gaps) = seen(scan(&image, limits("inside-bytes", inner.len() as u64 - 1)));
    assert!(gaps[0].contains("is more than the limit of"), "{gaps:?}");
}

#[test]
fn executables() {
    let program = [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0".as_slice(), &[0; 182]].concat();
    let image = image(&[&[("srv/program", &program)]]);
    assert_eq!(seen(scan(&image, limits("executable-bytes", 200))).1, Vec::<String>::new());
    let (_, gaps) = seen(scan(&image, limits("executable-bytes", 199)));
    assert_eq!(gaps, ["srv/program: 200 bytes is more than the limit of 199 to be looked into"]);
}

#[test]
fn what_a_layer_unpacks_to() {
    let layer = Layer::of(&[(LOCK, b"a==1"), ("srv/zeros", &vec![0; 3 << 20])]);
    let length = layer.0.len() as u64;
    let packed = pack(&layer.0, Packing::Gzip).len() as u64;
    let image = Image::of(vec![layer]);
    for packing in [Packing::Gzip, Packing::Zstd] {
        let archive = image.oci_archive(packing);
        assert_eq!(seen(scan(&archive, limits("unpacked-bytes", length))), (1, vec![]));
        let error = scan(&archive, limits("unpacked-bytes", length - 1)).expect_err("too much");
        assert!(
            error.contains(&format!("it unpacks to more than the limit of {} bytes", length - 1)),
            "{error}"
        );
        assert!(error.contains("--limit unpacked-bytes="), "{error}");
    }
    // Ratios count from a gigabyte on: the arithmetic is tested where it lies.
    assert!(Limits::default().of_layer(Some(packed)) > length);
    assert!(scan(&image.oci_archive(Packing::Zstd), limits("ratio", 1)).is_ok());
}

#[test]
fn packages_of_one_file() {
    let image = image(&[&[(LOCK, b"a==1\nb==2\nc==3\n")]]);
    assert_eq!(seen(scan(&image, limits("records", 3))), (3, vec![]));
    let (count, gaps) = seen(scan(&image, limits("records", 2)));
    assert_eq!(count, 2);
    assert_eq!(
        gaps,
        ["srv/requirements.txt: it names more packages than the limit of one file: 1 are not listed"]
    );
}

#[test]
fn more_mistakes_of_one_file_than_a_person_reads_are_counted() {
    let text = "!!! no requirement\n".repeat(5000);
    let image = image(&[&[(LOCK, text.as_bytes())]]);
    let (_, gaps) = seen(scan(&image, Limits::default()));
    assert!(gaps.len() <= 1000, "{}", gaps.len());
    assert!(gaps.iter().any(|gap| gap.ends_with("more parts of it could not be read")), "{:?}", &gaps[..2]);
}

/// A reader of tars believes what a header says of the length of a name, and holds it in memory.
#[test]
fn names_that_never_end_are_no_names() {
    for kind in [tar::EntryType::GNULongName, tar::EntryType::GNULongLink, tar::EntryType::XHeader] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_path("././@LongLink").expect("short");
        header.set_size(64 << 20);
        header.set_cksum();
        let mut tar = header.as_bytes().to_vec();
        tar.resize(tar.len() + (64 << 20), b'a');
        tar.extend(Layer::of(&[(LOCK, b"a==1")]).0);
        let error = scan(&Image::of(vec![Layer(tar.clone())]).oci_archive(Packing::Gzip), Limits::default());
        let error = error.expect_err("no layer");
        assert!(error.contains("what stands before one entry is more than 1048576 bytes"), "{error}");
        let error = scan(&tar, Limits::default()).expect_err("no image");
        assert!(error.contains("what stands before one entry is more than 1048576 bytes"), "{error}");
        let named = packlist::layers::extract(
            Cursor::new(&tar),
            &inventory::wanted(ecosystems::ALL),
            &Default::default(),
            &Limits::default(),
        );
        assert!(named.is_err());
    }
}

/// The page has a row for each limit, with its default.
#[test]
fn the_page_says_what_holds() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits.md")).expect("the page");
    for limit in LIMITS {
        let value = (limit.get)(&Limits::default());
        let shown = match value {
            _ if !limit.is_bytes => value.to_string(),
            value if value % (1 << 30) == 0 => format!("{}GiB", value >> 30),
            value if value % (1 << 20) == 0 => format!("{}MiB", value >> 20),
            value => value.to_string(),
        };
        let row = format!("| `{}` | {shown} |", limit.name);
        assert!(page.contains(&row), "docs/limits.md has no row that begins {row}");
    }
    assert_eq!(MOST_RECORDS, 1_000_000);
}

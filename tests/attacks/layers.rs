//! Layers: names that climb, links in circles, whiteouts of whiteouts, things that are no files.

use tar::EntryType;

use super::{Tar, gaps, listed, purls};

#[test]
fn names_that_climb_out_are_told_and_read_nothing() {
    let layer = Tar::new()
        .file("../../srv/requirements.txt", "climbed==1")
        .file("srv/../../requirements.txt", "climbed==2")
        .file("/srv/requirements.txt", "absolute==1")
        .file("srv/x/../y/requirements.txt", "within==1")
        .layer();
    let bom = listed(vec![layer]);
    assert_eq!(purls(&bom), ["pkg:pypi/absolute@1", "pkg:pypi/within@1"]);
    let gaps = gaps(&bom);
    assert_eq!(gaps.iter().filter(|gap| gap.ends_with("climbs out of the layer")).count(), 2, "{gaps:?}");
}

#[test]
fn links_that_climb_out_stop_at_the_root() {
    let layer = Tar::new()
        .file("etc/requirements.txt", "inside==1")
        .symlink("srv/requirements.txt", "../../../../etc/requirements.txt")
        .symlink("lib", "/../../etc")
        .file("lib/poetry.lock", "[[package]]\nname = \"linked\"\nversion = \"1\"\n")
        .hardlink("opt/requirements.txt", "../../../../etc/passwd")
        .layer();
    assert_eq!(purls(&listed(vec![layer])), ["pkg:pypi/inside@1", "pkg:pypi/linked@1"]);
}

#[test]
fn links_in_circles_end() {
    let mut tar = Tar::new()
        .symlink("a", "b")
        .symlink("b", "a")
        .symlink("self", "self")
        .symlink("deep/requirements.txt", "requirements.txt")
        .file("a/requirements.txt", "lost==1")
        .hardlink("h1", "h2")
        .hardlink("h2", "h1")
        .hardlink("h3", "h3");
    for number in 0..200 {
        tar = tar.symlink(&format!("chain{number}"), &format!("chain{}", number + 1));
    }
    let layer =
        tar.file("chain0/requirements.txt", "chained==1").file("srv/requirements.txt", "there==1").layer();
    assert_eq!(purls(&listed(vec![layer])), ["pkg:pypi/there@1"]);
}

#[test]
fn whiteouts_hide_what_lies_below_and_nothing_else() {
    let base = Tar::new().file("srv/requirements.txt", "below==1").file("srv/.wh", "no whiteout").layer();
    let above = Tar::new()
        .file("srv/.wh..wh.requirements.txt", "")
        .file("srv/.wh..wh..wh..opq", "")
        .file("srv/.wh.", "")
        .file(".wh...", "")
        .file("opt/.wh.requirements.txt", "")
        .file("opt/requirements.txt", "own==1")
        .layer();
    assert_eq!(purls(&listed(vec![base, above])), ["pkg:pypi/below@1", "pkg:pypi/own@1"]);
    let base = Tar::new().file("srv/requirements.txt", "below==1").layer();
    let whiteout = Tar::new().file(".wh.srv", "").file(".wh.srv/requirements.txt", "odd==1").layer();
    let again = Tar::new().file(".wh..wh.srv", "").layer();
    assert_eq!(purls(&listed(vec![base, whiteout, again])), ["pkg:pypi/odd@1"]);
}

#[test]
fn devices_and_pipes_are_names_and_no_files() {
    let kinds = [EntryType::Char, EntryType::Block, EntryType::Fifo, EntryType::new(b'Z')];
    let mut tar = Tar::new();
    for (number, kind) in kinds.into_iter().enumerate() {
        tar = tar.entry(kind, format!("{number}/requirements.txt").as_bytes(), b"", b"");
    }
    assert_eq!(
        purls(&listed(vec![tar.file("srv/requirements.txt", "there==1").layer()])),
        ["pkg:pypi/there@1"]
    );
}

#[test]
fn the_last_of_two_entries_of_one_name_is_right() {
    let layer = Tar::new()
        .file("srv/requirements.txt", "first==1")
        .file("./srv//requirements.txt", "second==1")
        .layer();
    assert_eq!(purls(&listed(vec![layer])), ["pkg:pypi/second@1"]);
}

#[test]
fn names_that_are_no_utf8_are_read_and_written_as_what_they_are() {
    let layer = Tar::new()
        .entry(EntryType::Regular, b"srv\xff\xfe/requirements.txt", b"", b"odd==1")
        .entry(EntryType::Regular, "srv\u{202e}/requirements.txt".as_bytes(), b"", b"steered==1")
        .layer();
    let bom = listed(vec![layer]);
    assert_eq!(purls(&bom), ["pkg:pypi/odd@1", "pkg:pypi/steered@1"]);
    let places: Vec<&str> =
        bom.components.values().flat_map(|one| &one.evidence).map(|place| &*place.path).collect();
    assert!(places.contains(&"srv\\xff\\xfe/requirements.txt"), "{places:?}");
}

/// Each mark was a call of its own once, and the stack ended before they did.
#[test]
fn a_name_of_exclamation_marks_is_a_name() {
    let name = "!".repeat(900_000);
    assert_eq!(packlist::layers::clean(name.as_bytes()).map(|path| path.len()), Some(4 * 900_000));
    assert_eq!(packlist::layers::clean(b"a!/b!!").as_deref(), Some("a\\x21/b\\x21\\x21"));
}

#[test]
fn sizes_that_lie_are_a_broken_layer() {
    for size in [u64::MAX, 1 << 62, 1 << 33, 1 << 20] {
        let mut header = tar::Header::new_gnu();
        header.set_path("srv/requirements.txt").expect("short");
        header.set_size(size);
        header.set_cksum();
        let layer = super::Layer([header.as_bytes().as_slice(), b"a==1"].concat());
        let place = super::Place::new();
        let image = super::Image::of(vec![layer]).oci_archive(super::Packing::Plain);
        let image = place.put("image.tar", &image);
        match super::read(&image.display().to_string(), packlist::layers::Limits::default()) {
            Err(error) => assert!(error.contains("layer"), "{error}"),
            // More than may be read is passed over before it is missed.
            Ok(bom) => assert!(!gaps(&bom).is_empty(), "{size}"),
        }
    }
}

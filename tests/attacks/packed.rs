//! What unpacks to more than it should: bombs of gzip and zstd, data behind data, archives of themselves.

use std::io::Write;

use packlist::bom::Bom;
use packlist::layers::Limits;
use packlist::source::{Options, Verify};

use super::common::{Image, Layer, Packing, pack, sha256};
use super::{Place, read_with};

/// An image whose one layer is `blob`, which unpacks to something of this digest.
fn image_of(blob: &[u8], diff_id: &str) -> Vec<u8> {
    let mut files = Image::of(vec![Layer(Vec::new())]).oci_files(Packing::Gzip);
    let name = |bytes: &[u8]| format!("blobs/sha256/{}", &sha256(bytes)[7..]);
    let config = serde_json::json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [diff_id]}});
    let config = config.to_string().into_bytes();
    let manifest = serde_json::json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": sha256(&config), "size": config.len()},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": sha256(blob), "size": blob.len()}],
    });
    let manifest = manifest.to_string().into_bytes();
    let index = serde_json::json!({"schemaVersion": 2, "manifests": [{
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": sha256(&manifest), "size": manifest.len()}]});
    files.truncate(1);
    files.push(("index.json".to_owned(), index.to_string().into_bytes()));
    files.extend([config, manifest, blob.to_vec()].map(|bytes| (name(&bytes), bytes)));
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Layer::of(&files).0
}

fn scanned(blob: &[u8], diff_id: &str, limits: Limits) -> Result<Bom, String> {
    scanned_with(blob, diff_id, Options { limits, ..Options::default() })
}

fn scanned_with(blob: &[u8], diff_id: &str, options: Options) -> Result<Bom, String> {
    let place = Place::new();
    let image = place.put("image.tar", &image_of(blob, diff_id));
    read_with(&image.display().to_string(), &options)
}

const NOBODY: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// The header of a file so large that the bomb lies in its body.
fn large_file() -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path("srv/zeros").expect("short");
    header.set_size(1 << 40);
    header.set_cksum();
    header.as_bytes().to_vec()
}

#[test]
fn a_bomb_of_gzip_is_stopped() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&large_file()).expect("in memory");
    let zeros = vec![0; 1 << 20];
    (0..128).for_each(|_| encoder.write_all(&zeros).expect("in memory"));
    let bomb = encoder.finish().expect("in memory");
    assert!(bomb.len() < 200_000);
    let error = scanned(&bomb, NOBODY, Limits { unpacked_bytes: 64 << 20, ..Limits::default() });
    let error = error.expect_err("stopped");
    assert!(error.contains("it unpacks to more than the limit of 67108864 bytes"), "{error}");
}

/// A block of zstd may say "so many times this byte": four gigabytes in a few hundred kilobytes.
#[test]
fn a_bomb_of_zstd_is_stopped_by_its_ratio() {
    let magic = [0x28, 0xb5, 0x2f, 0xfd];
    // No checksum, no size; a window of 128 KiB.
    let mut bomb = [&magic[..], &[0, 0x38]].concat();
    let head = large_file();
    bomb.extend(&((head.len() as u32) << 3).to_le_bytes()[..3]);
    bomb.extend(head);
    let block: u32 = 128 << 10;
    let repeated = &((block << 3) | 1 << 1).to_le_bytes()[..3];
    (0..(9_u64 << 30) / u64::from(block)).for_each(|_| bomb.extend([repeated, &[0]].concat()));
    assert!(bomb.len() < 400_000, "{}", bomb.len());
    let error = scanned(&bomb, NOBODY, Limits::default()).expect_err("stopped");
    assert!(error.contains("it unpacks to more than the limit of 1073741824 bytes"), "{error}");
}

#[test]
fn data_behind_the_layer_is_part_of_its_diff_id() {
    let layer = Layer::of(&[("srv/requirements.txt", b"a==1")]);
    let whole = pack(&layer.0, Packing::Gzip);
    let more = Layer::of(&[("opt/requirements.txt", b"b==2")]);
    let smuggled = [whole.as_slice(), &pack(&more.0, Packing::Gzip)].concat();
    let strict = Options { verify: Verify::DiffIds, ..Options::default() };
    let error = scanned_with(&smuggled, &layer.diff_id(), strict).expect_err("another layer");
    assert!(error.contains("is not what its digest says"), "{error}");
    // Nobody who unpacks a tar looks behind its end.
    let seen =
        scanned(&smuggled, &layer.diff_id(), Limits::default()).expect("the blob is what it is called");
    let names: Vec<&str> = seen.components.values().map(|component| component.name.as_str()).collect();
    assert_eq!(names, ["a"]);
    let garbage = [whole.as_slice(), b"garbage"].concat();
    assert!(scanned(&garbage, &layer.diff_id(), Limits::default()).is_err());
    assert!(scanned(&whole[..whole.len() / 2], &layer.diff_id(), Limits::default()).is_err());
}

/// Nobody unpacks what comes out of a layer again: a gzip that unpacks to itself is a layer that is no tar.
#[test]
fn layers_are_unpacked_once() {
    let inner = pack(&Layer::of(&[("srv/requirements.txt", b"a==1")]).0, Packing::Gzip);
    let outer = pack(&inner, Packing::Gzip);
    assert!(scanned(&outer, &sha256(&inner), Limits::default()).is_err());
}

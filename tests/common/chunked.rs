//! Layers that say what they hold and where: eStargz and zstd:chunked.

use std::io::Write;

use serde_json::{Value, json};

use super::sha256;

/// What an entry of a layer is.
#[derive(Clone)]
pub(crate) enum What {
    Directory,
    File(Vec<u8>),
    Symlink(&'static str),
    Hardlink(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Small files share a member where that is so.
    Estargz {
        sharing: bool,
    },
    ZstdChunked,
}

/// A layer as it lies in a registry.
pub(crate) struct Chunked {
    pub(crate) blob: Vec<u8>,
    pub(crate) diff_id: String,
    pub(crate) media_type: &'static str,
    pub(crate) annotations: Value,
}

/// Bytes of one chunk.
pub(crate) const CHUNK: usize = 32 << 10;

/// What shares a member is together no more.
const SHARED: usize = 8 << 10;

struct Packer {
    kind: Kind,
    blob: Vec<u8>,
    tar: Vec<u8>,
    /// What the member that begins where the blob ends holds until now.
    open: Vec<u8>,
    holds_files: bool,
    entries: Vec<Value>,
}

/// Packs a layer. Its maker may say something else of it than is so.
pub(crate) fn pack(kind: Kind, entries: &[(&str, What)], lie: impl FnOnce(&mut Value)) -> Chunked {
    let (blob, tar, holds_files) = (Vec::new(), Vec::new(), false);
    let mut packer = Packer { kind, blob, tar, open: Vec::new(), holds_files, entries: Vec::new() };
    if let Kind::Estargz { .. } = kind {
        packer.add(".no.prefetch.landmark", &What::File(vec![0xf]));
    }
    for (name, what) in entries {
        packer.add(name, what);
    }
    packer.close();
    let mut toc = json!({"version": 1, "entries": std::mem::take(&mut packer.entries)});
    lie(&mut toc);
    packer.finish(toc.to_string().as_bytes())
}

impl Packer {
    fn add(&mut self, name: &str, what: &What) {
        let (kind, target, content) = match what {
            What::Directory => (tar::EntryType::Directory, "", &[][..]),
            What::File(content) => (tar::EntryType::Regular, "", content.as_slice()),
            What::Symlink(target) => (tar::EntryType::Symlink, *target, &[][..]),
            What::Hardlink(target) => (tar::EntryType::Link, *target, &[][..]),
        };
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.as_mut_bytes()[157..157 + target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        self.put(header.as_bytes());
        let word = match what {
            What::Directory => "dir",
            What::File(_) => "reg",
            What::Symlink(_) => "symlink",
            What::Hardlink(_) => "hardlink",
        };
        let mut entry = json!({"type": word, "name": name, "mode": 0o755, "modtime": "2026-01-02T03:04:05Z"});
        if !target.is_empty() {
            entry["linkName"] = json!(target);
        }
        if !content.is_empty() {
            entry["size"] = json!(content.len());
            entry["digest"] = json!(sha256(content));
        }
        let first = self.entries.len();
        self.entries.push(entry);
        let count = content.chunks(CHUNK).count();
        for (number, chunk) in content.chunks(CHUNK).enumerate() {
            self.chunk(name, chunk, number, count);
        }
        self.put(&vec![0; content.len().next_multiple_of(512) - content.len()]);
        if self.kind == Kind::ZstdChunked && count > 0 {
            // Its last frame was closed before the padding was put.
            self.entries[first]["endOffset"] = json!(self.blob.len());
        }
    }

    fn chunk(&mut self, name: &str, chunk: &[u8], number: usize, count: usize) {
        let shares = self.kind == Kind::Estargz { sharing: true } && self.holds_files && count == 1;
        if !shares || self.open.len() > SHARED {
            self.close();
            self.holds_files = true;
        }
        if number > 0 {
            self.entries.push(json!({"type": "chunk", "name": name, "chunkOffset": number * CHUNK}));
        }
        let entry = self.entries.last_mut().expect("the file's");
        entry["offset"] = json!(self.blob.len());
        if !self.open.is_empty() {
            entry["innerOffset"] = json!(self.open.len());
        }
        if count > 1 {
            entry["chunkSize"] = json!(chunk.len());
        }
        // A single frame of zstd:chunked has the file's digest only.
        if count > 1 || self.kind != Kind::ZstdChunked {
            entry["chunkDigest"] = json!(sha256(chunk));
        }
        self.put(chunk);
        if self.kind == Kind::ZstdChunked {
            self.close();
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.tar.extend(bytes);
        self.open.extend(bytes);
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            let member = match self.kind {
                Kind::Estargz { .. } => gzip(&self.open),
                Kind::ZstdChunked => zstd::encode_all(self.open.as_slice(), 1).expect("in memory"),
            };
            self.blob.extend(member);
            self.open.clear();
        }
        self.holds_files = false;
    }

    fn finish(mut self, toc: &[u8]) -> Chunked {
        match self.kind {
            Kind::Estargz { .. } => {
                let at = self.blob.len();
                let mut header = tar::Header::new_gnu();
                header.set_size(toc.len() as u64);
                header.set_path("stargz.index.json").expect("short");
                header.set_cksum();
                self.put(header.as_bytes());
                self.put(toc);
                self.put(&vec![0; toc.len().next_multiple_of(512) - toc.len() + 1024]);
                self.close();
                let head = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 26, 0, b'S', b'G', 22, 0];
                self.blob.extend([&head, format!("{at:016x}STARGZ").as_bytes()].concat());
                self.blob.extend([1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]);
                let annotations = json!({"containerd.io/snapshot/stargz/toc.digest": sha256(toc)});
                self.packed("application/vnd.oci.image.layer.v1.tar+gzip", annotations)
            }
            Kind::ZstdChunked => {
                self.put(&[0; 1024]);
                self.close();
                let packed = zstd::encode_all(toc, 3).expect("in memory");
                let at = self.blob.len() + 8;
                let numbers =
                    [at, packed.len(), toc.len(), 1, 0, 0, 0].map(|number| (number as u64).to_le_bytes());
                let footer = [numbers.concat().as_slice(), b"GNUlInUx"].concat();
                let position = format!("{at}:{}:{}:1", packed.len(), toc.len());
                let digest = sha256(&packed);
                for skipped in [packed, footer] {
                    self.blob.extend([0x50, 0x2a, 0x4d, 0x18]);
                    self.blob.extend((skipped.len() as u32).to_le_bytes());
                    self.blob.extend(skipped);
                }
                let annotations = json!({
                    "io.github.containers.zstd-chunked.manifest-checksum": digest,
                    "io.github.containers.zstd-chunked.manifest-position": position,
                });
                self.packed("application/vnd.oci.image.layer.v1.tar+zstd", annotations)
            }
        }
    }

    fn packed(self, media_type: &'static str, annotations: Value) -> Chunked {
        Chunked { diff_id: sha256(&self.tar), blob: self.blob, media_type, annotations }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

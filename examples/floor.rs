//! What unpacking alone costs: every layer of an OCI layout is unpacked with zlib-rs and hashed as it is packed, on as
//! many threads as a scan uses, and nothing else is done.
//!
//! ```text
//! cargo run --release --example floor LAYOUT
//! ```

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use flate2::bufread::MultiGzDecoder;
use serde_json::Value;
use sha2::{Digest, Sha256};

const CHUNK: usize = 256 << 10;

fn main() -> io::Result<()> {
    let Some(layout) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("name an OCI layout");
        return Ok(());
    };
    let layers = layers(&layout)?;
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(layers.len().max(1));
    let unpacked = thread::scope(|scope| {
        let work = || -> io::Result<u64> {
            let mut bytes = 0;
            while let Some(layer) = layers.get(next.fetch_add(1, Ordering::Relaxed)) {
                bytes += pass(layer)?;
            }
            Ok(bytes)
        };
        let helpers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        helpers.into_iter().map(|helper| helper.join().unwrap_or(Ok(0))).sum::<io::Result<u64>>()
    })?;
    println!("{} layers, {unpacked} bytes", layers.len());
    Ok(())
}

/// The blobs of the layers of the first image of a layout.
fn layers(layout: &Path) -> io::Result<Vec<PathBuf>> {
    let read = |path: &Path| -> io::Result<Value> { Ok(serde_json::from_reader(File::open(path)?)?) };
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap_or_default();
        layout.join("blobs").join(digest.replace(':', "/"))
    };
    let mut document = read(&layout.join("index.json"))?;
    while let Some(first) = document["manifests"].get(0) {
        document = read(&blob(first))?;
    }
    Ok(document["layers"].as_array().into_iter().flatten().map(blob).collect())
}

fn pass(layer: &Path) -> io::Result<u64> {
    let mut packed =
        BufReader::with_capacity(CHUNK, Hashing { data: File::open(layer)?, hash: Sha256::new() });
    let is_gzip = packed.fill_buf()?.starts_with(b"\x1f\x8b");
    let length = match is_gzip {
        true => length_of(&mut MultiGzDecoder::new(&mut packed))?,
        false => length_of(&mut packed)?,
    };
    io::copy(&mut packed, &mut io::sink())?;
    std::hint::black_box(packed.into_inner().hash.finalize());
    Ok(length)
}

fn length_of(data: &mut impl Read) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK];
    let mut length = 0;
    loop {
        match data.read(&mut chunk)? {
            0 => return Ok(length),
            count => length += count as u64,
        }
    }
}

struct Hashing<R> {
    data: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.data.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

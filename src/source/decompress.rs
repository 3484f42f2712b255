//! Layers as they are packed: gzip, zstd or not at all, told by content and not by media type.

use std::fmt;
use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

impl Compression {
    /// By the first bytes of the data.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            // A zstd stream may open with a skippable frame.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// What unpacks it on a command line.
    pub fn command(self) -> &'static str {
        match self {
            Self::None => "cat",
            Self::Gzip => "gunzip",
            Self::Zstd => "unzstd",
            Self::Bzip2 => "bunzip2",
            Self::Xz => "unxz",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        })
    }
}

/// A reader of the uncompressed data.
///
/// # Errors
/// For compressions no container runtime accepts as a layer.
pub(super) fn decompressed<'a>(
    compression: Compression,
    data: impl BufRead + 'a,
) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match compression {
        Compression::None => Box::new(data),
        Compression::Gzip => Box::new(Gzip::Member(Box::new(GzDecoder::new(data)))),
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(data)?),
        other => {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("{other} layers are not supported"),
            ));
        }
    })
}

/// gzip with any number of members, as parallel compressors and eStargz write it, and with the zero padding
/// that some tools leave at the end.
enum Gzip<R: BufRead> {
    Member(Box<GzDecoder<R>>),
    Ended,
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Self::Member(member) = self else { return Ok(0) };
            let count = member.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let Self::Member(member) = std::mem::replace(self, Self::Ended) else { return Ok(0) };
            let mut rest = member.into_inner();
            if another_member(&mut rest)? {
                *self = Self::Member(Box::new(GzDecoder::new(rest)));
            }
        }
    }
}

/// Whether a further member follows. Zeros are read away; anything else is an error.
fn another_member(rest: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let buffered = rest.fill_buf()?;
        let Some(first) = buffered.first() else { return Ok(false) };
        match first {
            0x1f => return Ok(true),
            0 => {
                let zeros = buffered.iter().take_while(|byte| **byte == 0).count();
                rest.consume(zeros);
            }
            _ => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "there is other data behind the gzip stream",
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression as Level;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
        encoder.write_all(content).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn read(data: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        decompressed(Compression::of(data), data)?.read_to_end(&mut content)?;
        Ok(content)
    }

    #[test]
    fn all_members_of_a_gzip_are_one_layer() {
        let data = [gzip(b"one "), gzip(b""), gzip(b"two")].concat();
        assert_eq!(read(&data).expect("whole"), b"one two");
    }

    #[test]
    fn zeros_behind_a_gzip_are_padding_and_other_bytes_are_not() {
        let padded = [gzip(b"one"), vec![0; 600_000]].concat();
        assert_eq!(read(&padded).expect("padded"), b"one");
        let littered = [gzip(b"one"), b"litter".to_vec()].concat();
        assert!(read(&littered).is_err());
    }

    #[test]
    fn a_truncated_stream_is_an_error() {
        let whole = gzip(&[7; 100_000]);
        assert!(read(&whole[..whole.len() - 4]).is_err());
        let whole = zstd::encode_all(&b"hello hello hello"[..], 1).expect("in memory");
        assert_eq!(read(&whole).expect("whole"), b"hello hello hello");
        assert!(read(&whole[..whole.len() - 2]).is_err());
    }

    #[test]
    fn what_is_not_compressed_comes_as_it_is() {
        assert_eq!(read(b"plain").expect("whole"), b"plain");
    }

    #[test]
    fn a_compression_no_runtime_reads_is_refused() {
        assert!(read(b"BZh91AY&SY").is_err());
    }
}

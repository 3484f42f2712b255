//! What an input may cost: every bound that a user may move, in one value.
//!
//! Bounds that belong to one format (how deep its values nest, how long its headers are) are constants beside that
//! format's reader; `docs/limits.md` has both. What is left out because of a limit is a gap of the list; where going on
//! would make the list a wrong one, it is an error.

/// What may be read, unpacked and kept, so that no input decides how much memory and time we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one wanted file. A larger one is a gap.
    pub file_bytes: u64,
    /// Bytes of all wanted files of one layer, or of a directory. What comes after is a gap.
    pub layer_bytes: u64,
    /// Bytes of all wanted files of an image. More is an error.
    pub total_bytes: u64,
    /// Entries of an image, all layers together: more is an error. Of a directory; the rest is a gap.
    pub entries: usize,
    /// Bytes of one path, or of the target of a link. A longer one is a gap.
    pub path_bytes: usize,
    /// Bytes of an archive of a layer, or of an archive inside another: it is held in memory while it is looked
    /// into, one a level and thread. A larger one is a gap. Archives of directories lie on a disk and have no
    /// limit.
    pub archive_bytes: u64,
    /// How many archives are opened one inside another.
    pub archive_depth: usize,
    /// Bytes of an executable of a layer that is held in memory while it is looked into, one a thread. Larger
    /// ones are a gap. Of executables of directories only the parts that are needed are read, without a limit.
    pub executable_bytes: u64,
    /// Bytes unpacked from one file, all archives inside it together. What comes after is a gap.
    pub inside_bytes: u64,
    /// Bytes that one layer may come to. More is an error.
    pub unpacked_bytes: u64,
    /// How many times its own size a layer or an archive may come to. More is an error for a layer and a gap for an
    /// archive; what stays below a gigabyte or 16 megabytes is never too much.
    pub ratio: u64,
    /// Packages that one file may name. The rest is a gap.
    pub records: usize,
}

/// A layer may come to so many bytes, however small it is.
const SMALL_LAYER: u64 = 1 << 30;

/// From an archive so many bytes may be unpacked, however small it is.
const SMALL_ARCHIVE: u64 = 16 << 20;

/// More packages than these no list of one file holds, whatever the user allows: it is the bound of the lists that the
/// readers fill.
pub const MOST_RECORDS: usize = 1_000_000;

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 256 << 20,
            layer_bytes: 1 << 30,
            total_bytes: 4 << 30,
            entries: 8_000_000,
            path_bytes: 4096,
            archive_bytes: 512 << 20,
            archive_depth: 4,
            executable_bytes: 256 << 20,
            inside_bytes: 2 << 30,
            unpacked_bytes: 256 << 30,
            // Deflate cannot do better than 1032: a layer that holds one sparse log of a useradd comes close.
            ratio: 1100,
            records: MOST_RECORDS,
        }
    }
}

/// A limit as a user names it.
pub struct Limit {
    pub name: &'static str,
    /// What is bounded, and what becomes of more.
    pub about: &'static str,
    /// Whether it counts bytes, which may be written with a unit.
    pub is_bytes: bool,
    pub get: fn(&Limits) -> u64,
    set: fn(&mut Limits, u64),
}

macro_rules! limits {
    ($(($name:literal, $field:ident, $kind:ty, $is_bytes:literal, $about:literal),)*) => {
        &[$(Limit {
            name: $name,
            about: $about,
            is_bytes: $is_bytes,
            get: |limits| limits.$field as u64,
            set: |limits, value| limits.$field = <$kind>::try_from(value).unwrap_or(<$kind>::MAX),
        },)*]
    };
}

/// Every limit, in order of name.
pub const LIMITS: &[Limit] = limits![
    (
        "archive-bytes",
        archive_bytes,
        u64,
        true,
        "one archive of a layer, or in another archive; a larger one is a gap"
    ),
    (
        "archive-depth",
        archive_depth,
        usize,
        false,
        "archives opened one inside another; deeper ones are gaps"
    ),
    (
        "entries",
        entries,
        usize,
        false,
        "entries of an image (more is an error) or a directory (the rest is a gap)"
    ),
    ("executable-bytes", executable_bytes, u64, true, "one executable of a layer; a larger one is a gap"),
    ("file-bytes", file_bytes, u64, true, "one file that is read; a larger one is a gap"),
    ("inside-bytes", inside_bytes, u64, true, "what is unpacked from one file; the rest is a gap"),
    ("layer-bytes", layer_bytes, u64, true, "all files kept of one layer or a directory; the rest is a gap"),
    ("path-bytes", path_bytes, usize, true, "one path, or one link's target; a longer one is a gap"),
    (
        "ratio",
        ratio,
        u64,
        false,
        "times its own size that a layer (error) or an archive (gap) comes to, beyond 1 GiB and 16 MiB"
    ),
    ("records", records, usize, false, "packages that one file names; the rest is a gap; at most 1000000"),
    ("total-bytes", total_bytes, u64, true, "all files kept of an image; more is an error"),
    ("unpacked-bytes", unpacked_bytes, u64, true, "what one layer comes to; more is an error"),
];

impl Limits {
    /// Moves one limit. `false` where none has that name.
    pub fn set(&mut self, name: &str, value: u64) -> bool {
        let Some(limit) = LIMITS.iter().find(|limit| limit.name == name) else { return false };
        (limit.set)(self, value);
        true
    }

    /// Bytes that a layer may come to which is `packed` bytes long; where that is not known, `None`.
    pub fn of_layer(&self, packed: Option<u64>) -> u64 {
        self.by_ratio(packed, SMALL_LAYER).min(self.unpacked_bytes)
    }

    /// Bytes that may be unpacked from a file of `size` bytes.
    pub fn of_archive(&self, size: u64) -> u64 {
        self.by_ratio(Some(size), SMALL_ARCHIVE).min(self.inside_bytes)
    }

    fn by_ratio(&self, size: Option<u64>, least: u64) -> u64 {
        size.map_or(u64::MAX, |size| size.saturating_mul(self.ratio).max(least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_sorted_and_each_moves_its_own() {
        assert!(LIMITS.is_sorted_by_key(|limit| limit.name));
        for limit in LIMITS {
            let mut limits = Limits::default();
            assert!(limits.set(limit.name, 7));
            assert_eq!((limit.get)(&limits), 7, "{}", limit.name);
            let others = LIMITS.iter().filter(|other| other.name != limit.name);
            for other in others {
                assert_eq!((other.get)(&limits), (other.get)(&Limits::default()), "{}", limit.name);
            }
        }
        assert!(!Limits::default().set("file_bytes", 7));
    }

    #[test]
    fn small_things_may_grow_by_any_ratio() {
        let limits = Limits::default();
        assert_eq!(limits.of_layer(Some(1)), SMALL_LAYER);
        assert_eq!(limits.of_layer(Some(100 << 20)), 1100 * (100 << 20));
        assert_eq!((limits.of_layer(Some(u64::MAX)), limits.of_layer(None)), (256 << 30, 256 << 30));
        assert_eq!(limits.of_archive(100), SMALL_ARCHIVE);
        assert_eq!(limits.of_archive(1 << 40), 2 << 30);
    }
}

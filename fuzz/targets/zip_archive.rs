//! Zip archives, and what is packed in them.
#![no_main]

use std::io::Cursor;

use packlist::layers::inside::{self, Kind};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let limits = packlist_fuzz::limits();
    let inside = inside::look(Kind::Archive, "srv/x.jar", Cursor::new(data), &packlist_fuzz::WANTED, &limits);
    let kept: u64 = inside.entries.iter().map(|entry| entry.node.size()).sum();
    assert!(kept <= limits.inside_bytes + (1 << 20), "{kept} bytes");
    packlist_fuzz::as_it_passes("srv/x.jar", data);
});

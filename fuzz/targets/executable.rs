//! ELF, PE and Mach-O: build information, crates, notes, fingerprints.
#![no_main]

use std::io::Cursor;

use packlist::layers::inside::{self, Kind};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    inside::look(
        Kind::Executable,
        "usr/bin/x",
        Cursor::new(data),
        &packlist_fuzz::WANTED,
        &packlist_fuzz::limits(),
    );
    packlist_fuzz::as_it_passes("usr/bin/x", data);
    packlist_fuzz::ecosystems(&["cargo-auditable", "elf-note", "fingerprint", "go-binary"], data);
});

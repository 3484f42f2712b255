//! ELF, PE and Mach-O: build information, crates, notes, fingerprints.
#![no_main]

use std::io::Cursor;

use packlist::inventory::{self, ecosystems};
use packlist::layers::inside::{self, Kind};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let wanted = inventory::wanted(ecosystems::ALL);
    inside::look(Kind::Executable, "usr/bin/x", Cursor::new(data), &wanted, &packlist_fuzz::limits());
    packlist_fuzz::ecosystems(&["cargo-auditable", "elf-note", "fingerprint", "go-binary"], data);
});

//! Whatever comes in on standard input: images, archives, packages, single files, packed or not.
#![no_main]

use packlist::source::{self, Options};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let options = Options { limits: packlist_fuzz::limits(), ..Options::default() };
    // What it is called counts where its content does not tell.
    for name in ["image.tar", "x.deb", "x.rpm", "x.apk", "x.gem", "x.jar"] {
        let _ = source::read_stream(data, name, None, &packlist_fuzz::WANTED, &options);
    }
});

//! Reads documents and says what is in them: `cargo run --release --example read -- FILE...`
//!
//! It does nothing else, so that the time and the memory of reading can be measured (`benches/read_large.py`).

use std::error::Error;
use std::fs::File;

use packlist::reader;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let bom = reader::read_from(File::open(&path)?)?;
        let (components, edges) =
            (bom.components.len(), bom.dependencies.values().map(|n| n.len()).sum::<usize>());
        let format = bom.origin.as_ref().map(|origin| origin.format.as_str()).unwrap_or_default();
        println!("{path}: {format}, {components} components, {edges} dependencies, {} gaps", bom.gaps.len());
        // Reading is measured, not taking apart again what was read.
        std::mem::forget(bom);
    }
    Ok(())
}

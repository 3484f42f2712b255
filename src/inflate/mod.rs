//! Deflate, unpacked: what gzip layers are made of.
//!
//! Unpacking is most of what reading a compressed image costs, so it is made for that one purpose: long
//! streams, read forward, whose output goes to another thread a window at a time. Up to three literals are
//! decoded by one look into a table, input is read eight bytes at once, and matches are copied sixteen bytes
//! at once. All of that is safe code; to use what newer processors have, it has to be called by code that is not
//! (`machine.rs`).
//!
//! Of a long stream several threads decode parts at once (`ahead.rs`): codes depend on nothing that stands before their
//! block, and only what they repeat does.
//!
//! Short streams (members of archives, sections of executables) are better served by flate2, which needs less
//! memory to begin.
//!
//! Spec: <https://www.rfc-editor.org/rfc/rfc1951>

mod ahead;
mod blocks;
mod decode;
mod input;
mod list;
mod machine;
mod search;
mod stream;
mod tables;

pub use ahead::{Ahead, Team, WORTH_HELP};
pub use decode::Window;
pub use input::Input;
pub use stream::{Inflate, window};

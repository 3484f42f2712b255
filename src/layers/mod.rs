//! Layers of an image and what they amount to when stacked. Pure: bytes in, tree out.
//!
//! An [`Extract`] is what one layer says, and depends on nothing but the layer and what is [`Wanted`]; it
//! knows neither its neighbours nor the image. A [`Tree`] is the extracts stacked, base first. That split is
//! what lets layers be read at the same time, kept between runs, and arrive in any order.

mod body;
mod digests;
mod entries;
mod extract;
mod globs;
mod heads;
pub mod inside;
mod keeper;
mod limits;
mod links;
mod need;
mod path;
mod stored;
mod tree;
mod unzip;
mod wanted;
mod whiteout;

pub(crate) use body::fill;
pub use digests::{DIGESTS, digests_of};
pub use extract::{Entry, Extract, ExtractError, Item, Node, Walk, extract};
pub use globs::{GlobError, Globs};
pub use heads::{Bounded, MOST_HEADS};
pub use limits::{LIMITS, Limit, Limits, MOST_RECORDS};
pub use links::Again;
pub use need::{Need, Part};
pub use path::{clean, parent};
pub use stored::EXTRACTOR;
pub use tree::{LastFolder, State, Tree};
pub use unzip::unzip;
pub use wanted::{Digests, Wanted, Watcher};

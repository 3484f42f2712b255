//! What licences are called, what an expression of them means, and how each is commonly classed.
//!
//! [`read`] makes an expression of what people write; [`Expression`] keeps its structure; [`categories`] says
//! what a licence asks for, from the least to the most that it may be.

mod answers;
mod category;
mod conclusion;
mod copyright;
mod data;
mod detect;
mod expression;
mod family;
mod holders;
mod ids;
mod key;
mod leaf;
mod memory;
mod names;
mod obligations;
mod parse;
mod structure;
mod texts;
mod unlisted;
mod urls;

pub use answers::{FINDER, answers, know};
pub use category::{
    Category, PROPRIETARY, PUBLIC_DOMAIN, categories, categories_of, category, later_versions,
};
pub use conclusion::conclude;
pub use copyright::{Copyright, Part, Role, Statement, copyright_statement, read_copyright};
pub use detect::{Detection, How, concluded, detect};
pub use expression::{Expression, License, LicenseId};
pub use family::{Family, family};
pub use holders::{copyright_summary, is_copyright_line, plain};
pub use ids::{known_exception, known_license, nearest_license};
pub use names::{Dialect, names_none, offers_choice, read};
pub use obligations::{Obligation, obligations};
pub use parse::{ExpressionError, ExpressionProblem};
pub use texts::license_text;

//! What licences are called, what an expression of them means, and how each is commonly classed.

mod category;
mod data;
mod expression;
mod ids;
mod parse;

pub use category::{Category, PROPRIETARY, PUBLIC_DOMAIN, category, later_versions};
pub use expression::{Expression, License, LicenseId};
pub use ids::{known_exception, known_license, nearest_license};
pub use parse::{ExpressionError, ExpressionProblem};
mod names;
pub use names::{Dialect, read, read_copyright};

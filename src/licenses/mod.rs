//! What licences are called, what an expression of them means, and how each is commonly classed.

mod expression;

pub use expression::{Expression, License, LicenseId};

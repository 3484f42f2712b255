//! What is said of an artefact and signed: in-toto statements, in DSSE envelopes.
//!
//! Nothing here reads a file, a clock or chance. Signatures follow from key and statement alone (Ed25519, and
//! ECDSA by RFC 6979), so that the same statement signed again gives the same bytes. What is absent: certificates,
//! transparency logs and keys that lie elsewhere; for these a statement is written unsigned, and signed by whoever
//! has them.
//!
//! Spec: <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>,
//! <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>

mod base64;
mod bundle;
mod envelope;
mod key;
mod predicate;
mod sealed;
mod statement;
mod trust;
mod verdict;

pub use bundle::{BUNDLE, bundle};
pub use envelope::{
    ENVELOPE, IN_TOTO, Verified, VerifyError, attested, envelope, form_of, unverified, verify,
};
pub use key::{KeyError, PublicKey, SigningKey};
pub use predicate::{CYCLONEDX, SPDX_2, SPDX_3, VERDICT, kind_of, named};
pub use statement::{PredicateError, Statement, StatementError, Subject, statement};
pub use trust::{Demand, Refusal, Trusted, trusted};
pub use verdict::{Input, Judgement, predicate as verdict};

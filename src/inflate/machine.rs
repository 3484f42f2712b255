//! Decoding with what the processor at hand can do: the one place of this crate with `unsafe` code.
//!
//! Decoding shifts and masks by numbers that are not known before, for which processors of x86-64 have had better
//! instructions since 2013 (BMI2). A program that is to run on older ones as well has to ask before it uses them,
//! and the compiler cannot see that it did.

use super::decode::{self, Block, Decoded, Sink};

/// The processor that decodes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Machine {
    /// Whatever it can do.
    Any,
    #[cfg(target_arch = "x86_64")]
    Bmi2(Asked),
}

/// That this processor was asked, and has what was asked for: nobody else can make one.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked(());

impl Machine {
    pub(super) fn this() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("bmi1") && std::arch::is_x86_feature_detected!("bmi2") {
            return Self::Bmi2(Asked(()));
        }
        Self::Any
    }

    /// See [`decode::decode`].
    pub(super) fn decode<'b, S: Sink>(self, block: Block<'_, 'b, S>) -> Decoded<'b, S> {
        match self {
            Self::Any => on_any(block),
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "the compiler cannot see that the processor was asked")]
            Self::Bmi2(Asked(())) => {
                // SAFETY: the function is safe code throughout, and asks no more of its caller than that the processor has
                // BMI1 and BMI2. Who has an `Asked` has asked it.
                unsafe { with_bmi2(block) }
            }
        }
    }
}

#[inline(never)]
fn on_any<'b, S: Sink>(block: Block<'_, 'b, S>) -> Decoded<'b, S> {
    decode::decode(block)
}

#[cfg(target_arch = "x86_64")]
#[inline(never)]
#[target_feature(enable = "bmi1,bmi2")]
fn with_bmi2<'b, S: Sink>(block: Block<'_, 'b, S>) -> Decoded<'b, S> {
    decode::decode(block)
}

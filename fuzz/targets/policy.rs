//! Policies, and the mistakes in them.
#![no_main]

use packlist::checker::Policy;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(errors) = Policy::parse("policy.toml", text) {
        let _ = packlist::report::policy_errors(&errors);
    }
});

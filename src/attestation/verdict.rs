//! A verdict as SLSA's verification summary: that an artefact was held against a policy, and what came of it.
//!
//! Why this and not in-toto's test result: a summary names the verifier, the policy by its digest, the day and the
//! documents it rests on, and admission controllers that trust a signer look for it. What it has no field for, how
//! much was found, stands in a field of ours, whose name is an address, as the specification asks.
//! Spec: <https://slsa.dev/spec/v1.0/verification_summary>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

const VERIFIER: &str = "https://github.com/packlist/packlist";
/// Names and numbers beyond what the summary has fields for.
const EXTENSION: &str = "https://github.com/packlist/packlist/verdict/v1";
/// What was reached. Levels of SLSA itself are nothing that a list can show.
const PASSED: &str = "PACKLIST_POLICY_PASSED";

/// A document that the verdict rests on.
pub struct Input {
    /// As the user named it.
    pub uri: String,
    /// `sha256:<hex>`
    pub digest: String,
}

/// What came of a check.
pub struct Judgement<'a> {
    pub passed: bool,
    /// `pass`, `warn` or `fail`
    pub verdict: &'a str,
    /// The day it was judged by, `YYYY-MM-DD`.
    pub day: &'a str,
    /// What the artefact is called.
    pub resource: &'a str,
    pub policy: Input,
    pub inputs: Vec<Input>,
    /// How many findings there are of each sort, waived ones among them.
    pub counts: BTreeMap<&'a str, usize>,
    pub tool_version: &'a str,
}

/// The predicate.
pub fn predicate(judgement: &Judgement<'_>) -> String {
    let mut predicate = json!({
        "verifier": {"id": VERIFIER, "version": {"packlist": judgement.tool_version}},
        // The verdict holds for a day, which the user may have chosen; no clock is looked at.
        "timeVerified": format!("{}T00:00:00Z", judgement.day),
        "resourceUri": judgement.resource,
        "policy": descriptor(&judgement.policy),
        "verificationResult": if judgement.passed { "PASSED" } else { "FAILED" },
        "verifiedLevels": [if judgement.passed { PASSED } else { "FAILED" }],
        EXTENSION: {"verdict": judgement.verdict, "findings": judgement.counts},
    });
    if !judgement.inputs.is_empty() {
        predicate["inputAttestations"] = judgement.inputs.iter().map(descriptor).collect();
    }
    predicate.to_string()
}

fn descriptor(input: &Input) -> Value {
    let (algorithm, hex) = input.digest.split_once(':').unwrap_or(("sha256", &input.digest));
    let digest: Map<String, Value> = [(algorithm.to_owned(), hex.into())].into_iter().collect();
    json!({"digest": digest, "uri": input.uri})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_says_who_judged_what_by_which_policy() {
        let input = |uri: &str, hex: &str| Input { uri: uri.to_owned(), digest: format!("sha256:{hex}") };
        let mut judgement = Judgement {
            passed: false,
            verdict: "fail",
            day: "2026-11-20",
            resource: "example.org/app@sha256:00",
            policy: input("packlist.toml", "11"),
            inputs: vec![input("app.cdx.json", "22")],
            counts: BTreeMap::from([("deny", 2), ("waived", 1)]),
            tool_version: "0.1.0",
        };
        expect_test::expect![[r#"{"https://github.com/packlist/packlist/verdict/v1":{"findings":{"deny":2,"waived":1},"verdict":"fail"},"inputAttestations":[{"digest":{"sha256":"22"},"uri":"app.cdx.json"}],"policy":{"digest":{"sha256":"11"},"uri":"packlist.toml"},"resourceUri":"example.org/app@sha256:00","timeVerified":"2026-11-20T00:00:00Z","verificationResult":"FAILED","verifiedLevels":["FAILED"],"verifier":{"id":"https://github.com/packlist/packlist","version":{"packlist":"0.1.0"}}}"#]].assert_eq(&predicate(&judgement));
        (judgement.passed, judgement.verdict) = (true, "warn");
        let passed = predicate(&judgement);
        assert!(
            passed.contains(r#""verificationResult":"PASSED","verifiedLevels":["PACKLIST_POLICY_PASSED"]"#),
            "{passed}"
        );
    }
}

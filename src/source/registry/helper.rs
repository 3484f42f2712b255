//! Credential helpers: programs called `docker-credential-NAME` that know a secret.
//!
//! This is the one place in which a program is run, and only for those who allow it.
//! Spec: <https://github.com/docker/docker-credential-helpers>

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::RegistryError;
use super::credentials::{Login, Secret};

const MAX_ANSWER: u64 = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// What a helper knows of a registry; `None` when it knows nothing.
pub(super) fn ask(name: &str, server: &str) -> Result<Option<Login>, RegistryError> {
    let failed = |reason: String| RegistryError::Helper { name: name.to_owned(), reason };
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if !is_name {
        return Err(failed("that is no name of a program".to_owned()));
    }
    let mut child = Command::new(format!("docker-credential-{name}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let mut said = Vec::new();
    let asked = child.stdin.take().map(|mut input| input.write_all(server.as_bytes()));
    let read = child.stdout.take().map(|output| output.take(MAX_ANSWER).read_to_end(&mut said));
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    if status.success() {
        let lost = asked.and_then(Result::err).or(read.and_then(Result::err));
        if let Some(error) = lost {
            return Err(failed(error.to_string()));
        }
        return answer(&said)
            .ok_or_else(|| failed("its answer is not as the protocol asks".to_owned()))
            .map(Some);
    }
    // It says on standard output what is wrong; the words for knowing nothing are part of the protocol.
    let words = String::from_utf8_lossy(&said);
    match words.contains("credentials not found") {
        true => Ok(None),
        false => Err(failed(words.trim().chars().filter(|c| !c.is_control()).take(200).collect())),
    }
}

fn answer(said: &[u8]) -> Option<Login> {
    let answer: Answer = serde_json::from_slice(said).ok()?;
    let secret = Secret::new(answer.secret);
    Some(match answer.username.as_str() {
        "" => return None,
        "<token>" => Login::Identity(secret),
        _ => Login::Password { user: answer.username, password: secret },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_passwords_or_identities() {
        let said = br#"{"ServerURL":"https://index.docker.io/v1/","Username":"me","Secret":"s"}"#;
        let expected = Login::Password { user: "me".to_owned(), password: Secret::new("s") };
        assert_eq!(answer(said), Some(expected));
        let said = br#"{"ServerURL":"x","Username":"<token>","Secret":"s"}"#;
        assert_eq!(answer(said), Some(Login::Identity(Secret::new("s"))));
        assert_eq!(answer(br#"{"ServerURL":"x"}"#), None);
        assert_eq!(answer(b"no"), None);
    }

    #[test]
    fn a_name_with_a_path_is_not_run() {
        for name in ["../x", "a/b", "a b"] {
            assert!(matches!(ask(name, "x"), Err(RegistryError::Helper { .. })), "{name}");
        }
    }
}

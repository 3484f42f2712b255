//! Keys that the user names, and the passwords of those that lie encrypted.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use packlist::attestation::{PublicKey, SigningKey};

use super::failure::Failure;
use super::world;

/// A file larger than this holds something else.
const MAX_KEY: u64 = 1 << 20;

/// What is signed with.
#[derive(Debug, Args, Default)]
pub(super) struct Signing {
    /// Sign with this private key (PEM): ECDSA on P-256, Ed25519, or one of cosign's
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The password of an encrypted key, in a file or, with `-`, on standard input [default: COSIGN_PASSWORD]
    #[arg(long, value_name = "FILE", requires = "key")]
    password_file: Option<PathBuf>,
}

impl Signing {
    /// `None` where nothing is to be signed.
    pub(super) fn key(&self) -> Result<Option<SigningKey>, Failure> {
        let Some(path) = &self.key else { return Ok(None) };
        let password = self.password()?;
        let key = SigningKey::parse(&text(path)?, password.as_deref());
        key.map(Some).map_err(|source| Failure::Key { path: path.clone(), source })
    }

    fn password(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(path) = &self.password_file else { return Ok(world::key_password()) };
        let mut bytes = Vec::new();
        let read = match path.as_os_str() == "-" {
            true => io::stdin().take(MAX_KEY).read_to_end(&mut bytes),
            false => File::open(path).and_then(|file| file.take(MAX_KEY).read_to_end(&mut bytes)),
        };
        read.map_err(|source| Failure::File { path: path.clone(), source })?;
        // Editors end a file's last line.
        while bytes.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            bytes.pop();
        }
        Ok(Some(bytes))
    }
}

/// The public keys in these files.
pub(super) fn public(paths: &[PathBuf]) -> Result<Vec<PublicKey>, Failure> {
    let parsed = |path: &PathBuf| {
        PublicKey::parse(&text(path)?).map_err(|source| Failure::Key { path: path.clone(), source })
    };
    paths.iter().map(parsed).collect()
}

fn text(path: &Path) -> Result<String, Failure> {
    let failed = |source| Failure::File { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > MAX_KEY {
        return Err(failed(io::Error::other("it is too long to be a key")));
    }
    Ok(String::from_utf8_lossy(&fs::read(path).map_err(failed)?).into_owned())
}

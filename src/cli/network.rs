//! What the user says about the network, for every command that may use it.

use std::path::PathBuf;

use clap::Args;
use packlist::source::HttpOptions;

use super::world;

/// How things are fetched.
#[derive(Debug, Args, Default)]
pub(super) struct Network {
    /// Fetch nothing
    #[arg(long)]
    offline: bool,
    /// Trust the certificates in this file (PEM) instead of the built-in ones
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Fetch without TLS from other machines too
    #[arg(long)]
    plain_http: bool,
}

impl Network {
    /// The user's words, and `SSL_CERT_FILE` where they say nothing of certificates.
    pub(super) fn options(&self) -> HttpOptions {
        HttpOptions {
            offline: self.offline,
            ca_file: self.ca_file.clone().or_else(world::certificates),
            plain: self.plain_http,
            ..HttpOptions::default()
        }
    }
}

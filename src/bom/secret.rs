//! A credential that lies open in the subject: where it is and of what kind, never what it says.

use serde::{Deserialize, Serialize};

/// One credential. Nothing here holds any part of its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Secret {
    pub place: SecretPlace,
    /// Name of the variable, or path of the file without a leading slash; empty where the step is all that can be
    /// said.
    pub name: String,
    /// 1-based line in the file. Absent for variables and steps.
    pub line: Option<u32>,
    pub kind: SecretKind,
    /// Index into [`super::Bom::layers`] of the layer that brought it. Absent for the environment, and outside
    /// images.
    pub layer: Option<usize>,
    /// An upper layer removed or replaced it; who has the image has it all the same.
    pub hidden: bool,
}

/// Where a credential lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SecretPlace {
    /// A variable that every process of the image sees.
    Environment,
    /// A command of the image's history.
    BuildStep,
    File,
}

impl SecretPlace {
    pub const ALL: &[Self] = &[Self::Environment, Self::BuildStep, Self::File];

    pub fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::BuildStep => "build-step",
            Self::File => "file",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|place| place.name() == name)
    }
}

/// What a credential opens, told by its form; where it has none, by the name it is kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SecretKind {
    AwsKey,
    GithubToken,
    GitlabToken,
    GoogleKey,
    JsonWebToken,
    NpmToken,
    PrivateKey,
    PypiToken,
    SlackToken,
    StripeKey,
    /// A password in an address: `https://user:…@host`.
    UrlPassword,
    VaultToken,
    /// Called a password.
    Password,
    /// Called a key, a token or a secret.
    Token,
}

impl SecretKind {
    pub const ALL: &[Self] = &[
        Self::AwsKey,
        Self::GithubToken,
        Self::GitlabToken,
        Self::GoogleKey,
        Self::JsonWebToken,
        Self::NpmToken,
        Self::PrivateKey,
        Self::PypiToken,
        Self::SlackToken,
        Self::StripeKey,
        Self::UrlPassword,
        Self::VaultToken,
        Self::Password,
        Self::Token,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::AwsKey => "aws-key",
            Self::GithubToken => "github-token",
            Self::GitlabToken => "gitlab-token",
            Self::GoogleKey => "google-key",
            Self::JsonWebToken => "json-web-token",
            Self::NpmToken => "npm-token",
            Self::PrivateKey => "private-key",
            Self::PypiToken => "pypi-token",
            Self::SlackToken => "slack-token",
            Self::StripeKey => "stripe-key",
            Self::UrlPassword => "url-password",
            Self::VaultToken => "vault-token",
            Self::Password => "password",
            Self::Token => "token",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// For people, with its article.
    pub fn about(self) -> &'static str {
        match self {
            Self::AwsKey => "an access key of AWS",
            Self::GithubToken => "a token of GitHub",
            Self::GitlabToken => "a token of GitLab",
            Self::GoogleKey => "an API key of Google",
            Self::JsonWebToken => "a JSON web token",
            Self::NpmToken => "a token of npm",
            Self::PrivateKey => "a private key",
            Self::PypiToken => "a token of PyPI",
            Self::SlackToken => "a token of Slack",
            Self::StripeKey => "a secret key of Stripe",
            Self::UrlPassword => "an address with a password",
            Self::VaultToken => "a token of Vault",
            Self::Password => "a password, by its name",
            Self::Token => "a secret, by its name",
        }
    }
}

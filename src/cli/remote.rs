//! What the user says about registries, for every command that may ask one.

use std::io::Read;
use std::sync::{Arc, OnceLock};

use clap::Args;
use packlist::source::registry::{Credentials, Login, Mirror, RegistryOptions, Secret};

use super::failure::Failure;
use super::network::Network;
use super::world;

/// A password longer than this is none.
const MAX_PASSWORD: u64 = 64 << 10;

/// How registries are asked.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Registries")]
pub(super) struct Remote {
    #[command(flatten)]
    network: Network,
    /// Who asks the registry of the image, with the password in PACKLIST_REGISTRY_PASSWORD [default: as Docker and
    /// Podman know]
    #[arg(long, value_name = "USER")]
    registry_user: Option<String>,
    /// Read the password from standard input; without a user it is a token, as in PACKLIST_REGISTRY_TOKEN
    #[arg(long)]
    registry_password_stdin: bool,
    /// Run the programs that Docker's config names to get a password: docker-credential-NAME
    #[arg(long)]
    credential_helpers: bool,
    /// Ask another registry first, and this one if that one fails; may be repeated
    #[arg(long, value_name = "HOST=MIRROR")]
    registry_mirror: Vec<String>,
    /// The registry that the login is for: the first one that is asked.
    #[arg(skip)]
    bound: Arc<OnceLock<String>>,
    /// The password, which can be read only once.
    #[arg(skip)]
    password: OnceLock<String>,
    /// Whether the user could have said something here. Commands that read only documents ask no registry.
    #[arg(skip = true)]
    is_offered: bool,
}

impl Remote {
    /// `None` for commands that ask no registry.
    pub(super) fn options(&self) -> Result<Option<RegistryOptions>, Failure> {
        if !self.is_offered {
            return Ok(None);
        }
        let mut credentials = Credentials::new(world::credential_files(), self.credential_helpers);
        if let Some(login) = self.login()? {
            credentials = credentials.with_login(login, Arc::clone(&self.bound));
        }
        let mirrors = self.registry_mirror.iter().map(|text| text.parse::<Mirror>());
        let mirrors = mirrors.collect::<Result<_, _>>().map_err(packlist::source::SourceError::from)?;
        Ok(Some(RegistryOptions { http: self.network.options(), credentials, mirrors }))
    }

    fn login(&self) -> Result<Option<Login>, Failure> {
        let [password, token] = world::registry_secrets();
        let (password, token) = match (self.registry_password_stdin, &self.registry_user) {
            (true, Some(_)) => (Some(Secret::new(self.password()?)), None),
            (true, None) => (None, Some(Secret::new(self.password()?))),
            (false, _) => (password, token),
        };
        match (token, self.registry_user.clone(), password) {
            (Some(token), ..) => Ok(Some(Login::Token(token))),
            (None, Some(user), Some(password)) => Ok(Some(Login::Password { user, password })),
            (None, None, None) => Ok(None),
            (None, Some(user), None) => Err(Failure::usage(
                format!("there is no password for `{user}`"),
                "set PACKLIST_REGISTRY_PASSWORD, or pipe it in with --registry-password-stdin",
            )),
            (None, None, Some(_)) => Err(Failure::usage(
                "there is a password in PACKLIST_REGISTRY_PASSWORD, and no user",
                "set PACKLIST_REGISTRY_USER, or PACKLIST_REGISTRY_TOKEN for a token",
            )),
        }
    }

    fn password(&self) -> Result<String, Failure> {
        if let Some(password) = self.password.get() {
            return Ok(password.clone());
        }
        let mut password = String::new();
        let read = std::io::stdin().take(MAX_PASSWORD).read_to_string(&mut password);
        read.map_err(|source| Failure::File { path: "standard input".into(), source })?;
        let password = password.trim_end_matches(['\r', '\n']).to_owned();
        if password.is_empty() {
            return Err(Failure::usage(
                "standard input holds no password",
                "pipe it in: packlist … --registry-password-stdin < password.txt",
            ));
        }
        Ok(self.password.get_or_init(|| password).clone())
    }
}

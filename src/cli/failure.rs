//! Why a command could not be done, told so that a person knows what to do.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use packlist::attestation::{KeyError, PredicateError, Refusal};
use packlist::eol::RefreshError;
use packlist::reader::ReadError;
use packlist::report::clean;
use packlist::source::{HttpError, SourceError};

use super::console;

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the dates of `{whence}` are not taken; those in use stay")]
    Calendar { whence: String, source: RefreshError },
    #[error("cannot read `{}` as an SBOM", path.display())]
    Read { path: PathBuf, source: ReadError },
    #[error("cannot use the key `{}`", path.display())]
    Key { path: PathBuf, source: KeyError },
    #[error("`{name}` is not to be believed")]
    Attestation { name: String, source: Refusal },
    #[error("`{}` cannot be attested", path.display())]
    Predicate { path: PathBuf, source: PredicateError },
    #[error("cannot read `{}`", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the policy `{name}` has {count} {}", if *count == 1 { "mistake" } else { "mistakes" })]
    Policy { name: String, count: usize, rendered: String },
    #[error("the options in `{name}` have {count} {}", if *count == 1 { "mistake" } else { "mistakes" })]
    Settings { name: String, count: usize, rendered: String },
    #[error("cannot write `{}`", path.display())]
    Output { path: PathBuf, source: io::Error },
    #[error("{message}")]
    Usage { message: String, help: Option<String> },
}

impl Failure {
    pub(super) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: Some(help.into()) }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.help(),
            Self::Http(error) => error.help(),
            Self::Usage { help, .. } => help.clone(),
            Self::Key { source, .. } => source.help().map(str::to_owned),
            Self::Attestation { .. }
            | Self::Predicate { .. }
            | Self::Calendar { .. }
            | Self::Read { .. }
            | Self::File { .. }
            | Self::Policy { .. }
            | Self::Settings { .. }
            | Self::Output { .. } => None,
        }
    }

    pub(super) fn tell(&self) {
        if let Self::Policy { rendered, .. } | Self::Settings { rendered, .. } = self {
            console::say(&clean(rendered));
        }
        let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        console::say(&format!("{red}error:{red:#} {}", clean(&self.to_string())));
        let mut cause = match self {
            // Transparent: the error's own words were printed already.
            Self::Source(error) => error.source(),
            Self::Http(error) => error.source(),
            other => other.source(),
        };
        while let Some(error) = cause {
            console::say(&format!("  caused by: {}", clean(&error.to_string())));
            cause = error.source();
        }
        if let Some(help) = self.help() {
            let cyan = Style::new().bold().fg_color(Some(AnsiColor::Cyan.into()));
            console::say(&format!("  {cyan}help:{cyan:#} {}", clean(&help)));
        }
    }
}

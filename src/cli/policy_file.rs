//! The policy a check uses: a file, a shipped one by name, `packlist.toml` above the working folder, or the
//! shipped default.

use std::fs;
use std::path::Path;

use packlist::checker::{Found, Policy, PolicyErrors, policies};

use super::failure::Failure;
use super::settings;

/// A policy and what reports call it.
pub(super) struct Chosen {
    pub(super) name: String,
    pub(super) policy: Policy,
    /// Of the policy itself, without those it extends.
    pub(super) text: String,
}

/// Finds and reads it.
pub(super) fn choose(wanted: Option<&str>) -> Result<Chosen, Failure> {
    let wanted = match wanted {
        Some(wanted) => wanted.to_owned(),
        None => match settings::file().filter(|file| holds_policy(file)) {
            Some(file) => file.display().to_string(),
            None => policies::DEFAULT.to_owned(),
        },
    };
    // A file of that name stands before a shipped policy: `./saas` is the file in any case.
    let path = Path::new(&wanted);
    let (read, text) = match policies::text(&wanted).filter(|_| !path.is_file()) {
        Some(text) => (Policy::parse(&wanted, text), text.to_owned()),
        None => {
            let text = fs::read_to_string(path).map_err(|source| not_there(path, source))?;
            let read =
                Policy::parse_with(&wanted, &text, &mut |extended, from| extended_file(from, extended));
            (read, text)
        }
    };
    match read {
        Ok(policy) => Ok(Chosen { name: wanted, policy, text }),
        Err(errors) => Err(refused(wanted, &errors)),
    }
}

/// The mistakes, all of them, as a failure.
pub(super) fn refused(name: String, errors: &PolicyErrors) -> Failure {
    let rendered = packlist::report::policy_errors(errors);
    Failure::Policy { name, count: errors.mistakes.len(), rendered }
}

fn not_there(path: &Path, source: std::io::Error) -> Failure {
    let is_name = source.kind() == std::io::ErrorKind::NotFound && path.extension().is_none();
    if !is_name {
        return Failure::File { path: path.to_owned(), source };
    }
    let names: Vec<&str> = policies::ALL.iter().map(|policy| policy.name).collect();
    Failure::usage(
        format!("there is no policy `{}`", path.display()),
        format!("name a file, or a policy that comes with packlist: {}", names.join(", ")),
    )
}

fn extended_file(from: &str, extended: &str) -> Result<Found, String> {
    let path = Path::new(from).parent().unwrap_or(Path::new("")).join(extended);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Found { name: path.display().to_string(), text }),
        Err(error) => Err(format!("cannot read `{}`: {error}", path.display())),
    }
}

/// Whether it is more than options; what cannot be read is told by who reads it.
fn holds_policy(file: &Path) -> bool {
    fs::read_to_string(file).map_or(true, |text| settings::holds_policy(&text))
}

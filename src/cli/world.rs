//! The environment, the clock and the terminal: read here, passed on as values.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use packlist::source::registry::{CredentialFile, Secret};
use terminal_size::{Height, Width};

pub(super) use super::console::note;
use super::failure::Failure;

/// Today in UTC, or the day the user names.
pub(super) fn today(asked: Option<&str>) -> Result<NaiveDate, Failure> {
    match asked {
        None => Ok(Utc::now().date_naive()),
        Some(text) => text.parse().map_err(|_| {
            Failure::usage(format!("`{text}` is not a day"), "write it as YYYY-MM-DD: 2027-06-30")
        }),
    }
}

/// The time that `SOURCE_DATE_EPOCH` names, RFC 3339. Absent when the variable is.
///
/// Spec: <https://reproducible-builds.org/specs/source-date-epoch/>
pub(super) fn source_date_epoch() -> Result<Option<String>, Failure> {
    let Some(value) = env::var_os("SOURCE_DATE_EPOCH").filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let seconds = value.to_str().and_then(|text| text.trim().parse::<i64>().ok());
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map(|time| Some(time.to_rfc3339_opts(SecondsFormat::Secs, true))).ok_or_else(|| {
        Failure::usage(
            format!("SOURCE_DATE_EPOCH is `{}`, which is no time", value.to_string_lossy()),
            "set it to seconds since 1970, or unset it",
        )
    })
}

/// Where a user's programs keep what they fetched. Absent where nobody says whose home it is.
///
/// Spec: <https://specifications.freedesktop.org/basedir-spec/latest/>
pub(super) fn data_folder() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    if cfg!(windows) {
        return folder("LOCALAPPDATA");
    }
    folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
}

/// What a variable says. Absent where it is empty.
pub(super) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|text| !text.is_empty())
}

/// The file of certificates that `SSL_CERT_FILE` names, as other programs have it.
pub(super) fn certificates() -> Option<PathBuf> {
    env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The files in which other programs keep who asks registries, in the order in which Podman looks into them.
pub(super) fn credential_files() -> Vec<CredentialFile> {
    let folder =
        |name: &str| env::var_os(name).map(PathBuf::from).filter(|folder| !folder.as_os_str().is_empty());
    let mut files = Vec::new();
    if let Some(content) = env::var("DOCKER_AUTH_CONFIG").ok().filter(|content| !content.is_empty()) {
        files.push(CredentialFile::Content {
            whence: "DOCKER_AUTH_CONFIG".to_owned(),
            content: Secret::new(content),
        });
    }
    let home = folder("HOME").or_else(|| folder("USERPROFILE"));
    let config = folder("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
    let docker = folder("DOCKER_CONFIG").or_else(|| home.as_ref().map(|home| home.join(".docker")));
    let paths = [
        folder("REGISTRY_AUTH_FILE"),
        folder("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")),
        config.map(|folder| folder.join("containers/auth.json")),
        docker.map(|folder| folder.join("config.json")),
    ];
    files.extend(paths.into_iter().flatten().map(CredentialFile::Path));
    files
}

/// What the environment holds of who asks registries: a password, and a token.
pub(super) fn registry_secrets() -> [Option<Secret>; 2] {
    ["PACKLIST_REGISTRY_PASSWORD", "PACKLIST_REGISTRY_TOKEN"]
        .map(|name| env::var(name).ok().filter(|text| !text.is_empty()).map(Secret::new))
}

/// The password of a private key, as cosign takes it.
pub(super) fn key_password() -> Option<Vec<u8>> {
    env::var_os("COSIGN_PASSWORD").map(std::ffi::OsString::into_encoded_bytes)
}

/// Columns of the terminal; what `COLUMNS` says, or a hundred, where the output is none.
pub(super) fn width() -> usize {
    columns(terminal_size::terminal_size_of(io::stdout()))
}

/// The same of standard error.
pub(super) fn error_width() -> usize {
    columns(terminal_size::terminal_size_of(io::stderr()))
}

fn columns(terminal: Option<(Width, Height)>) -> usize {
    const ELSEWHERE: usize = 100;
    const NARROWEST: usize = 40;
    let said = || env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let columns = terminal.map(|(width, _)| usize::from(width.0)).or_else(said);
    columns.filter(|columns| *columns > 0).unwrap_or(ELSEWHERE).max(NARROWEST)
}

/// Where this user's programs keep what can be made again: `packlist` in `XDG_CACHE_HOME`, or in the home's
/// `.cache`. `None` for who has no home.
///
/// Spec: <https://specifications.freedesktop.org/basedir-spec/latest/>
pub(super) fn cache_folder() -> Option<PathBuf> {
    let named = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")))?;
    Some(base.join("packlist"))
}

//! What stands for options that nobody typed: variables, and the table `[options]` of `packlist.toml`.
//!
//! Every option has one name, and is looked for in this order: the command line; `PACKLIST_SCAN_OUTPUT`, then
//! `PACKLIST_OUTPUT`; `output` in `[options.scan]`, then in `[options]`. What is found first counts whole: lists are
//! not joined. The rest of the file is the policy, and none of this module's business.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clap::builder::ValueRange;
use clap::{Arg, ArgAction, Command};
use packlist::checker::{Mistake, PolicyErrors, Source, did_you_mean};
use packlist::report;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::failure::Failure;

pub(super) const OWN_FILE: &str = "packlist.toml";
const TABLE: &str = "options";
const PREFIX: &str = "PACKLIST_";
/// Options that a file or a variable cannot stand for.
/// A file in a tree of somebody else is not to have programs run.
const TYPED_ONLY: &[&str] = &["config", "credential-helpers", "help", "version"];
/// Variables that stand for no option: what they hold is not to be typed.
const SECRETS: &[&str] = &["PACKLIST_REGISTRY_PASSWORD", "PACKLIST_REGISTRY_TOKEN"];

/// Options that only a file that was named can set, and none that merely lies there: a source tree may be a stranger's,
/// and to look into it must neither send, run or trust anything nor take another's word for what was read.
const NAMED_ONLY: &[&str] = &[
    "ca-file",
    "cache",
    "force",
    "key",
    "password-file",
    "plain-http",
    "registry-mirror",
    "registry-password-stdin",
    "registry-user",
    "url",
];
/// Variables that are no options.
const NO_OPTIONS: &[&str] = &["PACKLIST_CONFIG", "PACKLIST_REGISTRY_PASSWORD", "PACKLIST_REGISTRY_TOKEN"];

/// The file in use, once it is known which.
static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();

/// The file in use: named by `--config` or `PACKLIST_CONFIG`, else `packlist.toml` here or above.
pub(super) fn file() -> Option<PathBuf> {
    FILE.get().cloned().unwrap_or_else(above_working_folder)
}

/// Everything that is set for any command.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) file: Option<PathBuf>,
    pub(super) given: Vec<Given>,
}

/// One option that is set.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// The names of the command and those above it: `policy`, `init`. Empty for what holds for every command.
    pub(super) command: Vec<String>,
    pub(super) id: clap::Id,
    pub(super) option: String,
    pub(super) values: Vec<String>,
    pub(super) whence: Whence,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whence {
    Variable(String),
    /// `packlist.toml:3:1`
    Line(String),
}

impl fmt::Display for Whence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => out.write_str(name),
            Self::Line(line) => out.write_str(line),
        }
    }
}

/// Reads what is set. `arguments` are only searched for `--config`.
pub(super) fn read(command: &Command, arguments: &[OsString]) -> Result<Settings, Failure> {
    let named = named(arguments).or_else(|| env::var_os("PACKLIST_CONFIG"));
    let is_named = named.is_some();
    let file = match named {
        Some(name) => Some(PathBuf::from(name)).filter(|name| !name.as_os_str().is_empty()),
        None => above_working_folder(),
    };
    let file = FILE.get_or_init(|| file).clone();
    let written = file.as_deref().map(|path| Written::read(path, command, is_named)).transpose()?.flatten();
    let mut settings = Settings { file, given: Vec::new() };
    if written.is_some() || env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with(PREFIX)) {
        let usual = everywhere(command);
        collect(command, &usual, &mut Vec::new(), written.as_ref(), &mut settings.given);
    }
    Ok(settings)
}

fn above_working_folder() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let above = here.ancestors().position(|folder| folder.join(OWN_FILE).is_file())?;
    // Seen from where the user stands: shorter in reports, and the same on every machine.
    Some(std::iter::repeat_n("..", above).chain([OWN_FILE]).collect())
}

fn named(arguments: &[OsString]) -> Option<OsString> {
    let mut arguments = arguments.iter().skip(1).take_while(|argument| *argument != "--");
    while let Some(argument) = arguments.next() {
        if argument == "--config" {
            return arguments.next().cloned();
        }
        if let Some(name) = argument.to_str().and_then(|text| text.strip_prefix("--config=")) {
            return Some(name.into());
        }
    }
    None
}

/// The options of a command that can be set.
fn options(command: &Command) -> impl Iterator<Item = (&str, &Arg)> {
    let named = command.get_arguments().filter_map(|arg| Some((arg.get_long()?, arg)));
    named.filter(|(long, _)| !TYPED_ONLY.contains(long))
}

fn collect(
    command: &Command,
    usual: &[(&str, &Arg)],
    path: &mut Vec<String>,
    written: Option<&Written>,
    given: &mut Vec<Given>,
) {
    for (long, arg) in options(command) {
        // What is set for all is not meant for an option that only shares a name.
        let is_usual = usual.iter().any(|(other, usual)| *other == long && is_like(usual, arg));
        let found = variable(path, long, arg, is_usual)
            .or_else(|| written.and_then(|file| file.find(path, long, is_usual)));
        given.extend(found.map(|(values, whence)| Given {
            command: path.clone(),
            id: arg.get_id().clone(),
            option: long.to_owned(),
            values,
            whence,
        }));
    }
    for inner in command.get_subcommands() {
        path.push(inner.get_name().to_owned());
        collect(inner, usual, path, written, given);
        path.pop();
    }
}

/// The names under which an option can be set by a variable, the more exact first.
pub(super) fn variables(path: &[String], long: &str) -> Vec<String> {
    let name = |parts: &[&str]| format!("{PREFIX}{}", parts.join("_").to_uppercase().replace('-', "_"));
    let whole: Vec<&str> = path.iter().map(String::as_str).chain([long]).collect();
    let mut names = vec![name(&whole)];
    names.extend((!path.is_empty()).then(|| name(&[long])));
    names
}

fn variable(path: &[String], long: &str, arg: &Arg, is_usual: bool) -> Option<(Vec<String>, Whence)> {
    let names = variables(path, long).into_iter().take(if is_usual { 2 } else { 1 });
    let mut set = names.filter_map(|name| Some((env::var(&name).ok()?, name)));
    let (text, name) = set.next()?;
    let values = match arg.get_action() {
        ArgAction::SetTrue => vec![(!matches!(text.as_str(), "" | "0" | "false" | "no" | "off")).to_string()],
        ArgAction::Append => text
            .split([',', '\n'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect(),
        _ => vec![text],
    };
    Some((values, Whence::Variable(name)))
}

/// The command with what is set as its defaults, but for what the options typed exclude.
pub(super) fn applied(command: Command, settings: &Settings, excluded: &BTreeSet<clap::Id>) -> Command {
    let mut command = command;
    for given in settings.given.iter().filter(|given| !excluded.contains(&given.id)) {
        command = with_default(command, &given.command, given);
    }
    command
}

/// Depth is that of our own commands.
fn with_default(command: Command, path: &[String], given: &Given) -> Command {
    match path.split_first() {
        Some((name, inner)) => command.mut_subcommand(name, |command| with_default(command, inner, given)),
        None => command.mut_arg(&given.id, |arg| {
            let takes_many = arg.get_num_args() != Some(ValueRange::EMPTY) || given.values.len() == 1;
            let values = if takes_many { given.values.clone() } else { Vec::new() };
            arg.default_values(values).required(false)
        }),
    }
}

/// The table of a file.
struct Written {
    source: Arc<Source>,
    values: Vec<Entry>,
}

struct Entry {
    path: Vec<String>,
    long: String,
    values: Vec<String>,
    at: usize,
}

impl Written {
    /// `None` for a file without such a table. Broken files are for who reads the policy to complain of, as long as
    /// nobody knows that they hold options.
    fn read(path: &Path, command: &Command, is_named: bool) -> Result<Option<Self>, Failure> {
        let text =
            fs::read_to_string(path).map_err(|source| Failure::File { path: path.to_owned(), source })?;
        let source = Arc::new(Source { name: path.display().to_string(), text });
        let (file, errors) = DeTable::parse_recoverable(&source.text);
        let Some(table) = file.get_ref().get(TABLE) else { return Ok(None) };
        let mut reading = Reading { source: &source, is_named, mistakes: Vec::new(), values: Vec::new() };
        for error in &errors {
            reading.mistake(error.span().unwrap_or(0..0), error.message().trim().to_owned(), None);
        }
        match table.get_ref() {
            DeValue::Table(table) => reading.table(table, command, command, &mut Vec::new()),
            _ => reading.mistake(table.span(), "`options` must be a table".to_owned(), None),
        }
        let Reading { mistakes, values, .. } = reading;
        if !mistakes.is_empty() {
            let count = mistakes.len();
            let rendered = report::policy_errors(&PolicyErrors { mistakes });
            return Err(Failure::Settings { name: source.name.clone(), count, rendered });
        }
        Ok(Some(Self { source: Arc::clone(&source), values }))
    }

    fn find(&self, path: &[String], long: &str, is_usual: bool) -> Option<(Vec<String>, Whence)> {
        let at = |path: &[String]| self.values.iter().find(|entry| entry.path == path && entry.long == long);
        let entry = at(path).or_else(|| at(&[]).filter(|_| is_usual))?;
        let (line, column) = self.source.line_and_column(entry.at);
        Some((entry.values.clone(), Whence::Line(format!("{}:{line}:{column}", self.source.name))))
    }
}

struct Reading<'a> {
    source: &'a Arc<Source>,
    is_named: bool,
    mistakes: Vec<Mistake>,
    values: Vec<Entry>,
}

impl Reading<'_> {
    fn mistake(&mut self, span: Range<usize>, message: String, help: Option<String>) {
        self.mistakes.push(Mistake { source: Arc::clone(self.source), span, message, help });
    }

    /// Depth is that of our own commands: a table that is none of them is a mistake.
    fn table(&mut self, table: &DeTable<'_>, root: &Command, command: &Command, path: &mut Vec<String>) {
        for (key, value) in table.iter() {
            let name = key.get_ref().as_ref();
            if let (DeValue::Table(inner), Some(command)) = (value.get_ref(), command.find_subcommand(name)) {
                path.push(name.to_owned());
                self.table(inner, root, command, path);
                path.pop();
                continue;
            }
            let known = if path.is_empty() { everywhere(root) } else { options(command).collect() };
            match known.iter().find(|(long, _)| *long == name) {
                Some((long, arg)) => self.value(long, arg, value, key.span().start, path),
                None => self.unknown(key, &known, command, path),
            }
        }
    }

    fn unknown(
        &mut self,
        key: &Spanned<toml::de::DeString<'_>>,
        known: &[(&str, &Arg)],
        command: &Command,
        path: &[String],
    ) {
        let name = key.get_ref();
        let message = match path.is_empty() {
            true => format!("no command has an option `{name}`"),
            false => format!("`packlist {}` has no option `{name}`", path.join(" ")),
        };
        let words = known.iter().map(|(long, _)| *long);
        let commands = command.get_subcommands().map(Command::get_name);
        self.mistake(key.span(), message, did_you_mean(name, words.chain(commands)));
    }

    fn value(&mut self, long: &str, arg: &Arg, value: &Spanned<DeValue<'_>>, at: usize, path: &[String]) {
        let takes_many = matches!(arg.get_action(), ArgAction::Append);
        let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
        let (values, is_right) = match value.get_ref() {
            DeValue::Boolean(yes) => (vec![yes.to_string()], is_switch),
            DeValue::Array(items) => {
                let texts: Vec<Option<String>> = items.iter().map(|item| text(item.get_ref())).collect();
                let is_right = takes_many && texts.iter().all(Option::is_some);
                (texts.into_iter().flatten().collect(), is_right)
            }
            other => match text(other) {
                Some(text) => (vec![text], !is_switch),
                None => (Vec::new(), false),
            },
        };
        if !is_right {
            let expected = match (is_switch, takes_many) {
                (true, _) => "`true` or `false`",
                (false, true) => "a text in quotes, or a list of them",
                (false, false) => "a text in quotes or a number",
            };
            return self.mistake(value.span(), format!("`{long}` must be {expected}"), None);
        }
        if !self.is_named
            && (NAMED_ONLY.contains(&long)
                || (long == "output" && values.iter().any(|value| leads_out(value))))
        {
            let message = format!("a file that nobody named must not set `{long}` to this");
            let help = format!("name the file if you trust it: --config {}", self.source.name);
            return self.mistake(value.span(), message, Some(help));
        }
        let possible = arg.get_possible_values();
        let possible: Vec<&str> = possible.iter().map(clap::builder::PossibleValue::get_name).collect();
        if !possible.is_empty() && !is_switch {
            let wrong = values.iter().find(|value| !possible.contains(&value.as_str()));
            if let Some(wrong) = wrong {
                let help = did_you_mean(wrong, possible.iter().copied());
                let help = help.unwrap_or_else(|| format!("it is one of: {}", possible.join(", ")));
                return self.mistake(value.span(), format!("`{long}` cannot be `{wrong}`"), Some(help));
            }
        }
        let values = values.into_iter().map(|value| self.meant_here(arg, value)).collect();
        self.values.push(Entry { path: path.to_vec(), long: long.to_owned(), values, at });
    }

    /// A path in a file is meant from where the file lies. What may be something else is a path where there is one.
    fn meant_here(&self, arg: &Arg, value: String) -> String {
        let names = arg.get_value_names().unwrap_or_default();
        let folder = Path::new(&self.source.name).parent().unwrap_or(Path::new(""));
        let joined = folder.join(&value);
        let is_path = |name: &clap::builder::Str| matches!(name.as_str(), "FILE" | "FOLDER");
        let may_be = |name: &clap::builder::Str| {
            ["FILE|NAME", "IMAGE|SBOM", "SBOM|IMAGE", "SOURCE"].contains(&name.as_str())
        };
        let is_meant = names.iter().any(is_path) || (names.iter().any(may_be) && joined.exists());
        if is_meant && !folder.as_os_str().is_empty() { joined.display().to_string() } else { value }
    }
}

/// Whether a document would go to another place than the folder where the user stands, and those below.
fn leads_out(output: &str) -> bool {
    let path = output.split_once('=').map_or(output, |(_, file)| file);
    let is_below = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    !Path::new(path).components().all(is_below)
}

/// Whether two options of one name are the same in all but the command.
fn is_like(one: &Arg, other: &Arg) -> bool {
    one.get_value_names() == other.get_value_names()
        && matches!(one.get_action(), ArgAction::Append) == matches!(other.get_action(), ArgAction::Append)
}

/// The options of every command; of several that share a name the one that most have.
fn everywhere(root: &Command) -> Vec<(&str, &Arg)> {
    let mut all: BTreeMap<&str, Vec<(&Arg, usize)>> = BTreeMap::new();
    let mut open = vec![root];
    while let Some(command) = open.pop() {
        for (long, arg) in options(command) {
            let sorts = all.entry(long).or_default();
            match sorts.iter_mut().find(|(other, _)| is_like(other, arg)) {
                Some((_, count)) => *count += 1,
                None => sorts.push((arg, 1)),
            }
        }
        open.extend(command.get_subcommands());
    }
    let usual = all.into_iter().filter_map(|(long, sorts)| {
        let (arg, _) = sorts.into_iter().max_by_key(|(_, count)| *count)?;
        Some((long, arg))
    });
    usual.collect()
}

fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Datetime(day) => Some(day.to_string()),
        DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// Whether a file holds a policy, and not only options. One that cannot be understood is taken for a policy, whose
/// reader tells what is wrong.
pub(super) fn holds_policy(text: &str) -> bool {
    let (file, errors) = DeTable::parse_recoverable(text);
    let only_options = file.get_ref().iter().all(|(key, _)| key.get_ref().as_ref() == TABLE);
    !errors.is_empty() || !only_options || file.get_ref().is_empty()
}

/// Variables that begin like ours and set nothing.
pub(super) fn strangers(settings: &Settings) -> Vec<String> {
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let is_strange = |name: &String| {
        name.starts_with(PREFIX)
            && !NO_OPTIONS.contains(&name.as_str())
            && !SECRETS.contains(&name.as_str())
            && !settings.given.iter().any(|given| given.whence == Whence::Variable(name.clone()))
    };
    let mut names: Vec<String> = names.filter(is_strange).collect();
    names.sort();
    names
}

//! What is said to the person beside the data: notes, details for who asks for them, how long each step took, and how
//! far a long one is. All of it goes to standard error.

use std::io::{self, IsTerminal};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use anstream::ColorChoice;
use clap::{Args, ValueEnum};
use packlist::report::clean;
use packlist::source::Progress;

use super::progress::Screen;

/// How much is said, and in which colours; for every command.
#[derive(Debug, Args, Default, Clone)]
pub(super) struct Manner {
    /// Say nothing but errors beside the data: no progress, no notes, no summary
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "For every command")]
    quiet: bool,
    /// Tell what is read, what is passed over and why, and how long each step takes
    #[arg(short, long, global = true, help_heading = "For every command")]
    verbose: bool,
    /// Colours and links on the terminal; auto heeds NO_COLOR and CLICOLOR_FORCE
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        help_heading = "For every command"
    )]
    color: When,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    #[default]
    Auto,
    Always,
    Never,
}

/// Settled once, when the arguments are known; until then as for who said nothing.
static CONSOLE: OnceLock<Console> = OnceLock::new();

struct Console {
    quiet: bool,
    verbose: bool,
    screen: Option<Arc<Screen>>,
}

/// Takes what the user said. Later calls change nothing.
pub(super) fn settle(manner: &Manner) {
    let choice = match manner.color {
        When::Auto => ColorChoice::Auto,
        When::Always => ColorChoice::Always,
        When::Never => ColorChoice::Never,
    };
    choice.write_global();
    let moves = io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    let watched = manner.verbose || (moves && !manner.quiet);
    CONSOLE.get_or_init(|| Console {
        quiet: manner.quiet,
        verbose: manner.verbose,
        screen: watched.then(|| Screen::new(moves && !manner.quiet)),
    });
}

fn is(asked: impl Fn(&Console) -> bool) -> bool {
    CONSOLE.get().is_some_and(asked)
}

pub(super) fn is_quiet() -> bool {
    is(|console| console.quiet)
}

pub(super) fn is_verbose() -> bool {
    is(|console| console.verbose)
}

/// A word to the person at the terminal, beside the data.
pub(super) fn note(text: &str) {
    if !is_quiet() {
        say(&format!("note: {}", clean(text)));
    }
}

/// A word to who asked for more of them.
pub(super) fn detail(text: impl FnOnce() -> String) {
    if is_verbose() {
        say(&clean(&text()));
    }
}

/// A line on standard error, where the progress stood.
pub(super) fn say(text: &str) {
    wipe();
    anstream::eprintln!("{text}");
}

/// Takes the progress off the terminal, before something else is written there.
pub(super) fn wipe() {
    if let Some(screen) = CONSOLE.get().and_then(|console| console.screen.as_ref()) {
        screen.wipe();
    }
}

/// Who is told how far the source of that name is.
pub(super) fn watch(name: &str) -> Option<Arc<dyn Progress>> {
    let screen = CONSOLE.get()?.screen.as_ref()?;
    Some(Screen::watch(screen, &clean(name)))
}

/// Does one step of the work, named in the progress and, for who wants to know, timed.
pub(super) fn step<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let Some(screen) = CONSOLE.get().and_then(|console| console.screen.as_ref()) else { return work() };
    screen.begin(name);
    let begun = Instant::now();
    let done = work();
    screen.end(name);
    detail(|| format!("{name}: {:.2} s", begun.elapsed().as_secs_f64()));
    done
}

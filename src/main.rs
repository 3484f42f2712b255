//! The door: arguments come in here, words and exit codes go out.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}

//! `packlist completions`: what a shell needs to complete commands and options.

use clap::{Args, ValueEnum};
use clap_complete::{Shell, generate};

use super::failure::Failure;
use super::{Outcome, described, output};

const EXAMPLES: &str = "\
Examples:
  packlist completions bash > ~/.local/share/bash-completion/completions/packlist
  packlist completions zsh > ~/.zfunc/_packlist
  packlist completions fish > ~/.config/fish/completions/packlist.fish
  packlist completions powershell >> $PROFILE";

/// Prints what a shell needs to complete commands and options
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Which shell
    #[arg(value_enum)]
    shell: Which,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Which {
    Bash,
    Fish,
    Powershell,
    Zsh,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let shell = match arguments.shell {
        Which::Bash => Shell::Bash,
        Which::Fish => Shell::Fish,
        Which::Powershell => Shell::PowerShell,
        Which::Zsh => Shell::Zsh,
    };
    let mut script = Vec::new();
    generate(shell, &mut described(), "packlist", &mut script);
    output::write(None, &String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}

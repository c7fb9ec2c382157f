//! `hotwash completions SHELL`.

use super::Outcome;

/// Which shell.
#[derive(clap::Args)]
pub struct Arguments {
    /// Shell to complete in, e.g. `hotwash completions bash > /etc/bash_completion.d/hotwash`
    shell: clap_complete::Shell,
}

/// Prints the script on standard output.
pub fn run(arguments: Arguments, command: &mut clap::Command) -> anyhow::Result<Outcome> {
    clap_complete::generate(arguments.shell, command, "hotwash", &mut std::io::stdout());
    Ok(Outcome::Done)
}

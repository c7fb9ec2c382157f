//! `hotwash completions SHELL`.

use std::io::Write;

use super::Outcome;

/// Arguments of `hotwash completions`.
#[derive(clap::Args)]
pub struct CompletionsArguments {
    /// Shell to complete for, e.g. `hotwash completions bash > /etc/bash_completion.d/hotwash`
    shell: clap_complete::Shell,
}

/// Prints the script on standard output.
pub fn run(
    arguments: CompletionsArguments,
    command: &mut clap::Command,
) -> anyhow::Result<Outcome> {
    // The generator panics when its writer fails, as a pipe that is read only in part does.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, command, "hotwash", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Outcome::Done)
}

//! The `hotwash` binary: parses the command line and hands over to one file a command.

use std::process::ExitCode;

fn main() -> ExitCode {
    hotwash_api::cli::main()
}

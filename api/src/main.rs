//! The `hotwash` binary: parses the command line and calls one module per command.

use std::process::ExitCode;

fn main() -> ExitCode {
    hotwash_api::cli::main()
}

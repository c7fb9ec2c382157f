//! `hotwash demo` and `hotwash generate` in a build without the feature `demo-data`.

use std::ffi::OsString;

use super::Outcome;

/// Arguments of a command that this build leaves out.
#[derive(clap::Args)]
pub struct AnyArguments {
    #[arg(hide = true, allow_hyphen_values = true, trailing_var_arg = true)]
    _any: Vec<OsString>,
}

/// States that the command is left out.
///
/// # Errors
/// Always.
pub fn run() -> anyhow::Result<Outcome> {
    anyhow::bail!(
        "this build has no demonstration data, which `hotwash demo` and `hotwash generate` need: \
         build it with the feature demo-data"
    )
}

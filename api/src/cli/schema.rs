//! `hotwash schema`: the GraphQL schema, for code generators.

use std::io::Write;

use super::Outcome;

/// Prints the SDL on standard output.
pub fn run() -> anyhow::Result<Outcome> {
    write!(std::io::stdout().lock(), "{}", hotwash_graphql::sdl()?)?;
    Ok(Outcome::Done)
}

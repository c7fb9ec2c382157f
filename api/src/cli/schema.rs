//! `hotwash schema`: the GraphQL schema, for code generators and for gateways.

use std::io::Write;

use super::Outcome;

/// Arguments of `hotwash schema`.
#[derive(clap::Args)]
pub struct SchemaArguments {
    /// Print it as a subgraph of Apollo Federation 2, as `hotwash serve --federation` serves it
    #[arg(long)]
    federation: bool,
}

/// Prints the SDL on standard output.
pub fn run(arguments: &SchemaArguments) -> anyhow::Result<Outcome> {
    let sdl = if arguments.federation {
        hotwash_graphql::subgraph_sdl()?
    } else {
        hotwash_graphql::sdl()?
    };
    write!(std::io::stdout().lock(), "{sdl}")?;
    Ok(Outcome::Done)
}

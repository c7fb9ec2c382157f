//! `hotwash schema`: the GraphQL schema, for code generators and for gateways.

use std::io::Write;

use super::Outcome;

/// Arguments of `hotwash schema`.
#[derive(clap::Args)]
pub struct SchemaArguments {
    /// Make the schema a subgraph of Apollo Federation 2, for gateways
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

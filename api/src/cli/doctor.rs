//! `hotwash doctor`: checks every invariant of the warehouse and says what to do where one is broken.

use std::io::Write;

use hotwash_schema::doctor;

use super::{Context, Outcome};

/// How to print it.
#[derive(clap::Args)]
pub struct Arguments {
    /// Print a JSON list
    #[arg(long)]
    json: bool,
}

/// Checks and prints; fails when an invariant is broken.
pub async fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let findings = doctor::examine(database.url()).await?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&findings)?)?;
    } else {
        for finding in &findings {
            match finding.broken {
                0 => writeln!(out, "ok      {}", finding.invariant)?,
                rows => writeln!(out, "BROKEN  {} ({rows})\n        {}", finding.invariant, finding.advice)?,
            }
        }
    }
    Ok(if findings.iter().all(|finding| finding.broken == 0) { Outcome::Done } else { Outcome::Failed })
}

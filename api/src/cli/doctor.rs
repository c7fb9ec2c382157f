//! `hotwash doctor`: checks every invariant of the warehouse and reports how to fix those that
//! fail.

use std::io::Write;

use hotwash_schema::doctor;
use hotwash_schema::profile;

use super::{Context, Outcome};

/// Arguments of `hotwash doctor`.
#[derive(clap::Args)]
pub struct DoctorArguments {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Checks every invariant and prints the findings. Fails if one is violated.
pub async fn run(context: &Context, arguments: &DoctorArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let findings = doctor::examine(database.pool()).await?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&findings)?)?;
    } else {
        let profile = profile::active();
        writeln!(
            out,
            "profile {}: {} ({}), {}, fiscal year from {}",
            profile.name,
            profile.regions.word,
            profile.region_codes().join(", "),
            profile.time_zone,
            profile.fiscal_year.first_day()
        )?;
        writeln!(out, "basis   {}", profile.municipalities.basis.trim())?;
        for line in doctor::region_sizes(database.pool()).await? {
            writeln!(out, "        {line}")?;
        }
        for finding in &findings {
            match finding.broken {
                0 => writeln!(out, "ok      {}", finding.invariant)?,
                rows => {
                    writeln!(out, "BROKEN  {} ({rows})", finding.invariant)?;
                    for name in &finding.named {
                        writeln!(out, "        - {name}")?;
                    }
                    writeln!(out, "        {}", finding.advice)?;
                }
            }
        }
    }
    Ok(if findings.iter().all(|finding| finding.broken == 0) {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

//! `hotwash doctor`: checks every invariant of the warehouse and reports how to fix those that
//! fail.

use std::io::Write;

use hotwash_schema::{doctor, profile};
use serde_json::json;

use super::{Context, Outcome};

/// Arguments of `hotwash doctor`.
#[derive(clap::Args)]
pub struct DoctorArguments {
    /// Print a JSON object: `profile`, with the basis of its regions, and `findings`
    #[arg(long)]
    json: bool,
}

/// Checks every invariant and prints the findings. Fails if one is violated.
pub async fn run(context: &Context, arguments: &DoctorArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let findings = doctor::examine(database.pool()).await?;
    let profile = profile::active();
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let answer = json!({
            "profile": {
                "id": profile.id,
                "name": profile.name,
                "regionScheme": profile.regions.scheme,
                "regions": profile.region_codes(),
                "timeZone": profile.time_zone.name(),
                "fiscalYearStart": profile.fiscal_year.first_day(),
                "basis": profile.municipalities.basis.trim(),
                "regionSizes": doctor::region_sizes(database.pool()).await?,
            },
            "findings": findings,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
    } else {
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

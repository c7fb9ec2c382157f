//! `hotwash alerts`: checks the rules of the alerts file once, for cron.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use anyhow::Context as _;
use hotwash_metrics::{MetricCaches, Snapshot};

use super::table::counted;
use super::{Context, Outcome};
use crate::alerts::{self, AlertOptions, Alerts};
use crate::engine::EngineOptions;
use crate::page_context::RecordReader;

/// Arguments of `hotwash alerts`.
#[derive(clap::Args)]
pub struct AlertsArguments {
    /// Exit with 3 if a rule holds, whether or not a message was sent now
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    alerts: AlertOptions,
    #[command(flatten)]
    engine: EngineOptions,
}

/// Checks the rules, and delivers what changed since the last run.
pub async fn run(context: &Context, arguments: AlertsArguments) -> anyhow::Result<Outcome> {
    let database = context.existing_database().await?;
    let file = arguments.alerts.alerts.context(
        "no alerts file is given; name it with --alerts FILE, HOTWASH_ALERTS, or `alerts` in the \
         settings file",
    )?;
    let rules = Alerts::read(&file)?;
    let source = arguments.engine.source(database.url())?;
    let snapshot: Arc<Snapshot> = Arc::new(source.snapshot(MetricCaches::default()).await?);
    let records = RecordReader::new(database.url())?;
    let today = chrono::Local::now().date_naive();
    let report = alerts::run(&rules, database.pool(), &snapshot, &records, today).await?;
    let mut out = std::io::stdout().lock();
    for rule in &report.on {
        writeln!(out, "on: {rule}")?;
    }
    let rules: BTreeSet<&str> = report.on.iter().filter_map(|on| on.split('/').next()).collect();
    let rules = counted(rules.len(), "rule holds", "rules hold");
    writeln!(out, "{rules}, {} sent", counted(report.sent, "message", "messages"))?;
    for failure in &report.failures {
        writeln!(std::io::stderr(), "error: {failure}")?;
    }
    Ok(match (report.failures.is_empty(), arguments.check && !report.on.is_empty()) {
        (false, _) => Outcome::Failed,
        (true, true) => Outcome::DoneWithRemarks,
        (true, false) => Outcome::Done,
    })
}

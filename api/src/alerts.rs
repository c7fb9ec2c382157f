//! Alerts and digests: rules of the operator's file, computed with the rights of each recipient.
//! A rule sends one message when it begins to hold, and one when it ends. A digest is the summary
//! of the report, once a month. Addresses are in the file only: never in the warehouse or a log.

mod code;
mod deliver;
mod error;
mod evaluate;
mod file;
mod message;
mod smtp;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use hotwash_metrics::Snapshot;
use hotwash_schema::SchemaError;
use hotwash_schema::alerts::{lock, read_state, rejected_files, write_state};
use hotwash_schema::nearest::choices;
use hotwash_schema::pool::Pool;
use serde_json::json;

use crate::page_context::{OwnedPageContext, RecordReader};
pub use code::{AlertCode, AlertDefinition};
pub use error::{AlertFailure, AlertsError};
pub use file::Alerts;

use evaluate::Finding;
use file::{Condition, Recipient, Rule};
use message::Message;

/// Options of alerts.
#[derive(clap::Args, Clone, Debug)]
pub struct AlertOptions {
    /// File with rules and recipients of alerts
    #[arg(long, env = "HOTWASH_ALERTS", value_name = "FILE")]
    pub alerts: Option<PathBuf>,
}

/// What a run of the rules did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertReport {
    /// Rules that hold, each with its recipient.
    pub on: Vec<String>,
    /// Messages delivered.
    pub sent: usize,
    /// Rules that were not checked and messages that were not delivered; the next run tries again.
    pub failures: Vec<AlertFailure>,
}

impl AlertReport {
    fn fail(&mut self, code: AlertCode, message: String) {
        self.failures.push(AlertFailure { code, message });
    }
}

/// Checks all rules, and delivers what changed since the last run.
///
/// # Errors
/// Fails when the database does not answer.
pub async fn run(
    alerts: &Alerts,
    pool: &Pool,
    snapshot: &Arc<Snapshot>,
    records: &RecordReader,
    today: NaiveDate,
) -> Result<AlertReport, SchemaError> {
    // One run at a time, in a server or from cron: the next one reads what this one has sent.
    let _lock = lock(pool).await?;
    let mut state = read_state(pool).await?;
    let mut report = AlertReport::default();
    let rejected = rejected_files(pool).await?;
    let known: Vec<&str> = snapshot.regions.values().map(|region| region.code.as_str()).collect();
    for rule in &alerts.rules {
        if let Some(unknown) = rule.region.as_ref().filter(|code| !known.contains(&code.as_str())) {
            let message = format!(
                "rule {}: region {unknown} is not known{}",
                rule.name,
                choices(unknown, known.iter().copied())
            );
            report.fail(AlertCode::UnknownRegion, message);
            continue;
        }
        if let Condition::FeedOverdue(source) = &rule.condition
            && !snapshot.feeds().iter().any(|feed| feed.source == *source)
        {
            let message = format!(
                "rule {}: no feed {source} is expected; add it to the file of --expectations",
                rule.name
            );
            report.fail(AlertCode::FeedNotExpected, message);
            continue;
        }
        for (name, recipient) in alerts.recipients_of(rule) {
            let context = OwnedPageContext::new(Arc::clone(snapshot), &recipient.viewer);
            let (owned, rejected) = (rule.clone(), rejected.clone());
            let found = tokio::task::spawn_blocking(move || {
                evaluate::evaluate(&owned, &context.borrow(), &rejected, today)
            });
            let key = format!("{}/{name}", rule.name);
            let found = found.await.map_err(anyhow::Error::from);
            let finding = match found.and_then(|found| Ok(found?)) {
                Ok(Some(finding)) => finding,
                Ok(None) => continue,
                Err(error) => {
                    report.fail(AlertCode::NotComputed, format!("{key}: {error}"));
                    continue;
                }
            };
            if finding.is_on {
                report.on.push(key.clone());
            }
            let was_on = state["rules"][&key].as_bool().unwrap_or_default();
            if was_on == finding.is_on {
                continue;
            }
            let message = rule_message(rule, finding, today);
            if delivered(&mut report, &key, name, recipient, message).await {
                state["rules"][&key] = json!(!was_on);
                write_state(pool, &state).await?;
            }
        }
    }
    let month = format!("{}-{:02}", today.year(), today.month());
    for (name, recipient) in alerts.recipients.iter().filter(|(_, known)| known.is_digest) {
        if state["digests"][name] == json!(month) {
            continue;
        }
        let mut context = OwnedPageContext::new(Arc::clone(snapshot), &recipient.viewer);
        let key = format!("digest/{name}");
        let message = match records.read(&mut context, "/").await {
            Ok(()) => tokio::task::spawn_blocking(move || digest(&context, today))
                .await
                .unwrap_or_else(|error| Err(error.into())),
            Err(error) => Err(error),
        };
        match message {
            Ok(message) => {
                if delivered(&mut report, &key, name, recipient, message).await {
                    state["digests"][name] = json!(month);
                    write_state(pool, &state).await?;
                }
            }
            Err(error) => report.fail(AlertCode::NotComputed, format!("{key}: {error}")),
        }
    }
    Ok(report)
}

fn rule_message(rule: &Rule, finding: Finding, day: NaiveDate) -> Message {
    Message {
        rule: rule.name.clone(),
        state: if finding.is_on { "ON" } else { "OFF" },
        text: finding.sentence,
        day,
        pdf: None,
    }
}

/// Returns the digest: the summary of the report as text, and as the board pack's page.
fn digest(context: &OwnedPageContext, day: NaiveDate) -> anyhow::Result<Message> {
    let borrowed = context.borrow();
    let text = hotwash_report::summary_text(&borrowed)?;
    #[cfg(feature = "pdf")]
    let pdf = {
        let pack = hotwash_report::Pack {
            paper: "us-letter".to_owned(),
            title: "Monthly digest".to_owned(),
            ..hotwash_report::Pack::default()
        };
        Some(hotwash_report::summary_pdf(&borrowed, &pack)?)
    };
    #[cfg(not(feature = "pdf"))]
    let pdf = None;
    Ok(Message { rule: "digest".to_owned(), state: "DIGEST", text, day, pdf })
}

/// Delivers a message, and notes the outcome without the address.
async fn delivered(
    report: &mut AlertReport,
    key: &str,
    name: &str,
    recipient: &Recipient,
    message: Message,
) -> bool {
    let channel = recipient.channel.clone();
    let outcome = tokio::task::spawn_blocking(move || deliver::deliver(&channel, &message)).await;
    let (code, reason) = match outcome {
        Ok(Ok(())) => {
            report.sent += 1;
            return true;
        }
        Ok(Err(error)) => (error.code(), error.to_string()),
        Err(error) => (AlertCode::NotComputed, error.to_string()),
    };
    report.fail(code, format!("{key}: not delivered to {name}: {reason}"));
    false
}

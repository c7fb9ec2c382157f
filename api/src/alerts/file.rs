//! The alerts file: rules, and recipients with their rights and channels.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hotwash_schema::access::{Role, Viewer};
use toml::de::DeValue;

use super::error::AlertsError;
use crate::section::{self, LineError, Section, line};

/// Rules and recipients.
#[derive(Clone, Debug, Default)]
pub struct Alerts {
    /// Rules.
    pub rules: Vec<Rule>,
    /// Recipients by name.
    pub recipients: BTreeMap<String, Recipient>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Name, unique in the file.
    pub name: String,
    /// Condition that holds or not.
    pub condition: Condition,
    /// Region that the rule is about; none for the state.
    pub region: Option<String>,
    /// Names of its recipients.
    recipients: Vec<String>,
}

/// Condition of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A metric is above a limit.
    Above(String, f64),
    /// A metric is below a limit.
    Below(String, f64),
    /// A metric has a verdict.
    Verdict(String, String),
    /// A file of the latest load was rejected, or had rejected rows.
    RejectedFiles,
    /// No records have come for more than a number of days.
    DaysWithoutData(i64),
}

/// A recipient.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// Role and regions.
    pub viewer: Viewer,
    /// Where messages go.
    pub channel: Channel,
    /// True for a monthly digest.
    pub is_digest: bool,
}

/// Where messages go. An address is never printed.
#[derive(Clone)]
pub enum Channel {
    /// A folder, one file a message.
    Folder(PathBuf),
    /// An address that takes JSON, and the secret of its signature.
    Webhook {
        /// Address.
        url: String,
        /// Secret of the signature.
        secret: String,
    },
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Folder(_) => "folder",
            Self::Webhook { .. } => "webhook",
        })
    }
}

impl Alerts {
    /// Reads the alerts file.
    ///
    /// # Errors
    /// Fails with the line that is wrong, and what to write.
    pub fn read(file: &Path) -> Result<Self, AlertsError> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| AlertsError::Unreadable { file: file.to_owned(), error })?;
        Ok(Self::parse(file, &text)?)
    }

    /// Returns the recipients of a rule by name.
    pub fn recipients_of<'a>(
        &'a self,
        rule: &'a Rule,
    ) -> impl Iterator<Item = (&'a str, &'a Recipient)> {
        let known = |name: &'a String| Some((name.as_str(), self.recipients.get(name)?));
        rule.recipients.iter().filter_map(known)
    }

    fn parse(file: &Path, text: &str) -> Result<Self, LineError> {
        let table = section::parse(file, text)?;
        let section = |line, table| Section { file, text, line, table };
        let top = section(1, &table);
        top.check(&["recipient", "rule"])?;
        let mut alerts = Self::default();
        for (key, value) in &table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("recipient", DeValue::Table(recipients)) => {
                    for (name, value) in recipients {
                        let at = line(text, name.span().start);
                        let DeValue::Table(table) = value.get_ref() else {
                            let message = "write a section [recipient.NAME]".to_owned();
                            return Err(section(at, recipients).wrong(message));
                        };
                        let read = recipient(&section(at, table))?;
                        alerts.recipients.insert(name.get_ref().to_string(), read);
                    }
                }
                ("rule", DeValue::Array(rules)) => {
                    for value in rules.iter() {
                        let at = line(text, value.span().start);
                        let DeValue::Table(table) = value.get_ref() else {
                            return Err(top.wrong("write sections [[rule]]".to_owned()));
                        };
                        alerts.rules.push(rule(&section(at, table))?);
                    }
                }
                (name, _) => {
                    let sections = "[[rule]] and [recipient.NAME]";
                    return Err(top.wrong(format!("{name} is not a section; write {sections}")));
                }
            }
        }
        alerts.check(&top)?;
        Ok(alerts)
    }

    /// Checks what a section cannot know alone: names, and the rights of recipients.
    fn check(&self, top: &Section<'_>) -> Result<(), LineError> {
        let known: Vec<&str> = self.recipients.keys().map(String::as_str).collect();
        for (at, rule) in self.rules.iter().enumerate() {
            let name = &rule.name;
            if self.rules[..at].iter().any(|other| other.name == *name) {
                return Err(top.wrong(format!("two rules are named {name}; rename one")));
            }
            for recipient in &rule.recipients {
                let Some(found) = self.recipients.get(recipient) else {
                    let message = format!(
                        "rule {name}: there is no recipient {recipient}; known are {}",
                        known.join(", ")
                    );
                    return Err(top.wrong(message));
                };
                let is_open = match (&rule.condition, &rule.region) {
                    (Condition::RejectedFiles, _) => found.viewer.sees_all_detail(),
                    (Condition::DaysWithoutData(_), Some(code)) => found.viewer.sees_region(code),
                    (Condition::DaysWithoutData(_), None) => found.viewer.sees_all_detail(),
                    _ => true,
                };
                if !is_open {
                    let message = format!(
                        "rule {name}: recipient {recipient} may not see this; choose a recipient \
                         with role analyst, or the region of the recipient"
                    );
                    return Err(top.wrong(message));
                }
            }
        }
        Ok(())
    }
}

fn recipient(section: &Section<'_>) -> Result<Recipient, LineError> {
    section.check(&["role", "regions", "folder", "webhook", "secret", "digest"])?;
    let role = section.required("role", "analyst")?;
    let Some(role) = Role::parse(&role) else {
        let allowed = Role::allowed();
        return Err(section.wrong(format!("role = \"{role}\": use one of {allowed}")));
    };
    let regions = section.texts("regions")?;
    if (role == Role::Region) == regions.is_empty() {
        let message = "write regions = [\"3\"] for the role region, and for no other role";
        return Err(section.wrong(message.to_owned()));
    }
    let channel = match (section.text("folder")?, section.text("webhook")?) {
        (Some(folder), None) => {
            let base = section.file.parent().unwrap_or(Path::new(""));
            Channel::Folder(base.join(folder))
        }
        (None, Some(url)) => {
            let secret = section.required("secret", "at least 16 letters")?;
            if secret.len() < 16 {
                let message = "the secret is too short; write at least 16 letters";
                return Err(section.wrong(message.to_owned()));
            }
            Channel::Webhook { url, secret }
        }
        _ => {
            let message =
                "write either folder = \"outbox\", or webhook = \"https://…\" with secret";
            return Err(section.wrong(message.to_owned()));
        }
    };
    let viewer = Viewer { name: "alerts".to_owned(), role, regions };
    Ok(Recipient { viewer, channel, is_digest: section.switch("digest")? })
}

fn rule(section: &Section<'_>) -> Result<Rule, LineError> {
    section.check(&[
        "name",
        "metric",
        "above",
        "below",
        "verdict",
        "rejected_files",
        "days_without_data",
        "region",
        "recipients",
    ])?;
    let name = section.required("name", "overdue-central")?;
    let metric = section.text("metric")?;
    let (above, below) = (section.number("above")?, section.number("below")?);
    let verdict = section.text("verdict")?;
    let days = section.number("days_without_data")?;
    let condition = match (metric, above, below, verdict, section.switch("rejected_files")?, days) {
        (Some(metric), Some(limit), None, None, false, None) => Condition::Above(metric, limit),
        (Some(metric), None, Some(limit), None, false, None) => Condition::Below(metric, limit),
        (Some(metric), None, None, Some(code), false, None) => Condition::Verdict(metric, code),
        (None, None, None, None, true, None) => Condition::RejectedFiles,
        (None, None, None, None, false, Some(days)) => Condition::DaysWithoutData(days as i64),
        _ => {
            let message = "write one condition: metric with above, below or verdict; \
                           rejected_files = true; or days_without_data";
            return Err(section.wrong(format!("rule {name}: {message}")));
        }
    };
    if let Condition::Above(id, _) | Condition::Below(id, _) | Condition::Verdict(id, _) =
        &condition
        && let Err(error) = hotwash_metrics::find(id)
    {
        return Err(section.wrong(format!("rule {name}: {error}")));
    }
    let recipients = section.texts("recipients")?;
    if recipients.is_empty() {
        let message = "write recipients = [\"NAME\"], with names of [recipient.NAME]";
        return Err(section.wrong(format!("rule {name}: {message}")));
    }
    Ok(Rule { name, condition, region: section.text("region")?, recipients })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[recipient.board]\nrole = \"region\"\nregions = [\"3\"]\nfolder = \
                        \"outbox\"\ndigest = true\n\n[[rule]]\nname = \"overdue\"\nmetric = \
                        \"action_overdue\"\nregion = \"3\"\nabove = 20\nrecipients = [\"board\"]\n";

    fn parse(text: &str) -> Result<Alerts, String> {
        Alerts::parse(Path::new("/etc/hotwash/alerts.toml"), text)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_states_rules_and_recipients() {
        let alerts = parse(FILE).unwrap();
        let board = &alerts.recipients["board"];
        assert!(board.is_digest && board.viewer.sees_region("3"));
        assert_eq!(alerts.rules[0].condition, Condition::Above("action_overdue".to_owned(), 20.0));
        let printed = format!("{alerts:?}");
        assert!(!printed.contains("outbox"), "an address is never printed: {printed}");
    }

    #[test]
    fn what_is_wrong_is_named_with_line_value_and_remedy() {
        for (from, to, parts) in [
            ("digest", "digests", ["line 5", "`digests`", "did you mean `digest`"]),
            ("above = 20", "above = \"many\"", ["line 11", "above = \"many\"", "a number"]),
            ("above = 20\n", "", ["line 7", "overdue", "above, below or verdict"]),
            ("action_overdue", "actions_overdue", ["line 7", "actions_overdue", "action_overdue"]),
            ("[\"board\"]", "[\"bord\"]", ["overdue", "no recipient bord", "board"]),
            ("regions = [\"3\"]\n", "", ["line 1", "role region", "regions = [\"3\"]"]),
            ("folder = \"outbox\"\n", "", ["line 1", "folder", "webhook"]),
            ("role = \"region\"", "role = \"boss\"", ["line 1", "boss", "ANALYST"]),
            (
                "metric = \"action_overdue\"\nregion = \"3\"\nabove = 20",
                "rejected_files = true",
                ["overdue", "board may not see this", "role analyst"],
            ),
        ] {
            assert!(FILE.contains(from), "{from}");
            let message = parse(&FILE.replacen(from, to, 1)).unwrap_err();
            assert!(parts.iter().all(|part| message.contains(part)), "{to}: {message}");
        }
    }
}

//! The alerts file: rules, and recipients with their rights and channels.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hotwash_metrics::{ExtraKind, MetricDefinition};
use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::nearest::choices;
use lettre::message::Mailbox;
use toml::de::DeValue;

use super::error::AlertsError;
use super::smtp::MailServer;
use crate::section::{self, LineError, Section, line};

/// Extra of a metric that states its verdict.
pub const VERDICT: &str = "verdict";

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
    /// An expected feed of this source is overdue.
    FeedOverdue(String),
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
    /// Addresses, and the mail server that takes the messages.
    Mail {
        /// Mail server.
        server: MailServer,
        /// Addresses.
        to: Vec<Mailbox>,
    },
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Folder(_) => "folder",
            Self::Webhook { .. } => "webhook",
            Self::Mail { .. } => "mail",
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
        top.check(&["recipient", "rule", "smtp"])?;
        let smtp = table.iter().find(|(key, _)| key.get_ref().as_ref() == "smtp");
        let smtp = match smtp {
            Some((key, value)) => Some(MailServer::read(&top.below(key, value, "[smtp]")?)?),
            None => None,
        };
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
                        let read = recipient(&section(at, table), smtp.as_ref())?;
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
                ("smtp", _) => {}
                (name, _) => {
                    let sections = "[[rule]], [recipient.NAME] and [smtp]";
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
                    let choices = choices(recipient, known.iter().copied());
                    return Err(top.wrong(format!(
                        "rule {name}: there is no recipient {recipient}{choices}"
                    )));
                };
                let is_open = match (&rule.condition, &rule.region) {
                    (Condition::RejectedFiles, _) => found.viewer.sees_all_detail(),
                    (Condition::DaysWithoutData(_) | Condition::FeedOverdue(_), Some(code)) => {
                        found.viewer.sees_region(code)
                    }
                    (Condition::DaysWithoutData(_) | Condition::FeedOverdue(_), None) => {
                        found.viewer.sees_all_detail()
                    }
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

fn recipient(section: &Section<'_>, smtp: Option<&MailServer>) -> Result<Recipient, LineError> {
    section.check(&["role", "regions", "folder", "webhook", "secret", "email", "digest"])?;
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
    let email = section.texts("email")?;
    let channel = match (section.text("folder")?, section.text("webhook")?, email.as_slice()) {
        (Some(folder), None, []) => {
            let base = section.file.parent().unwrap_or(Path::new(""));
            Channel::Folder(base.join(folder))
        }
        (None, Some(url), []) => {
            let secret = section.required("secret", "at least 16 letters")?;
            if secret.len() < 16 {
                let message = "the secret is too short; write at least 16 letters";
                return Err(section.wrong(message.to_owned()));
            }
            Channel::Webhook { url, secret }
        }
        (None, None, [_, ..]) => {
            let Some(server) = smtp.cloned() else {
                let message =
                    "email needs a mail server; write a section [smtp] with host and from";
                return Err(section.wrong_value("email", message.to_owned()));
            };
            let to = email.iter().map(|address| address.parse()).collect::<Result<_, _>>();
            // The message names no address: it goes to a log.
            let wrong = |_| {
                let message =
                    "email must be a list of addresses, such as [\"planning@example.org\"]";
                section.wrong_value("email", message.to_owned())
            };
            Channel::Mail { server, to: to.map_err(wrong)? }
        }
        _ => {
            let message = "write one of folder = \"outbox\", webhook = \"https://…\" with secret, or email = \
                 [\"planning@example.org\"]";
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
        "feed_overdue",
        "region",
        "recipients",
    ])?;
    let name = section.required("name", "overdue-central")?;
    let metric = section.text("metric")?;
    let (above, below) = (section.number("above")?, section.number("below")?);
    let verdict = section.text("verdict")?;
    let days = section.number("days_without_data")?;
    if let Some(source) = section.text("feed_overdue")? {
        let others = ["metric", "above", "below", "verdict", "rejected_files", "days_without_data"];
        if others.iter().any(|key| section.has(key)) {
            return Err(section.wrong(format!("rule {name}: feed_overdue is a condition alone")));
        }
        let recipients = rule_recipients(section, &name)?;
        let condition = Condition::FeedOverdue(source);
        return Ok(Rule { name, condition, region: section.text("region")?, recipients });
    }
    let condition = match (metric, above, below, verdict, section.switch("rejected_files")?, days) {
        (Some(metric), Some(limit), None, None, false, None) => Condition::Above(metric, limit),
        (Some(metric), None, Some(limit), None, false, None) => Condition::Below(metric, limit),
        (Some(metric), None, None, Some(code), false, None) => Condition::Verdict(metric, code),
        (None, None, None, None, true, None) => Condition::RejectedFiles,
        (None, None, None, None, false, Some(days)) => Condition::DaysWithoutData(days as i64),
        _ => {
            let message = "write one condition: metric with above, below or verdict; \
                           rejected_files = true; days_without_data; or \
                           feed_overdue";
            return Err(section.wrong(format!("rule {name}: {message}")));
        }
    };
    check_metric(section, &name, &condition)?;
    let recipients = rule_recipients(section, &name)?;
    Ok(Rule { name, condition, region: section.text("region")?, recipients })
}

/// Checks that the metric of a rule exists, and has the verdict that the rule names.
fn check_metric(section: &Section<'_>, rule: &str, condition: &Condition) -> Result<(), LineError> {
    let (Condition::Above(id, _) | Condition::Below(id, _) | Condition::Verdict(id, _)) = condition
    else {
        return Ok(());
    };
    let metric = hotwash_metrics::find(id)
        .map_err(|error| section.wrong_value("metric", format!("rule {rule}: {error}")))?;
    let Condition::Verdict(_, code) = condition else { return Ok(()) };
    let Some(verdicts) = verdicts(metric.definition()) else {
        let all = hotwash_metrics::registry().iter().map(|metric| metric.definition());
        let with: Vec<&str> =
            all.filter(|other| verdicts(other).is_some()).map(|other| other.id).collect();
        let message = format!(
            "rule {rule}: {id} has no verdict; write above or below, or one of the metrics with a \
             verdict: {}",
            with.join(", ")
        );
        return Err(section.wrong_value("verdict", message));
    };
    if !verdicts.contains(&code.as_str()) {
        let choices = choices(code, verdicts.iter().copied());
        let message = format!("rule {rule}: {id} has no verdict {code}{choices}");
        return Err(section.wrong_value("verdict", message));
    }
    Ok(())
}

/// Returns the codes of a metric's verdict, if it has one.
fn verdicts(definition: &MetricDefinition) -> Option<&'static [&'static str]> {
    definition.extras.iter().find_map(|extra| match extra.kind {
        ExtraKind::Code(list) if extra.name == VERDICT => Some(list.codes),
        _ => None,
    })
}

/// Returns the names of a rule's recipients, at least one.
fn rule_recipients(section: &Section<'_>, rule: &str) -> Result<Vec<String>, LineError> {
    let recipients = section.texts("recipients")?;
    if recipients.is_empty() {
        let message = "write recipients = [\"NAME\"], with names of [recipient.NAME]";
        return Err(section.wrong(format!("rule {rule}: {message}")));
    }
    Ok(recipients)
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
            ("digest", "digests", ["line 5", "`digests`", "did you mean digest?"]),
            ("above = 20", "above = \"many\"", ["line 11", "above = \"many\"", "a number"]),
            ("above = 20\n", "", ["line 7", "overdue", "above, below or verdict"]),
            ("action_overdue", "actions_overdue", ["line 9", "actions_overdue", "action_overdue"]),
            (
                "[\"board\"]",
                "[\"bord\"]",
                ["no recipient bord", "did you mean board?", "There are"],
            ),
            (
                "action_overdue",
                "action_overdu",
                ["line 9", "did you mean action_overdue?", "there"],
            ),
            (
                "above = 20",
                "verdict = \"DECLINING\"",
                ["line 11", "action_overdue has no verdict", "capability_trend"],
            ),
            (
                "\"action_overdue\"\nregion = \"3\"\nabove = 20",
                "\"capability_trend\"\nregion = \"3\"\nverdict = \"DECLINNG\"",
                ["line 11", "no verdict DECLINNG; did you mean DECLINING?", "NO_DETECTABLE_TREND"],
            ),
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

    #[test]
    fn a_mail_server_is_read_and_no_message_repeats_an_address() {
        let mail = FILE.replace("folder = \"outbox\"", "email = [\"board@example.org\"]");
        let smtp = "\n[smtp]\nhost = \"mail.example.org\"\nfrom = \"hotwash@example.org\"\n";
        let text = format!("{mail}{smtp}");
        let alerts = parse(&text).unwrap();
        let Channel::Mail { to, .. } = &alerts.recipients["board"].channel else {
            panic!("a recipient of mail")
        };
        assert_eq!(to.len(), 1);
        assert!(!format!("{alerts:?}").contains("example.org"), "{alerts:?}");
        assert!(parse(&mail).unwrap_err().contains("write a section [smtp]"));
        for (from, to, parts) in [
            ("[\"board@example.org\"]", "\"board@example.org\"", ["line 4", "list of texts"]),
            ("\"board@example.org\"", "\"board at example.org\"", ["line 4", "addresses"]),
            ("\"hotwash@example.org\"", "\"hotwash at example.org\"", ["line 16", "from must"]),
            ("from =", "tls = \"none\"\nfrom =", ["line 16", "on this machine"]),
            ("from =", "port = 70000\nfrom =", ["line 16", "1 to 65535"]),
            ("from =", "user = \"robot\"\nfrom =", ["line 16", "HOTWASH_SMTP_PASSWORD"]),
            ("from =", "user = \"u\"\npassword_file = \"none\"\nfrom =", ["line 17", "read"]),
        ] {
            assert!(text.contains(from), "{from}");
            let message = parse(&text.replacen(from, to, 1)).unwrap_err();
            assert!(parts.iter().all(|part| message.contains(part)), "{to}: {message}");
            let is_private = !message.contains("board") && !message.contains("robot");
            assert!(is_private && !message.contains("at example"), "{message}");
        }
    }
}

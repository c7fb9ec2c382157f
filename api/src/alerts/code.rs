//! Codes of what can go wrong with alerts. `docs/errors.md` lists them.

/// Entry of the list of alert errors.
#[derive(Debug)]
pub struct AlertDefinition {
    /// The code.
    pub code: &'static str,
    /// Problem.
    pub meaning: &'static str,
    /// Advice for the operator.
    pub remedy: &'static str,
}

hotwash_schema::codes! {
    /// Errors of the alerts file, of a rule, or of a delivery.
    pub enum AlertCode of AlertDefinition {
        UnreadableAlerts {
            code: "UNREADABLE_ALERTS",
            meaning: "The alerts file cannot be read.",
            remedy: "Correct `--alerts` or `HOTWASH_ALERTS`, or the rights of the file.",
        }
        InvalidAlerts {
            code: "INVALID_ALERTS",
            meaning: "A line of the alerts file is wrong, so no rule was checked.",
            remedy: "Write on this line what the message states.",
        }
        UnknownRegion {
            code: "ALERT_REGION_UNKNOWN",
            meaning: "A rule names a region that the warehouse does not know.",
            remedy: "Write the code of a region, as `hotwash metric` prints it.",
        }
        FeedNotExpected {
            code: "ALERT_FEED_NOT_EXPECTED",
            meaning: "A rule names a source that the file of expected feeds does not name.",
            remedy: "Add the source to the file of `--expectations`, or delete the rule.",
        }
        NotComputed {
            code: "ALERT_NOT_COMPUTED",
            meaning: "A rule or a digest could not be computed, so no message was sent.",
            remedy: "Correct what the message names; the next run computes it again.",
        }
        FolderNotWritten {
            code: "ALERT_FOLDER_NOT_WRITTEN",
            meaning: "A message could not be written into the folder of its recipient.",
            remedy: "Let the service write into the folder, or name another one.",
        }
        MailRejected {
            code: "ALERT_MAIL_REJECTED",
            meaning: "The mail server did not accept a message.",
            remedy: "Check the section `[smtp]` and the log of the mail server.",
        }
        WebhookRejected {
            code: "ALERT_WEBHOOK_REJECTED",
            meaning: "The webhook answered with another status than 2xx.",
            remedy: "Look up the status in the log of the receiving service.",
        }
        WebhookTimeout {
            code: "ALERT_WEBHOOK_TIMEOUT",
            meaning: "The webhook did not answer within 20 seconds.",
            remedy: "Check the receiving service; the next run sends the message again.",
        }
        WebhookUnreachable {
            code: "ALERT_WEBHOOK_UNREACHABLE",
            meaning: "No connection to the webhook could be opened.",
            remedy: "Check its address, the network and the certificate.",
        }
    }
}

//! Reasons why alerts cannot be read or delivered.

use std::path::PathBuf;

use super::code::AlertCode;
use crate::section::LineError;

/// Reason why the alerts file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AlertsError {
    /// The file cannot be read.
    #[error("{}: the alerts cannot be read ({error}); correct --alerts or HOTWASH_ALERTS [{}]",
        file.display(), AlertCode::UnreadableAlerts.as_str())]
    Unreadable {
        /// Alerts file.
        file: PathBuf,
        /// Message of the operating system.
        error: std::io::Error,
    },
    /// A line is wrong.
    #[error("{0} [{code}]", code = AlertCode::InvalidAlerts.as_str())]
    Wrong(#[from] LineError),
}

/// Reason why a message cannot be delivered, without the address.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The folder cannot be written.
    #[error("the folder cannot be written ({0})")]
    Folder(std::io::Error),
    /// The mail server does not take the message.
    #[error("the mail server does not take it: {0}")]
    MailServer(String),
    /// The webhook answers with an error.
    #[error("the webhook answers {0}")]
    Status(u16),
    /// The webhook does not answer in time.
    #[error("the webhook does not answer in time")]
    Timeout,
    /// The webhook cannot be reached.
    #[error("the webhook cannot be reached")]
    Unreachable,
}

impl DeliveryError {
    /// Returns the code of the list of errors.
    pub fn code(&self) -> AlertCode {
        match self {
            Self::Folder(_) => AlertCode::FolderNotWritten,
            Self::MailServer(_) => AlertCode::MailRejected,
            Self::Status(_) => AlertCode::WebhookRejected,
            Self::Timeout => AlertCode::WebhookTimeout,
            Self::Unreachable => AlertCode::WebhookUnreachable,
        }
    }
}

/// A rule that was not checked, or a message that was not delivered. The next run tries again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} [{}]", code.as_str())]
pub struct AlertFailure {
    /// Code of the list of errors.
    pub code: AlertCode,
    /// Problem and remedy, without an address.
    pub message: String,
}

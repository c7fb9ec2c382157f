//! Reasons why alerts cannot be read or delivered.

use std::path::PathBuf;

use crate::section::LineError;

/// Reason why the alerts file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AlertsError {
    /// The file cannot be read.
    #[error("{}: the alerts cannot be read ({error}); correct --alerts or HOTWASH_ALERTS", file.display())]
    Unreadable {
        /// Alerts file.
        file: PathBuf,
        /// Message of the operating system.
        error: std::io::Error,
    },
    /// A line is wrong.
    #[error(transparent)]
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

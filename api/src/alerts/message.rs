//! Messages to recipients.

use chrono::NaiveDate;

/// A message to a recipient.
pub struct Message {
    /// Name of the rule, or `digest`.
    pub rule: String,
    /// `ON`, `OFF` or `DIGEST`.
    pub state: &'static str,
    /// Text for the reader.
    pub text: String,
    /// Day of the message.
    pub day: NaiveDate,
    /// The board pack's summary, with a digest.
    pub pdf: Option<Vec<u8>>,
}

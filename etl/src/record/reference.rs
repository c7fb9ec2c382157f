//! References of records to events and organizations. The merge resolves them in the warehouse,
//! which includes the same file.

use chrono::NaiveDate;
use hotwash_schema::label::normalize_label;

use crate::inspect::trace::{self, Named};
use crate::redact::{SEPARATOR, redact};

/// Reference to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventRef {
    /// Id in the same source, or in any source if only one has it.
    SourceId(String),
    /// Name with a date of the event. Without a date, it means the latest exercise or incident with
    /// a response of that name.
    Named {
        /// Name as written.
        name: String,
        /// A date of the event.
        on: Option<NaiveDate>,
    },
}

impl EventRef {
    /// Refers to an event by its id.
    pub fn id(source_id: impl Into<String>) -> Self {
        Self::SourceId(source_id.into())
    }

    /// Returns the staged form: `id␟ID` or `name␟NORMALIZED␟DAY␟NAME`.
    pub(crate) fn staged(&self) -> String {
        trace::event(|| match self {
            Self::SourceId(id) => Named::Id(id.clone()),
            Self::Named { name, on } => Named::Name(name.clone(), *on),
        });
        match self {
            Self::SourceId(id) => format!("id{SEPARATOR}{}", clean(id)),
            Self::Named { name, on } => {
                let day = on.map(|day| day.to_string()).unwrap_or_default();
                format!(
                    "name{SEPARATOR}{}{SEPARATOR}{day}{SEPARATOR}{}",
                    normalize_label(&clean(name)),
                    clean(name)
                )
            }
        }
    }
}

/// Reference to an organization. An unknown one is added to the warehouse under its name, so that
/// none of its records is lost. An organizations file loaded before or after adds its id and
/// discipline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganizationRef {
    /// Id in the same source, or in any source if only one has it.
    SourceId(String),
    /// Name, with its region if known (`-1` otherwise).
    Named {
        /// Name as written, redacted.
        name: String,
        /// Coalition region id.
        region_id: i32,
    },
}

impl OrganizationRef {
    /// Refers to an organization by its id.
    pub fn id(source_id: impl Into<String>) -> Self {
        Self::SourceId(source_id.into())
    }

    /// Refers to an organization by name, in any region.
    pub fn named(name: impl Into<String>) -> Self {
        Self::Named { name: name.into(), region_id: crate::lookup::UNMAPPED }
    }

    /// Returns the staged form: `id␟ID` or `name␟NORMALIZED␟REGION␟NAME`.
    pub(crate) fn staged(&self) -> String {
        trace::organization(|| match self {
            Self::SourceId(id) => Named::Id(id.clone()),
            Self::Named { name, .. } => Named::Name(name.clone(), None),
        });
        match self {
            Self::SourceId(id) => format!("id{SEPARATOR}{}", clean(id)),
            Self::Named { name, region_id } => {
                format!(
                    "name{SEPARATOR}{}{SEPARATOR}{region_id}{SEPARATOR}{}",
                    normalize_label(&clean(name)),
                    clean(name)
                )
            }
        }
    }
}

/// Redacts text before it is normalized: contact details can no longer be found in normalized text.
fn clean(text: &str) -> String {
    redact(text).0.trim().replace(SEPARATOR, " ")
}

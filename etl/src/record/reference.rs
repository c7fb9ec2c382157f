//! How a record names an event or an organization; the merge finds them in the warehouse, among
//! them those of the same file.

use chrono::NaiveDate;
use hotwash_schema::label::normalize_label;

use crate::inspect::trace;

/// Separates the parts of a staged reference; no text read from a file keeps it.
const SEPARATOR: char = '\u{1f}';

/// The event a record belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventRef {
    /// Its id, in the same source or, when only one source has it, in any.
    SourceId(String),
    /// Its name, with a day on which it took place; without one, the latest exercise or answered
    /// incident of that name.
    Named {
        /// Name as written.
        name: String,
        /// A day of the event.
        on: Option<NaiveDate>,
    },
}

impl EventRef {
    /// An event by its id.
    pub fn id(source_id: impl Into<String>) -> Self {
        Self::SourceId(source_id.into())
    }

    /// As staged: `id␟ID` or `name␟NORMALIZED␟DAY␟NAME`.
    pub(crate) fn staged(&self) -> String {
        trace::event_ref(self);
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

/// An organization as a document names it. One that no list knows is added to the warehouse by its
/// name, so that nothing it did is lost; an organizations file loaded before or after gives it its
/// id and discipline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganizationRef {
    /// Its id, in the same source or, when only one source has it, in any.
    SourceId(String),
    /// Its name, and its region where that is known (`-1` otherwise).
    Named {
        /// Name as written, redacted.
        name: String,
        /// Its coalition region.
        region_id: i32,
    },
}

impl OrganizationRef {
    /// An organization by its id.
    pub fn id(source_id: impl Into<String>) -> Self {
        Self::SourceId(source_id.into())
    }

    /// An organization by name, wherever it is.
    pub fn named(name: impl Into<String>) -> Self {
        Self::Named { name: name.into(), region_id: crate::lookup::UNMAPPED }
    }

    /// As staged: `id␟ID` or `name␟NORMALIZED␟REGION␟NAME`.
    pub(crate) fn staged(&self) -> String {
        trace::organization_ref(self);
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

/// Redacted before anything is made of it: in normalized text contact details are no longer known
/// as such.
fn clean(text: &str) -> String {
    crate::redact::redact(text).0.trim().replace(SEPARATOR, " ")
}

//! Regions, hazards and requirements.

use chrono::NaiveDate;
use diesel::Queryable;
use diesel::sql_types::{Bool, Date, Integer, Nullable, Text};
use serde::{Deserialize, Serialize};

/// A region for labels and rates.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RegionEntry {
    /// Surrogate key.
    pub id: i32,
    /// Code in the coalition scheme; `unmapped` for -1.
    pub code: String,
    /// Name.
    pub name: String,
    /// Name for charts.
    #[serde(default)]
    pub short_name: String,
    /// Residents by the 2020 census; 0 if no municipality is known.
    pub population: i64,
}

impl RegionEntry {
    /// Returns its short name and code, such as `Central (2)`, for readers.
    pub fn label(&self) -> String {
        match self.short_name.as_str() {
            _ if self.code == "unmapped" => "No region".to_owned(),
            name if name.is_empty() || name.contains(&self.code) => format!("Region {}", self.code),
            name => format!("{name} ({})", self.code),
        }
    }
}

/// A hazard for labels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HazardEntry {
    /// Surrogate key.
    pub id: i32,
    /// Code.
    pub code: String,
    /// Category.
    pub category: String,
    /// Name.
    pub name: String,
}

/// Columns of a requirement, in the order of its fields.
pub(super) type RequirementColumns = (
    Text,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Bool,
    Integer,
    Nullable<Integer>,
    Date,
    Date,
);

/// Requirement of a grant program.
#[derive(Clone, Debug, Serialize, Deserialize, Queryable)]
pub struct RequirementEntry {
    /// Program, code and period.
    pub name: String,
    /// `REGION`, or `DISCIPLINE` for every organization of a discipline.
    pub applies_to: String,
    /// The discipline that the requirement applies to.
    pub discipline: Option<String>,
    /// `discussion` or `operations`; `None` for any.
    pub exercise_class: Option<String>,
    /// Code of the exercise type; `None` for any.
    pub exercise_type: Option<String>,
    /// True if an incident counts as well.
    pub incident_counts: bool,
    /// Minimum number of events.
    pub minimum_events: i32,
    /// Maximum number of days between two events.
    pub maximum_gap_days: Option<i32>,
    /// First day of its period.
    pub period_start: NaiveDate,
    /// Deadline.
    pub due_on: NaiveDate,
}

/// Way in which a table was refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableRefresh {
    /// Reused unchanged from the previous snapshot.
    Reused,
    /// Reused with some rows read again.
    Partial,
    /// Read completely.
    Full,
}

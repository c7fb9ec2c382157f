//! Relations and columns of the BI schema.

use serde::Serialize;

/// View or table of the star schema.
#[derive(Clone, Debug, Serialize)]
pub struct BiRelation {
    /// Name in the schema `bi`.
    pub name: String,
    /// Description with its grain.
    pub comment: String,
    /// Columns in order.
    pub columns: Vec<BiColumn>,
}

/// Column of the star schema.
#[derive(Clone, Debug, Serialize)]
pub struct BiColumn {
    /// Name.
    pub name: String,
    /// Postgres type.
    pub data_type: String,
    /// Meaning, with its unit.
    pub comment: String,
}

impl BiRelation {
    /// Returns the columns that join a dimension, with the dimension and its key.
    pub fn joins(&self) -> Vec<(&BiColumn, &'static str, &'static str)> {
        let own = self.own_key();
        self.columns
            .iter()
            .filter(|column| Some(column.name.as_str()) != own)
            .filter_map(|column| {
                dimension_of(&column.name).map(|(dimension, key)| (column, dimension, key))
            })
            .collect()
    }

    /// Returns the columns that together identify a row.
    pub fn key(&self) -> Vec<&str> {
        let single;
        let names: &[&str] = match self.name.as_str() {
            "bridge_event_region" => &["event_id", "region_id"],
            "fact_action_backlog_daily" => &["date_key", "region_id"],
            "dim_date" => &["date_key"],
            "fact_incident" | "fact_exercise" => &["event_id"],
            name if self.is_metric() => {
                single =
                    if name == "metric_value" { name } else { "metric_value" }.to_owned() + "_id";
                &[single.as_str()]
            }
            name => {
                let thing = name
                    .strip_prefix("dim_")
                    .or_else(|| name.strip_prefix("fact_"))
                    .unwrap_or(name);
                single = format!("{thing}_id");
                &[single.as_str()]
            }
        };
        names
            .iter()
            .filter_map(|name| self.column(name))
            .map(|column| column.name.as_str())
            .collect()
    }

    /// Returns the column that alone identifies a row, if there is one.
    pub fn own_key(&self) -> Option<&str> {
        match self.key().as_slice() {
            [key] => Some(*key),
            _ => None,
        }
    }

    /// Returns the rule for combining the values of a column.
    pub fn additivity(&self, column: &BiColumn) -> Additivity {
        match self.is_metric() {
            true if column.is_published_number() => Additivity::Published,
            true => Additivity::None,
            false => column.additivity(),
        }
    }

    /// Returns whether rows are records of events, whose regions are in the bridge: over regions
    /// they count by weight.
    pub fn counts_by_event_region(&self) -> bool {
        let has = |name| self.column(name).is_some();
        self.name.starts_with("fact_") && has("event_id") && !has("region_id")
    }

    /// Returns whether rows are those of a published metric.
    fn is_metric(&self) -> bool {
        self.name.starts_with("metric_")
    }

    pub(super) fn column(&self, name: &str) -> Option<&BiColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Rule for combining the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Additivity {
    /// Sums over any grouping are correct.
    Additive,
    /// Sums over the regions of one day are correct; sums over days are not.
    OverRegions,
    /// Means are correct; sums are not.
    Averaged,
    /// A published number, which is correct only for its own row.
    Published,
    /// A key, a name, a flag, a date, or a number to filter by.
    None,
}

/// Ratio of two additive columns of one view.
#[derive(Clone, Copy, Debug)]
pub struct ShareOf {
    /// Name of the measure.
    pub name: &'static str,
    /// Column of the numerator.
    pub part: &'static str,
    /// Column of the denominator.
    pub whole: &'static str,
    /// Meaning.
    pub meaning: &'static str,
}

/// Ratios that a model offers for views with both columns.
pub const SHARES: [ShareOf; 4] = [
    ShareOf {
        name: "good_share",
        part: "good_count",
        whole: "rated_count",
        meaning: "Share of ratings P or S, 0 to 1; filter level = CAPABILITY and one scale.",
    },
    ShareOf {
        name: "met_objective_share",
        part: "met_objective_count",
        whole: "rated_count",
        meaning: "Share of ratings with the objective met, 0 to 1; filter level = CAPABILITY and \
            one scale.",
    },
    ShareOf {
        name: "overdue_share",
        part: "overdue_count",
        whole: "open_count",
        meaning: "Share of open actions past their present due date, 0 to 1.",
    },
    ShareOf {
        name: "filled_in_full_share",
        part: "filled_in_full_count",
        whole: "request_count",
        meaning: "Share of requests filled in full, 0 to 1.",
    },
];

impl BiColumn {
    /// Returns the additivity stated in the column's comment.
    pub(super) fn additivity(&self) -> Additivity {
        let promises = |words: &str| self.is_number() && self.comment.contains(words);
        if promises(", to sum over regions, never over days") {
            Additivity::OverRegions
        } else if promises(", to sum") {
            Additivity::Additive
        } else if promises(", to average") {
            Additivity::Averaged
        } else {
            Additivity::None
        }
    }

    /// Returns whether sums of the column over any grouping are correct.
    pub fn sums(&self) -> bool {
        self.additivity() == Additivity::Additive
    }

    /// Returns whether the column is one of the numbers of a metric's view.
    pub fn is_published_number(&self) -> bool {
        self.is_number()
            && self.name != "warehouse_version"
            && !self.name.ends_with("_id")
            && !self.name.ends_with("_key")
    }

    fn is_number(&self) -> bool {
        matches!(
            self.data_type.as_str(),
            "integer" | "bigint" | "smallint" | "double precision" | "numeric"
        )
    }
}

/// Returns the dimension to which a key column refers, with the dimension's key.
pub(super) fn dimension_of(column: &str) -> Option<(&'static str, &'static str)> {
    match column {
        "region_id" => Some(("dim_region", "region_id")),
        "hazard_id" => Some(("dim_hazard", "hazard_id")),
        "capability_id" => Some(("dim_capability", "capability_id")),
        "organization_id" => Some(("dim_organization", "organization_id")),
        "event_id" => Some(("dim_event", "event_id")),
        _ if column.ends_with("date_key") => Some(("dim_date", "date_key")),
        _ => None,
    }
}

/// Returns a text as a double-quoted YAML scalar; YAML accepts JSON's quoting.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

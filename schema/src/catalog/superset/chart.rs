//! Defines the charts of the starter dashboard. Each contains its query, so that Superset can
//! answer it through its API at once.

use serde_json::{Value, json};

use super::dataset::Set;
use super::{LAYOUT, id};

/// Chart: a question, the source of its numbers, and its form.
pub struct Chart {
    /// The question, used as title.
    pub name: &'static str,
    /// Width on the dashboard, in twelfths.
    pub width: u8,
    set: &'static str,
    grain: Option<&'static str>,
    format: &'static str,
    drawn: Drawn,
}

enum Drawn {
    /// Measures by a group, as horizontal bars; several measures are stacked.
    Bars { by: &'static str, measures: &'static [&'static str] },
    /// Measures over time, split by a column.
    Lines { over: &'static str, measures: &'static [&'static str], split: Option<&'static str> },
    /// Measure in a grid of two groups.
    Grid { rows: &'static str, columns: &'static str, measure: &'static str },
    /// Unaggregated rows, sorted by the first column.
    Rows { columns: &'static [&'static str], limit: u32 },
}

/// Returns the charts in the order of the dashboard.
pub fn starter() -> Vec<Chart> {
    use Drawn::{Bars, Grid, Lines, Rows};
    let bands =
        &["max_days_1_to_30", "max_days_31_to_90", "max_days_91_to_180", "max_days_over_180"];
    let first = &[
        "rank",
        "region",
        "capability",
        "value",
        "gap",
        "exposure",
        "overdue_share",
        "rank_low",
        "rank_high",
    ];
    let quality = &[
        "source",
        "files",
        "rows_read",
        "rows_loaded",
        "rows_rejected",
        "unmapped_labels",
        "days_since_newest",
    ];
    let chart =
        |name, width, set, grain, format, drawn| Chart { name, width, set, grain, format, drawn };
    let all = Some("ALL");
    vec![
        chart(
            "Is the backlog of actions shrinking?",
            6,
            "metric_action_backlog",
            Some("MONTH"),
            ",d",
            Lines {
                over: "period_start",
                measures: &["max_value", "max_opened", "max_closed"],
                split: None,
            },
        ),
        chart(
            "How old are overdue actions?",
            6,
            "metric_action_overdue",
            all,
            ",d",
            Bars { by: "region", measures: bands },
        ),
        chart(
            "Do we finish what we promised, on time?",
            6,
            "metric_action_on_time",
            all,
            ".0%",
            Bars { by: "region", measures: &["max_value"] },
        ),
        chart(
            "Are the top risks exercised?",
            6,
            "metric_hazard_coverage",
            all,
            ".0%",
            Bars { by: "region", measures: &["max_value"] },
        ),
        chart(
            "How well do we perform?",
            6,
            "metric_capability_performance",
            all,
            ".0%",
            Grid { rows: "capability", columns: "region", measure: "max_value" },
        ),
        chart(
            "What threatens us?",
            6,
            "metric_risk_profile",
            all,
            ".2f",
            Grid { rows: "hazard", columns: "region", measure: "max_value" },
        ),
        chart(
            "What first?",
            12,
            "metric_improvement_priority",
            all,
            ".2f",
            Rows { columns: first, limit: 20 },
        ),
        chart(
            "How much do we exercise?",
            6,
            "fact_exercise",
            None,
            ",d",
            Lines {
                over: "quarter_start",
                measures: &["sum_exercise_count"],
                split: Some("exercise_type"),
            },
        ),
        chart(
            "Which incidents strike?",
            6,
            "fact_incident",
            None,
            ",d",
            Bars { by: "hazard_category", measures: &["sum_incident_count"] },
        ),
        chart(
            "Can I trust it?",
            12,
            "metric_data_quality",
            all,
            ",d",
            Rows { columns: quality, limit: 100 },
        ),
    ]
}

impl Chart {
    /// Returns whether the data sets contain all names that the chart uses.
    pub fn fits(&self, sets: &[Set]) -> bool {
        let Some(set) = sets.iter().find(|set| set.name == self.set) else { return false };
        let measures = set.measures();
        self.columns().iter().all(|name| set.columns.iter().any(|column| column.name == *name))
            && self.measures().iter().all(|name| measures.iter().any(|(known, ..)| known == name))
    }

    /// Returns the name for URLs and files.
    pub fn slug(&self) -> String {
        let words = self
            .name
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty());
        words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
    }

    fn columns(&self) -> Vec<&str> {
        match &self.drawn {
            Drawn::Bars { by, .. } => vec![by],
            Drawn::Lines { over, split, .. } => std::iter::once(*over).chain(*split).collect(),
            Drawn::Grid { rows, columns, .. } => vec![rows, columns],
            Drawn::Rows { columns, .. } => columns.to_vec(),
        }
    }

    fn measures(&self) -> Vec<&str> {
        match &self.drawn {
            Drawn::Bars { measures, .. } | Drawn::Lines { measures, .. } => measures.to_vec(),
            Drawn::Grid { measure, .. } => vec![measure],
            Drawn::Rows { .. } => Vec::new(),
        }
    }

    /// Returns the chart's file in the bundle. Superset replaces 0 with the number of the data set.
    pub fn file(&self) -> Value {
        let form = self.form();
        let context = json!({
            "datasource": {"id": 0, "type": "table"}, "force": false, "queries": [self.query()], "form_data": form,
            "result_format": "json", "result_type": "full",
        });
        json!({
            "slice_name": self.name, "description": null, "certified_by": null, "certification_details": null,
            "viz_type": form["viz_type"], "params": form, "query_context": context.to_string(), "cache_timeout": null,
            "uuid": id(&self.slug()), "version": LAYOUT, "dataset_uuid": id(self.set),
        })
    }

    fn form(&self) -> Value {
        let mut form = json!({
            "datasource": "0__table", "row_limit": 10_000, "time_range": "No filter", "color_scheme": "supersetColors",
            "adhoc_filters": self.grain.map(|grain| json!({
                "expressionType": "SIMPLE", "clause": "WHERE", "subject": "grain", "operator": "==", "operatorId": "EQUALS", "comparator": grain,
            })).into_iter().collect::<Vec<_>>(),
        });
        let own = match &self.drawn {
            Drawn::Bars { by, measures } => json!({
                "viz_type": "echarts_timeseries_bar", "x_axis": by, "metrics": measures, "groupby": [], "orientation": "horizontal",
                "stack": (measures.len() > 1).then_some("Stack"), "show_legend": measures.len() > 1, "y_axis_format": self.format,
                "rich_tooltip": true, "truncateXAxis": true, "x_axis_sort_asc": true,
            }),
            Drawn::Lines { over, measures, split } => json!({
                "viz_type": "echarts_timeseries_line", "x_axis": over, "metrics": measures, "groupby": split.iter().collect::<Vec<_>>(),
                "time_grain_sqla": null, "show_legend": true, "legendOrientation": "top", "y_axis_format": self.format, "rich_tooltip": true,
                "x_axis_time_format": "smart_date",
            }),
            Drawn::Grid { rows, columns, measure } => json!({
                "viz_type": "pivot_table_v2", "groupbyRows": [rows], "groupbyColumns": [columns], "metrics": [measure],
                "aggregateFunction": "Maximum", "valueFormat": self.format, "metricsLayout": "COLUMNS",
                "rowOrder": "key_a_to_z", "colOrder": "key_a_to_z",
            }),
            Drawn::Rows { columns, limit } => json!({
                "viz_type": "table", "query_mode": "raw", "all_columns": columns, "order_by_cols": [json!([columns[0], true]).to_string()],
                "row_limit": limit, "server_page_length": 20, "table_timestamp_format": "smart_date",
            }),
        };
        if let (Value::Object(form), Value::Object(own)) = (&mut form, own) {
            form.extend(own);
        }
        form
    }

    fn query(&self) -> Value {
        let limit = if let Drawn::Rows { limit, .. } = &self.drawn { *limit } else { 10_000 };
        let columns: Vec<Value> = match &self.drawn {
            Drawn::Bars { by: axis, .. } | Drawn::Lines { over: axis, .. } => {
                let axis = json!({"columnType": "BASE_AXIS", "sqlExpression": axis, "label": axis, "expressionType": "SQL"});
                std::iter::once(axis)
                    .chain(self.columns()[1..].iter().map(|name| Value::from(*name)))
                    .collect()
            }
            _ => self.columns().into_iter().map(Value::from).collect(),
        };
        let measures = self.measures();
        json!({
            "filters": self.grain.map(|grain| json!({"col": "grain", "op": "==", "val": grain})).into_iter().collect::<Vec<_>>(),
            "extras": {"having": "", "where": ""}, "applied_time_extras": {}, "columns": columns,
            "metrics": if measures.is_empty() { Value::Null } else { json!(measures) },
            "orderby": [[self.columns()[0], true]], "annotation_layers": [], "row_limit": limit, "series_limit": 0,
            "order_desc": false, "url_params": {}, "custom_params": {}, "custom_form_data": {}, "time_range": "No filter",
        })
    }
}

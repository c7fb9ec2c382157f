//! Inputs of a page: the pinned snapshot, the viewer, the parameters and the API's answers.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Months, NaiveDate};
use hotwash_metrics::{Dimension, Grain, MetricError, MetricQuery, MetricRow, Snapshot, evaluate};
use hotwash_schema::access::{Role, Viewer};
use serde_json::Value;

use crate::frame::PageFrame;
use crate::parameters::{PageChoice, PageParameters, ParameterError};
use crate::query::PageAnswers;
use crate::record_type::FindRecordType;

/// Inputs of a page.
pub struct PageContext<'a> {
    /// The pinned snapshot.
    pub snapshot: &'a Snapshot,
    /// Viewer.
    pub viewer: &'a Viewer,
    /// Parameters from the URL.
    pub parameters: PageParameters,
    /// Answers of the API; empty for static pages and PDF, which show no single records.
    pub answers: PageAnswers,
    /// Finds the record type of a single record.
    pub record_type: FindRecordType,
    /// Reasons for empty figures: details of other regions that this viewer may not see.
    pub not_released: RefCell<BTreeSet<String>>,
}

impl PageContext<'_> {
    /// Returns the as-of day.
    pub fn as_of(&self) -> NaiveDate {
        self.parameters.as_of.unwrap_or_else(|| MetricQuery::default().as_of)
    }

    /// Checks that the chosen region and framework exist.
    ///
    /// # Errors
    /// Fails with the unknown value and the known ones.
    pub fn check(&self) -> Result<(), ParameterError> {
        let known = |what: &'static str, chosen: &Option<String>, known: Vec<String>| match chosen {
            Some(chosen) if !known.contains(chosen) => Err(ParameterError::Unknown {
                what,
                found: chosen.clone(),
                known: known.join(", "),
            }),
            _ => Ok(()),
        };
        known(
            "Region",
            &self.parameters.region,
            self.regions().into_iter().map(|(code, _)| code).collect(),
        )?;
        known("Framework", &self.parameters.framework, self.frameworks())
    }

    /// Returns the metric query for the page's period, as-of day, and those filters that the metric
    /// supports.
    pub fn metric_query(&self, id: &str) -> MetricQuery {
        let mut metric_query = MetricQuery {
            from: self.parameters.from,
            to: self.parameters.to,
            as_of: self.as_of(),
            ..MetricQuery::default()
        };
        let takes = |dimension: &Dimension| {
            hotwash_metrics::find(id)
                .is_ok_and(|metric| metric.definition().dimensions.contains(dimension))
        };
        for (dimension, chosen) in [
            (Dimension::Region, &self.parameters.region),
            (Dimension::Framework, &self.parameters.framework),
        ] {
            if let Some(chosen) = chosen.as_ref().filter(|_| takes(&dimension)) {
                metric_query.filter.insert(dimension, vec![chosen.clone()]);
            }
        }
        metric_query
    }

    /// Returns the metric query of a metric's own page, including all other parameters of the URL.
    ///
    /// # Errors
    /// Fails when a parameter has an invalid value.
    pub fn page_metric_query(&self, id: &str) -> Result<MetricQuery, MetricError> {
        let mut metric_query = self.metric_query(id);
        for (name, value) in &self.parameters.more {
            metric_query.take(name, value)?;
        }
        Ok(metric_query)
    }

    /// Computes the rows of a metric.
    pub fn rows(
        &self,
        id: &str,
        metric_query: &MetricQuery,
    ) -> Result<Vec<MetricRow>, MetricError> {
        match evaluate(self.snapshot, id, metric_query, self.viewer) {
            Ok(result) => Ok(result.rows),
            // Details of other regions that the viewer may not see leave the figure empty; the page
            // still works.
            Err(error) if error.is_forbidden() => {
                self.not_released.borrow_mut().insert(match error {
                    MetricError::NotReleased { what, allowed, .. } => format!("{what}; {allowed}"),
                    MetricError::OtherDay { released, .. } => {
                        format!("other regions are published as of {released} only")
                    }
                    other => other.to_string(),
                });
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Computes a metric with these dimensions and filters.
    pub fn by(
        &self,
        id: &str,
        group_by: &[Dimension],
        filters: &[(Dimension, &str)],
        period: Option<Grain>,
    ) -> Result<Vec<MetricRow>, MetricError> {
        let mut metric_query =
            MetricQuery { group_by: Some(group_by.to_vec()), period, ..self.metric_query(id) };
        for (dimension, value) in filters {
            metric_query.filter.insert(*dimension, vec![(*value).to_owned()]);
        }
        self.rows(id, &metric_query)
    }

    /// Computes a metric's single row, for all records or those of a filter.
    pub fn one(
        &self,
        id: &str,
        filters: &[(Dimension, &str)],
    ) -> Result<Option<MetricRow>, MetricError> {
        Ok(self.by(id, &[], filters, None)?.into_iter().next())
    }

    /// Computes a metric for the quarters that ended by the as-of day. A running quarter would look
    /// worse than it will be.
    pub fn quarters(
        &self,
        id: &str,
        filters: &[(Dimension, &str)],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let as_of = self.as_of();
        let ended = |row: &MetricRow| {
            let end = start(row).and_then(|start| start.checked_add_months(Months::new(3)));
            end.is_some_and(|end| end <= as_of.succ_opt().unwrap_or(as_of))
        };
        Ok(self.by(id, &[], filters, Some(Grain::Quarter))?.into_iter().filter(ended).collect())
    }

    /// Computes a metric as of the end of each of the last twelve quarters; the last is the as-of
    /// day.
    pub fn at_quarter_ends(
        &self,
        id: &str,
        filters: &[(Dimension, &str)],
    ) -> Result<Vec<(NaiveDate, MetricRow)>, MetricError> {
        let as_of = self.as_of();
        let quarter =
            NaiveDate::from_ymd_opt(as_of.year(), as_of.month0() / 3 * 3 + 1, 1).unwrap_or(as_of);
        let ends = (0..12_u32)
            .rev()
            .filter_map(|back| quarter.checked_sub_months(Months::new(3 * back))?.pred_opt());
        let mut found = Vec::new();
        for day in ends.filter(|day| *day < as_of).chain([as_of]) {
            let mut metric_query =
                MetricQuery { group_by: Some(Vec::new()), as_of: day, ..self.metric_query(id) };
            for (dimension, value) in filters {
                metric_query.filter.insert(*dimension, vec![(*value).to_owned()]);
            }
            if let Some(row) =
                self.rows(id, &metric_query)?.into_iter().next().filter(|row| row.n > 0)
            {
                found.push((day, row));
            }
        }
        Ok(found)
    }

    /// Returns names of capabilities by framework and code.
    pub fn names(&self) -> &BTreeMap<String, String> {
        &self.snapshot.capabilities
    }

    /// Name of a hazard.
    pub fn hazard(&self, code: &str) -> String {
        self.snapshot
            .hazards
            .values()
            .find(|hazard| hazard.code == code)
            .map_or_else(|| code.to_owned(), |hazard| hazard.name.clone())
    }

    /// Returns the regions of the coalition scheme, in order.
    pub fn regions(&self) -> Vec<(String, String)> {
        self.snapshot
            .regions
            .values()
            .filter(|region| region.id > 0)
            .map(|region| (region.code.clone(), region.name.clone()))
            .collect()
    }

    /// Returns the regions that a figure shows: the chosen one, or all.
    pub fn shown_regions(&self) -> Vec<(String, String)> {
        let mut regions = self.regions();
        regions.retain(|(code, _)| {
            self.parameters.region.as_ref().is_none_or(|chosen| chosen == code)
        });
        regions
    }

    fn frameworks(&self) -> Vec<String> {
        let mut codes: Vec<String> = self
            .names()
            .keys()
            .filter_map(|code| code.split(':').next().map(str::to_owned))
            .collect();
        codes.dedup();
        codes
    }

    /// Returns the answer to a query of the page.
    pub fn answer(&self, name: &str) -> Option<&Result<Value, String>> {
        self.answers.get(name)
    }

    /// Returns the frame of the page.
    pub fn frame(&self) -> PageFrame {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let any = |text: &str| vec![(String::new(), text.to_owned())];
        let regions =
            self.regions().into_iter().map(|(code, name)| (code.clone(), format!("{code} {name}")));
        let frameworks = self.frameworks().into_iter().map(|code| (code.clone(), code));
        let choice = |name: &str,
                      label: &str,
                      options: Vec<(String, String)>,
                      chosen: &Option<String>| PageChoice {
            name: name.into(),
            label: label.into(),
            options,
            chosen: chosen.clone().unwrap_or_default(),
        };
        PageFrame {
            as_of: self.as_of(),
            version: self.snapshot.version,
            fictional: self.snapshot.fictional,
            audience: match self.viewer.role {
                Role::Viewer => {
                    "Published figures with small numbers suppressed. For all signed-in readers."
                        .into()
                }
                Role::Region => {
                    format!(
                        "Includes details for region {}. Not for other regions.",
                        self.viewer.regions.join(", ")
                    )
                }
                _ => "Includes details for all regions. For state and coalition staff only.".into(),
            },
            banner: String::new(),
            shared: self.parameters.shared(),
            from: day(self.parameters.from),
            to: day(self.parameters.to),
            choices: vec![
                choice(
                    "region",
                    "Region",
                    any("All regions").into_iter().chain(regions).collect(),
                    &self.parameters.region,
                ),
                choice(
                    "framework",
                    "Framework",
                    any("All frameworks").into_iter().chain(frameworks).collect(),
                    &self.parameters.framework,
                ),
            ],
            signed_in: self.viewer.name != "local",
        }
    }

    /// Returns whether there are no records to report on, regardless of filters.
    pub fn is_empty(&self) -> Result<bool, MetricError> {
        let everything = MetricQuery {
            group_by: Some(Vec::new()),
            as_of: self.as_of(),
            ..MetricQuery::default()
        };
        for id in ["capability_performance", "action_closure"] {
            // Whether any record exists is not confidential.
            if evaluate(self.snapshot, id, &everything, &Viewer::local())?
                .rows
                .iter()
                .any(|row| row.n > 0)
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Returns the value of a row's dimension.
pub fn key(row: &MetricRow, dimension: Dimension) -> String {
    row.dimensions.get(dimension.key()).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Returns the first day of a row's period.
pub fn start(row: &MetricRow) -> Option<NaiveDate> {
    row.dimensions.get("periodStart").and_then(Value::as_str).and_then(|day| day.parse().ok())
}

/// Name of a row's period.
pub fn period(row: &MetricRow) -> String {
    row.dimensions.get("period").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Returns a number from a row's extra fields.
pub fn extra(row: &MetricRow, name: &str) -> Option<f64> {
    row.extra.get(name).and_then(Value::as_f64)
}

//! Inputs of a page: the pinned snapshot, the viewer, the parameters and the API's answers.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Months, NaiveDate};
use hotwash_metrics::{
    Clusters, Dimension, Grain, MetricError, MetricQuery, MetricResult, MetricRow, RegionEntry,
    Reliability, Snapshot, clusters, data_through, evaluate,
};
use hotwash_schema::access::{Role, Viewer};
use serde_json::Value;

use crate::days::{Extent, Reach, days_within, five_years_before};
use crate::extras::with_all_extras;
pub use crate::extras::{extra, extra_value};
use crate::feeds::{self, is_seen};
use crate::frame::PageFrame;
use crate::parameters::{Days, PageChoice, PageParameters, ParameterError, complete_months};
use crate::query::PageAnswers;
use crate::record_type::FindRecordType;
use crate::wording::{capability, day, listed, period_name, plain, with_readable_days};

/// Note of an overdue feed, with the region of the row that counts it.
pub type OverdueNote = (Option<String>, String);

/// Returns the name of a source for readers; the server knows them all.
pub type NameSource = fn(&str) -> String;

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
    /// Names a source.
    pub source_name: NameSource,
    /// Metrics with figures that are empty, because this viewer may not see them of other regions.
    pub not_released: RefCell<BTreeSet<String>>,
    /// Notes of overdue feeds by metric.
    pub overdue: RefCell<BTreeMap<String, BTreeSet<OverdueNote>>>,
    /// How far the records reach, once known.
    pub reach: OnceCell<Reach>,
}

impl PageContext<'_> {
    /// Returns the as-of day: the chosen one, or the last day that the records reach. What is due
    /// later cannot be judged. Readers of a release start with its day, or with the last day of
    /// their own region's records if that is later.
    pub fn as_of(&self) -> NaiveDate {
        let today = MetricQuery::default().as_of;
        let through = || match self.viewer.sees_all_detail() {
            true => self.reach().through,
            false => self.released_on().map(|released| match self.own_data_through() {
                Some(own) => own.max(released),
                None => released,
            }),
        };
        self.parameters.as_of.unwrap_or_else(|| through().unwrap_or(today))
    }

    /// Returns the day that published figures describe; none before the first release.
    pub fn released_on(&self) -> Option<NaiveDate> {
        self.snapshot.release().map(|release| release.as_of)
    }

    /// Returns how far the records reach; nothing while the engine does not answer.
    pub fn reach(&self) -> &Reach {
        self.reach.get_or_init(|| {
            let today = MetricQuery::default().as_of;
            let regions = data_through(self.snapshot, today).unwrap_or_default();
            Reach::new(regions.into_iter().filter(|(code, _)| code != "unmapped").collect())
        })
    }

    /// Returns the newest day with records: of a region, or of all regions that the viewer may see.
    pub fn data_through(&self, region: Option<&str>) -> Option<NaiveDate> {
        let reach = self.reach();
        match region {
            Some(code) => reach
                .regions
                .iter()
                .find(|(known, _)| known == code && self.viewer.sees_region(known))
                .map(|(_, newest)| *newest),
            None => reach.through.filter(|_| self.viewer.sees_all_detail()),
        }
    }

    /// Returns the newest day with records of the viewer's own regions.
    fn own_data_through(&self) -> Option<NaiveDate> {
        self.viewer.regions.iter().filter_map(|code| self.data_through(Some(code))).max()
    }

    /// Returns the period of the page: the chosen one, or the last twelve complete months.
    /// Releases offer no period but all records.
    pub fn period(&self) -> Days {
        let chosen = (self.parameters.from, self.parameters.to);
        if chosen != (None, None) || self.parameters.all || !self.viewer.sees_all_detail() {
            return chosen;
        }
        complete_months(self.as_of(), 12)
    }

    /// Returns true if the page counts the last twelve complete months.
    pub fn has_default_period(&self) -> bool {
        (self.parameters.from, self.parameters.to) == (None, None) && self.period() != (None, None)
    }

    /// Returns first and last day that a metric counts.
    fn days(&self, id: &str) -> Days {
        match Extent::of(id) {
            Extent::State => (None, None),
            Extent::Long => (self.parameters.from, self.parameters.to),
            Extent::Period | Extent::Delayed(_) => days_within(id, self.period(), self.as_of()),
        }
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
        let regions = || self.regions().into_iter().map(|(code, _)| code).collect();
        known("Region", &self.parameters.region, regions())?;
        let with = self.parameters.more.get("with_region").filter(|code| *code != "all").cloned();
        known("Region", &with, regions())?;
        known("Framework", &self.parameters.framework, self.frameworks())
    }

    /// Returns the metric query for the page's period, as-of day, and those filters that the metric
    /// supports.
    pub fn metric_query(&self, id: &str) -> MetricQuery {
        let (from, to) = self.days(id);
        let mut metric_query =
            MetricQuery { from, to, as_of: self.as_of(), ..MetricQuery::default() };
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
        match self.evaluated(id, metric_query) {
            Ok(result) => {
                let mut rows = with_all_extras(result.definition, result.rows);
                for note in rows.iter_mut().filter_map(|row| row.note.as_mut()) {
                    *note = with_readable_days(note);
                }
                self.note_overdue(id, &rows);
                Ok(rows)
            }
            // Details of other regions that the viewer may not see leave the figure empty; the page
            // still works.
            Err(error) if error.is_forbidden() => {
                self.not_released.borrow_mut().insert(id.to_owned());
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Computes a metric. Figures about other regions are those of the release, unless the reader
    /// chose another day.
    fn evaluated(&self, id: &str, query: &MetricQuery) -> Result<MetricResult, MetricError> {
        let is_page_day = self.parameters.as_of.is_none() && query.as_of == self.as_of();
        match evaluate(self.snapshot, id, query, self.viewer) {
            Err(MetricError::OtherDay { released, .. }) if is_page_day => {
                let query = MetricQuery { as_of: released, ..query.clone() };
                evaluate(self.snapshot, id, &query, self.viewer)
            }
            result => result,
        }
    }

    /// Returns the clusters of records behind rows of a query, for comparisons of shares.
    pub fn clusters(
        &self,
        id: &str,
        metric_query: &MetricQuery,
        rows: &[MetricRow],
    ) -> Result<Vec<Option<Clusters>>, MetricError> {
        clusters(self.snapshot, id, metric_query, self.viewer, rows)
    }

    /// Stores the notes of rows that count an overdue feed, for the figures that show them.
    fn note_overdue(&self, id: &str, rows: &[MetricRow]) {
        for row in rows.iter().filter(|row| row.reliability == Reliability::Stale) {
            let Some(note) = row.note.clone() else { continue };
            let region = row.dimensions.get(Dimension::Region.key()).and_then(Value::as_str);
            let mut overdue = self.overdue.borrow_mut();
            overdue.entry(id.to_owned()).or_default().insert((region.map(str::to_owned), note));
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

    /// Returns a query like [`Self::metric_query`] over the last five years, for lines over time.
    /// A shorter period shows levels, not how they changed.
    pub fn five_years(&self, id: &str, group_by: &[Dimension]) -> MetricQuery {
        let mut metric_query =
            MetricQuery { group_by: Some(group_by.to_vec()), ..self.metric_query(id) };
        (metric_query.from, metric_query.to) = (None, None);
        if Extent::of(id) != Extent::State && self.viewer.sees_all_detail() {
            let last = self.parameters.to.unwrap_or(metric_query.as_of).min(metric_query.as_of);
            (metric_query.from, metric_query.to) = five_years_before(last);
        }
        metric_query
    }

    /// Computes a metric for the quarters of five years that ended by the as-of day. A running
    /// quarter would look worse than it will be.
    pub fn quarters(
        &self,
        id: &str,
        group_by: &[Dimension],
        filters: &[(Dimension, &str)],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let mut metric_query = self.five_years(id, group_by);
        for (dimension, value) in filters {
            metric_query.filter.insert(*dimension, vec![(*value).to_owned()]);
        }
        self.by_quarter(id, metric_query)
    }

    /// Computes a metric for the quarters of a query that ended by its last day.
    pub fn by_quarter(
        &self,
        id: &str,
        metric_query: MetricQuery,
    ) -> Result<Vec<MetricRow>, MetricError> {
        let metric_query = MetricQuery { period: Some(Grain::Quarter), ..metric_query };
        let last = metric_query.to.unwrap_or(metric_query.as_of);
        let ended = |row: &MetricRow| {
            let end = start(row).and_then(|start| start.checked_add_months(Months::new(3)));
            end.is_some_and(|end| end <= last.succ_opt().unwrap_or(last))
        };
        Ok(self.rows(id, &metric_query)?.into_iter().filter(ended).collect())
    }

    /// Computes the published trend of ratings over five years.
    pub fn trend(&self, filters: &[(Dimension, &str)]) -> Result<Option<MetricRow>, MetricError> {
        let mut metric_query = self.five_years("capability_trend", &[]);
        for (dimension, value) in filters {
            metric_query.filter.insert(*dimension, vec![(*value).to_owned()]);
        }
        Ok(self.rows("capability_trend", &metric_query)?.into_iter().next())
    }

    /// Returns the reason why a metric has no rows: withheld from this viewer, or no record.
    pub fn absence(&self, id: &str) -> &'static str {
        if self.is_withheld(id) {
            "Not shown: your access does not cover these records."
        } else {
            "No records in this period with these filters."
        }
    }

    /// Returns true if a figure of the metric is empty for this viewer.
    pub fn is_withheld(&self, id: &str) -> bool {
        self.not_released.borrow().contains(id)
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

    /// Returns a region's short name and code, such as `Central (2)`.
    pub fn region(&self, code: &str) -> String {
        let known = self.snapshot.regions.values().find(|region| region.code == code);
        known.map_or_else(|| format!("Region {code}"), RegionEntry::label)
    }

    /// Names a group of a dimension, such as a capability or a hazard.
    pub fn group(&self, dimension: Dimension, code: &str) -> String {
        match dimension {
            Dimension::Region => self.region(code),
            Dimension::Capability => capability(code, self.names()),
            Dimension::Hazard => self.hazard(code),
            Dimension::Element
            | Dimension::Discipline
            | Dimension::EventKind
            | Dimension::HazardCategory => plain(code),
            Dimension::Source => (self.source_name)(code),
            Dimension::Framework | Dimension::ExerciseType | Dimension::Organization => {
                code.to_owned()
            }
        }
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

    /// Returns the frameworks with ratings or actions, whatever the period.
    fn used_frameworks(&self) -> Vec<String> {
        let mut used: Vec<String> = Vec::new();
        for id in ["capability_performance", "action_closure"] {
            let all = MetricQuery {
                group_by: Some(vec![Dimension::Framework]),
                ..MetricQuery::default()
            };
            // Whether any record exists is not confidential.
            let rows = evaluate(self.snapshot, id, &all, &Viewer::local());
            let rows = rows.map(|result| result.rows).unwrap_or_default();
            used.extend(rows.iter().map(|row| key(row, Dimension::Framework)));
        }
        let mut known = self.frameworks();
        known
            .retain(|code| used.contains(code) || self.parameters.framework.as_ref() == Some(code));
        known
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

    /// Warns when the records end long before today, or before the as-of day. Empty otherwise.
    fn stale(&self) -> String {
        let sees_all = self.viewer.sees_all_detail();
        let known = if sees_all { self.reach().through } else { self.own_data_through() };
        let Some(through) = known else { return String::new() };
        let today = MetricQuery::default().as_of;
        let behind: Vec<String> = self
            .reach()
            .regions
            .iter()
            .filter(|(code, newest)| {
                self.viewer.sees_region(code) && Reach::is_behind(*newest, through)
            })
            .map(|(code, newest)| format!("{} ({})", self.region(code), day(*newest)))
            .collect();
        let own: Vec<String> = self.viewer.regions.iter().map(|code| self.region(code)).collect();
        let whose = if sees_all { String::new() } else { format!(" of {}", listed(&own)) };
        let mut warnings = Vec::new();
        if Reach::is_late(through, today) && self.as_of() >= through {
            warnings.push(format!("No data{whose} since {}.", day(through)));
        }
        // A release is as of the end of a month, whatever the last day of a region's records.
        if self.as_of() > through && (sees_all || Reach::is_late(through, self.as_of())) {
            warnings.push(format!(
                "This view is as of {}: what is due after {} may be done already.",
                day(self.as_of()),
                day(through)
            ));
        }
        if !behind.is_empty() {
            warnings.push(format!(
                "{} reported last on an earlier day, so that what was due since may be done already: \
                 {}.",
                if behind.len() == 1 { "This region" } else { "These regions" },
                listed(&behind)
            ));
        }
        warnings.join(" ")
    }

    /// Names the overdue feeds that the viewer may see. Empty without any.
    pub fn overdue_feeds(&self) -> String {
        let seen = self.snapshot.feeds().iter().filter(|feed| is_seen(self.viewer, feed));
        let today = MetricQuery::default().as_of;
        feeds::warning(seen, today)
    }

    /// Returns the frame of the page.
    pub fn frame(&self) -> PageFrame {
        let any = |text: &str| vec![(String::new(), text.to_owned())];
        let regions = self
            .regions()
            .into_iter()
            .map(|(code, name)| (code.clone(), format!("{name} ({code})")));
        let frameworks = self.used_frameworks().into_iter().map(|code| (code.clone(), code));
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
                    let own = self.viewer.regions.iter().map(|code| self.region(code));
                    let own: Vec<String> = own.collect();
                    format!("Includes details for {}. Not for other regions.", listed(&own))
                }
                _ => "Includes details for all regions. For state and coalition staff only.".into(),
            },
            banner: String::new(),
            stale: [self.stale(), self.overdue_feeds()].join(" ").trim().to_owned(),
            shared: self.parameters.shared(),
            query: self.parameters.all(),
            period: self.period(),
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
        let everything = MetricQuery { group_by: Some(Vec::new()), ..MetricQuery::default() };
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
    period_name(row.dimensions.get("period").and_then(Value::as_str).unwrap_or_default())
}

//! The pages, one file each; every number comes from the metric function that the API calls.

mod actions;
mod capability;
mod data;
mod event;
mod metric;
mod overview;
mod region;
mod regions;
mod response;
mod risks;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use hotwash_metrics::{Ask, Dimension, Grain, MetricError, Row, Snapshot, evaluate};
use hotwash_schema::access::Viewer;
use serde_json::Value;

use super::Page;
use super::html::Frame;
pub use event::{event, event_query};

/// What the page's address asks for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
    /// As-of day.
    pub as_of: Option<NaiveDate>,
}

impl Asked {
    /// Reads a query string; the error says what would be right.
    pub fn read(query: &str) -> Result<Self, String> {
        let mut asked = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match name {
                "from" => &mut asked.from,
                "to" => &mut asked.to,
                "as_of" => &mut asked.as_of,
                _ => continue,
            };
            if !value.is_empty() {
                *place = Some(value.parse().map_err(|_| format!("{name}={value}: must be a day such as 2026-06-30"))?);
            }
        }
        if let (Some(from), Some(to)) = (asked.from, asked.to)
            && from > to
        {
            return Err(format!("The period is reversed: from {from} lies after to {to}. Exchange them."));
        }
        Ok(asked)
    }

    /// As a query string.
    pub fn query(&self) -> String {
        let pairs = [("from", self.from), ("to", self.to), ("as_of", self.as_of)];
        pairs.iter().filter_map(|(name, day)| day.map(|day| format!("{name}={day}"))).collect::<Vec<_>>().join("&")
    }
}

/// What pages are made from.
pub struct Context<'a> {
    /// The pinned snapshot.
    pub snapshot: &'a Snapshot,
    /// Who reads.
    pub viewer: &'a Viewer,
    /// What is asked.
    pub asked: Asked,
}

impl Context<'_> {
    /// The as-of day.
    pub fn as_of(&self) -> NaiveDate {
        self.asked.as_of.unwrap_or_else(|| chrono::Local::now().date_naive())
    }

    fn ask(&self) -> Ask {
        Ask { from: self.asked.from, to: self.asked.to, as_of: self.as_of(), ..Ask::default() }
    }

    fn rows(&self, id: &str, ask: &Ask) -> Result<Vec<Row>, MetricError> {
        Ok(evaluate(self.snapshot, id, ask, self.viewer)?.rows)
    }

    /// By these dimensions, with these filters.
    fn by(
        &self,
        id: &str,
        group_by: &[Dimension],
        filters: &[(Dimension, &str)],
        period: Option<Grain>,
    ) -> Result<Vec<Row>, MetricError> {
        let mut ask = Ask { group_by: Some(group_by.to_vec()), period, ..self.ask() };
        for (dimension, value) in filters {
            ask.filter.insert(*dimension, vec![(*value).to_owned()]);
        }
        self.rows(id, &ask)
    }

    /// The one row of the whole, or of a filter.
    fn one(&self, id: &str, filters: &[(Dimension, &str)]) -> Result<Option<Row>, MetricError> {
        Ok(self.by(id, &[], filters, None)?.into_iter().next())
    }

    fn names(&self) -> &BTreeMap<String, String> {
        &self.snapshot.capabilities
    }

    fn hazard(&self, code: &str) -> String {
        self.snapshot
            .hazards
            .values()
            .find(|hazard| hazard.code == code)
            .map_or_else(|| code.to_owned(), |hazard| hazard.name.clone())
    }

    /// Regions of the coalition scheme, in their order.
    fn regions(&self) -> Vec<(String, String)> {
        self.snapshot
            .regions
            .values()
            .filter(|region| region.id > 0)
            .map(|region| (region.code.clone(), region.name.clone()))
            .collect()
    }

    /// What the page says of itself.
    pub fn frame(&self) -> Frame {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Frame {
            as_of: self.as_of().to_string(),
            version: self.snapshot.version,
            fictional: self.snapshot.fictional,
            audience: match self.viewer.role {
                hotwash_schema::access::Role::Viewer => {
                    "aggregates, small cells withheld: for everybody signed in".into()
                }
                hotwash_schema::access::Role::Region => {
                    format!("detail of region {}; not for others", self.viewer.regions.join(", "))
                }
                _ => "detail of all regions: for state and coalition staff".into(),
            },
            banner: String::new(),
            query: self.asked.query(),
            from: day(self.asked.from),
            to: day(self.asked.to),
            signed_in: self.viewer.name != "local",
        }
    }

    /// Whether there is anything to report on.
    fn is_empty(&self) -> Result<bool, MetricError> {
        Ok(self.one("capability_performance", &[])?.is_none_or(|row| row.n == 0)
            && self.one("action_closure", &[])?.is_none_or(|row| row.n == 0))
    }
}

/// A row's dimension.
fn key(row: &Row, dimension: Dimension) -> String {
    row.dimensions.get(dimension.key()).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A number among a row's extras.
fn extra(row: &Row, name: &str) -> Option<f64> {
    row.extra.get(name).and_then(Value::as_f64)
}

/// The page at a path; none when there is no such page.
///
/// # Errors
/// As the metrics it shows.
pub fn find(path: &str, context: &Context<'_>) -> Result<Option<Page>, MetricError> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    if matches!(parts.as_slice(), [""] | ["regions"] | ["actions"] | ["capabilities"]) && context.is_empty()? {
        return Ok(Some(empty(path)));
    }
    Ok(match parts.as_slice() {
        [""] => Some(overview::page(context)?),
        ["regions"] => Some(regions::page(context)?),
        ["regions", code] => match context.regions().into_iter().find(|(known, _)| known == code) {
            Some((code, name)) => Some(region::page(context, &code, &name)?),
            None => None,
        },
        ["capabilities"] => Some(capability::index(context)?),
        ["capabilities", framework, code] => {
            let code = format!("{framework}:{code}");
            if context.names().contains_key(&code) { Some(capability::page(context, &code)?) } else { None }
        }
        ["risks"] => Some(risks::page(context)?),
        ["actions"] => Some(actions::page(context)?),
        ["response"] => Some(response::page(context)?),
        ["metric"] => Some(metric::index()),
        ["metrics", id] if hotwash_metrics::find(id).is_ok() => Some(metric::page(context, id)?),
        ["data"] => Some(data::page(context)?),
        _ => None,
    })
}

fn empty(path: &str) -> Page {
    Page {
        path: path.into(),
        title: "Nothing to report yet".into(),
        question: "What to load, and how".into(),
        sections: vec![
            super::Section::Text("The warehouse holds no ratings and no corrective actions. Load your after-action reports, improvement plans and logs: hotwash load FOLDER.".into()),
            super::Section::Text("hotwash sources lists the documents that can be read; hotwash template ratings writes an empty table to fill in; hotwash demo loads a fictional coalition to look around in.".into()),
        ],
    }
}

/// Every page that stands by itself, for a folder or for print.
///
/// # Errors
/// As the metrics they show.
pub fn all_static(context: &Context<'_>) -> Result<Vec<Page>, MetricError> {
    let mut paths = vec![
        "/".to_owned(),
        "/regions".into(),
        "/capabilities".into(),
        "/risks".into(),
        "/actions".into(),
        "/response".into(),
        "/metric".into(),
        "/data".into(),
    ];
    paths.extend(context.regions().iter().map(|(code, _)| format!("/regions/{code}")));
    let rated = context.by("capability_performance", &[Dimension::Capability], &[], None)?;
    paths
        .extend(rated.iter().map(|row| format!("/capabilities/{}", key(row, Dimension::Capability).replace(':', "/"))));
    paths.extend(hotwash_metrics::registry().iter().map(|metric| format!("/metrics/{}", metric.definition().id)));
    let mut pages = Vec::new();
    for path in paths {
        if let Some(page) = find(&path, context)? {
            pages.push(page);
        }
    }
    Ok(pages)
}

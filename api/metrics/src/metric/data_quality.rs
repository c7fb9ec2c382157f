//! Can the records be trusted? Loaded files, rows, rejects, unknown labels and redactions, by source.

use super::{Metric, dimensions};
use crate::clusters::{CLUSTER, Clusters, RowClusters};
use crate::cube::{CellGroup, Cube, Measure, column, cube, day_of, filled};
use crate::definition::{Extra, MetricDefinition, Unit};
use crate::facts::Facts;
use crate::query::{Dimension, MetricError, MetricQuery};
use crate::row::{MetricRow, Reliability};
use crate::snapshot::Snapshot;
use hotwash_statistics::wilson;

/// The metric.
pub struct DataQuality;

static DEFINITION: MetricDefinition = MetricDefinition {
    id: "data_quality",
    title: "Data quality",
    question: "How much of the delivered data could be loaded?",
    unit: Unit::Share,
    formula: "Rows rejected / rows read, over all loaded files. Wilson interval. A file belongs to \
        the period in which it was loaded.",
    reference: "Every load satisfies read = inserted + updated + unchanged + rejected",
    dimensions: &[Dimension::Source],
    default_group_by: &[Dimension::Source],
    minimum_n: 1,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::integer("files", "files loaded"),
        Extra::long("rowsRead", "rows read"),
        Extra::long("rowsLoaded", "rows inserted or updated"),
        Extra::long("rowsUnchanged", "rows that changed nothing"),
        Extra::long("rowsRejected", "rows rejected"),
        Extra::long("warnings", "warnings"),
        Extra::long("unmappedLabels", "labels missing from the reference lists"),
        Extra::long("redactions", "contact details removed"),
        Extra::integer("daysSinceNewest", "days from the source's newest event to the as-of day"),
    ],
};

const MEASURES: &[&str] =
    &["read", "loaded", "unchanged", "rejected", "warnings", "unmapped", "redacted"];
const NAMES: [&str; 7] = [
    "rowsRead",
    "rowsLoaded",
    "rowsUnchanged",
    "rowsRejected",
    "warnings",
    "unmappedLabels",
    "redactions",
];

/// Loaded files. A file that failed brings no record and raises no version, so no figure counts it.
fn files() -> Cube {
    Cube::of("files").by_day("local_date")
}

impl Metric for DataQuality {
    fn definition(&self) -> &'static MetricDefinition {
        &DEFINITION
    }

    fn facts(&self, _snapshot: &Snapshot, _query: &MetricQuery) -> Result<Vec<Facts>, MetricError> {
        // Rows are counted; files are listed.
        Ok(vec![Facts::of("LoadedFile", "file_id", files())])
    }

    fn clusters(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Option<RowClusters>, MetricError> {
        // Rows of one file are alike.
        let by_file = files().sums(&["read", "rejected"]).key(CLUSTER, column("file_id"));
        let groups = cube(snapshot, &by_file, query, group_by)?;
        let of = |group: &CellGroup| {
            let cells = group.integer("rejected").iter().zip(group.integer("read"));
            let number = |sum: &Option<i64>| sum.unwrap_or_default() as f64;
            let cells = cells.map(|(rejected, read)| (number(rejected), number(read)));
            (dimensions(group, group_by), Clusters::of(group, cells))
        };
        Ok(Some(groups.iter().map(of).collect()))
    }

    fn compute(
        &self,
        snapshot: &Snapshot,
        query: &MetricQuery,
        group_by: &[Dimension],
    ) -> Result<Vec<MetricRow>, MetricError> {
        let files = files().sums(MEASURES);
        let groups = filled(cube(snapshot, &files, query, group_by)?, query);
        // Over all events of the source, whenever they were loaded.
        let newest_event =
            Cube::of("told_events").measure("newest", Measure::Largest(column("local_date")));
        let of_source = MetricQuery {
            filter: query.filter.clone(),
            as_of: query.as_of,
            ..MetricQuery::default()
        };
        let newest = cube(snapshot, &newest_event, &of_source, group_by)?;
        let mut rows = Vec::new();
        for group in &groups {
            let (read, rejected) = (group.sum("read") as f64, group.sum("rejected") as f64);
            let interval = wilson(rejected, read);
            let mut extra = serde_json::Map::new();
            extra.insert("files".into(), group.count().into());
            for (name, measure) in NAMES.iter().zip(MEASURES) {
                extra.insert((*name).into(), group.sum(measure).into());
            }
            let own = newest.iter().find(|known| known.keys == group.keys);
            let newest = own
                .and_then(|known| known.integer("newest").iter().flatten().max().copied())
                .map(day_of);
            extra.insert(
                "daysSinceNewest".into(),
                newest.map(|newest| (query.as_of - newest).num_days()).into(),
            );
            rows.push(MetricRow {
                dimensions: dimensions(group, group_by),
                value: (read > 0.0).then(|| rejected / read),
                unit: DEFINITION.unit,
                numerator: Some(rejected),
                denominator: Some(read),
                n: group.sum("read").unsigned_abs(),
                ci_low: interval.map(|(low, _)| low),
                ci_high: interval.map(|(_, high)| high),
                reliability: if read > 0.0 { Reliability::Ok } else { Reliability::LowN },
                note: (read == 0.0).then(|| "no rows were read".to_owned()),
                extra,
            });
        }
        Ok(rows)
    }
}

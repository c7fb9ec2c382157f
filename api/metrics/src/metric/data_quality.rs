//! Can the records be trusted? Files, rows, refusals, unknown labels and redactions, by source.

use chrono::NaiveDate;
use polars::prelude::{DataType, IntoLazy, col};

use super::{Metric, dimensions};
use crate::ask::{Ask, Dimension, MetricError};
use crate::cube::{Facts, Regions, cube, fill_periods};
use crate::definition::{Definition, Extra, Unit};
use crate::row::{Reliability, Row};
use crate::snapshot::Snapshot;
use crate::stats::wilson;

/// The metric.
pub struct DataQuality;

static DEFINITION: Definition = Definition {
    id: "data_quality",
    title: "Data quality",
    question: "How much of what was given could be loaded?",
    unit: Unit::Share,
    formula: "Rows rejected / rows read, over the files loaded; Wilson interval. Periods go by the day of loading.",
    reference: "Every load satisfies read = inserted + updated + unchanged + rejected",
    dimensions: &[Dimension::Source],
    default_group_by: &[Dimension::Source],
    minimum_n: 1,
    parameters: &[],
    single_records: &[],
    extras: &[
        Extra::number("files", "files loaded or refused"),
        Extra::number("filesRefused", "files refused whole"),
        Extra::number("rowsRead", "rows read"),
        Extra::number("rowsLoaded", "rows inserted or updated"),
        Extra::number("rowsUnchanged", "rows already known"),
        Extra::number("rowsRejected", "rows refused"),
        Extra::number("warnings", "warnings given"),
        Extra::number("unmappedLabels", "labels that no reference list knows"),
        Extra::number("redactions", "contact details taken out"),
        Extra::number("daysSinceNewest", "days from the newest record to the as-of day"),
    ],
};

const MEASURES: &[&str] = &["read", "loaded", "unchanged", "rejected", "warnings", "unmapped", "redacted", "failed"];
const NAMES: [&str; 7] =
    ["rowsRead", "rowsLoaded", "rowsUnchanged", "rowsRejected", "warnings", "unmappedLabels", "redactions"];

impl Metric for DataQuality {
    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn compute(&self, snapshot: &Snapshot, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Row>, MetricError> {
        let frame = snapshot.frame("files").clone().lazy();
        let facts = Facts { frame, regions: Regions::None, measures: MEASURES, further: None };
        let cells = fill_periods(cube(snapshot, &facts, ask, group_by)?, ask, MEASURES.len());
        let mut rows = Vec::new();
        for cell in cells {
            let (read, rejected) = (cell.sums[0] as f64, cell.sums[3] as f64);
            let interval = wilson(rejected, read);
            let source = group_by
                .iter()
                .position(|dimension| *dimension == Dimension::Source)
                .map(|place| cell.keys[place].as_str());
            let mut extra = serde_json::Map::new();
            extra.insert("files".into(), cell.count.into());
            extra.insert("filesRefused".into(), cell.sums[7].into());
            for (name, sum) in NAMES.iter().zip(&cell.sums) {
                extra.insert((*name).into(), (*sum).into());
            }
            let newest = newest(snapshot, source)?;
            extra.insert("daysSinceNewest".into(), newest.map(|newest| (ask.as_of - newest).num_days()).into());
            rows.push(Row {
                dimensions: dimensions(&cell, group_by),
                value: (read > 0.0).then(|| rejected / read),
                unit: DEFINITION.unit,
                numerator: Some(rejected),
                denominator: Some(read),
                n: cell.sums[0].unsigned_abs(),
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

/// Day of the newest event of a source, or of all.
fn newest(snapshot: &Snapshot, source: Option<&str>) -> Result<Option<NaiveDate>, MetricError> {
    use polars::prelude::lit;
    let mut lazy = snapshot.frame("files").clone().lazy();
    if let Some(source) = source {
        lazy = lazy.filter(col("source").cast(DataType::String).eq(lit(source.to_owned())));
    }
    let frame = lazy.select([col("newest").max().cast(DataType::Int32)]).collect()?;
    let days = frame.column("newest")?.i32()?.get(0);
    Ok(days.map(|days| NaiveDate::default() + chrono::Duration::days(i64::from(days))))
}

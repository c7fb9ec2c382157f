//! The cube: a filter and group-by over facts with counts and sums, written once as a typed expression and run by Polars.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::*;

use crate::ask::{Ask, Dimension, MetricError, Period};
use crate::snapshot::Snapshot;

/// Keys, first day and further key of a cell.
type Place = (Vec<String>, Option<NaiveDate>, Option<i64>);
/// Count and sums of a cell.
type Numbers = (u64, Vec<i64>);

/// One cell: its keys in the order asked, its period, its sums in the order of the measures.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Values of the group keys.
    pub keys: Vec<String>,
    /// Period, when asked by period.
    pub period: Option<Period>,
    /// Values of the facts' own further key, e.g. days.
    pub further: Option<i64>,
    /// Records counted.
    pub count: u64,
    /// Sums.
    pub sums: Vec<i64>,
}

/// Facts to be counted.
pub struct Facts {
    /// The facts, with `local_date` and a column for each dimension they have by themselves.
    pub frame: LazyFrame,
    /// How a fact belongs to regions.
    pub regions: Regions,
    /// Columns to sum.
    pub measures: &'static [&'static str],
    /// A column to group by besides the dimensions, e.g. days.
    pub further: Option<&'static str>,
}

/// How facts belong to regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regions {
    /// Through the regions of their event, of which there may be several.
    OfEvent,
    /// By their own column `region_id`.
    Own,
    /// Not at all.
    None,
}

/// The facts that a question counts, joined with their regions when it groups by them.
pub(crate) fn counted(snapshot: &Snapshot, facts: &Facts, ask: &Ask, group_by: &[Dimension]) -> LazyFrame {
    let mut lazy = facts.frame.clone();
    // What happened after the as-of day was not known on it; files are dated by their loading, not by what they tell.
    if facts.regions != Regions::None {
        lazy = lazy.filter(col("local_date").lt_eq(lit(ask.as_of)));
    }
    if let Some(from) = ask.from {
        lazy = lazy.filter(col("local_date").gt_eq(lit(from)));
    }
    if let Some(to) = ask.to {
        lazy = lazy.filter(col("local_date").lt_eq(lit(to)));
    }
    for (dimension, wanted) in &ask.filter {
        lazy = match dimension {
            Dimension::Hazard => {
                lazy.filter(one_of("hazard_id", hazard_ids(snapshot, |hazard| wanted.contains(&hazard.code))))
            }
            Dimension::HazardCategory => {
                lazy.filter(one_of("hazard_id", hazard_ids(snapshot, |hazard| wanted.contains(&hazard.category))))
            }
            Dimension::Region => lazy,
            other => lazy.filter(one_of_text(text_column(*other), wanted)),
        };
    }
    by_region(snapshot, facts, ask, group_by, lazy)
}

/// Computes the cube of these facts for a question; groups go by `group_by`.
pub fn cube(snapshot: &Snapshot, facts: &Facts, ask: &Ask, group_by: &[Dimension]) -> Result<Vec<Cell>, MetricError> {
    let lazy = counted(snapshot, facts, ask, group_by);
    let mut keys: Vec<Expr> = group_by.iter().map(|dimension| key_column(*dimension)).collect();
    if let Some(grain) = ask.period {
        keys.push(period_column(grain).alias("period"));
    }
    if let Some(further) = facts.further {
        keys.push(col(further).cast(DataType::Int64).alias("further"));
    }
    let mut sums: Vec<Expr> = vec![len().cast(DataType::UInt64).alias("count")];
    sums.extend(
        facts.measures.iter().map(|name| col(*name).cast(DataType::Int64).sum().alias(format!("sum_{name}").as_str())),
    );
    let frame = if keys.is_empty() { lazy.select(sums).collect()? } else { lazy.group_by(keys).agg(sums).collect()? };
    cells(snapshot, &frame, facts, ask, group_by)
}

/// An event in two regions counts once overall and once in each region: regions are joined only when they are asked for.
fn by_region(snapshot: &Snapshot, facts: &Facts, ask: &Ask, group_by: &[Dimension], lazy: LazyFrame) -> LazyFrame {
    let grouped = group_by.contains(&Dimension::Region);
    let event_key = "event_id";
    match facts.regions {
        Regions::OfEvent => {}
        Regions::None => return lazy,
        Regions::Own => {
            return match ask.filter.get(&Dimension::Region) {
                Some(codes) => lazy.filter(one_of("region_id", region_ids(snapshot, codes))),
                None => lazy,
            };
        }
    }
    let regions = snapshot.frame("event_regions").clone().lazy();
    let wanted = ask.filter.get(&Dimension::Region).map(|codes| region_ids(snapshot, codes));
    match (grouped, wanted) {
        (false, None) => lazy,
        (false, Some(wanted)) => {
            let unmapped = wanted.contains(&-1);
            let inside = regions.clone().filter(one_of("region_id", wanted));
            let kept = lazy.clone().join(inside, [col(event_key)], [col("event_id")], JoinArgs::new(JoinType::Semi));
            if !unmapped {
                return kept;
            }
            let nowhere = lazy.join(regions, [col(event_key)], [col("event_id")], JoinArgs::new(JoinType::Anti));
            concat([kept.clone(), nowhere], UnionArgs::default()).unwrap_or(kept)
        }
        (true, wanted) => {
            let joined = lazy
                .join(regions, [col(event_key)], [col("event_id")], JoinArgs::new(JoinType::Left))
                .with_column(col("region_id").fill_null(lit(-1)));
            match wanted {
                Some(wanted) => joined.filter(one_of("region_id", wanted)),
                None => joined,
            }
        }
    }
}

fn key_column(dimension: Dimension) -> Expr {
    match dimension {
        Dimension::Region => col("region_id"),
        // Categories follow from hazards, of which there are few; they are pooled after the group-by.
        Dimension::Hazard => col("hazard_id"),
        Dimension::HazardCategory => col("hazard_id").alias("hazard_category_of"),
        other => col(text_column(other)),
    }
}

/// Column of a dimension whose values are their own labels.
fn text_column(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Capability => "capability",
        Dimension::Framework => "framework",
        Dimension::EventKind => "event_kind",
        Dimension::ExerciseType => "exercise_type",
        Dimension::Element => "element",
        _ => "source",
    }
}

fn region_ids(snapshot: &Snapshot, codes: &[String]) -> Vec<i32> {
    snapshot.regions.values().filter(|region| codes.contains(&region.code)).map(|region| region.id).collect()
}

fn period_column(grain: crate::ask::Grain) -> Expr {
    use crate::ask::Grain;
    match grain {
        // Fiscal years are pooled from months after the group-by.
        Grain::Month | Grain::FiscalYear => col("local_date").dt().truncate(lit("1mo")),
        Grain::Quarter => col("local_date").dt().truncate(lit("1q")),
        Grain::Year => col("local_date").dt().truncate(lit("1y")),
    }
}

fn hazard_ids(snapshot: &Snapshot, keep: impl Fn(&crate::snapshot::HazardEntry) -> bool) -> Vec<i32> {
    snapshot.hazards.values().filter(|hazard| keep(hazard)).map(|hazard| hazard.id).collect()
}

fn one_of(column: &str, ids: Vec<i32>) -> Expr {
    ids.into_iter().fold(lit(false), |any, id| any.or(col(column).eq(lit(id))))
}

fn one_of_text(column: &str, wanted: &[String]) -> Expr {
    wanted.iter().fold(lit(false), |any, text| any.or(col(column).cast(DataType::String).eq(lit(text.clone()))))
}

fn cells(
    snapshot: &Snapshot,
    frame: &DataFrame,
    facts: &Facts,
    ask: &Ask,
    group_by: &[Dimension],
) -> Result<Vec<Cell>, MetricError> {
    let mut pooled: BTreeMap<Place, Numbers> = BTreeMap::new();
    let mut key_columns = Vec::new();
    for dimension in group_by {
        key_columns.push(key_labels(snapshot, frame, *dimension)?);
    }
    let epoch = NaiveDate::default();
    let starts = match ask.period {
        Some(_) => Some(frame.column("period")?.cast(&DataType::Date)?.cast(&DataType::Int32)?),
        None => None,
    };
    let counts = frame.column("count")?.u64()?.clone();
    let further = match facts.further {
        Some(_) => Some(frame.column("further")?.i64()?.clone()),
        None => None,
    };
    let mut sums = Vec::new();
    for name in facts.measures {
        sums.push(frame.column(&format!("sum_{name}"))?.i64()?.clone());
    }
    for index in 0..frame.height() {
        let keys: Vec<String> = key_columns.iter().map(|column| column[index].clone()).collect();
        let start = match &starts {
            Some(column) => column.i32()?.get(index).map(|days| epoch + chrono::Duration::days(i64::from(days))),
            None => None,
        };
        let start = start.zip(ask.period).map(|(start, grain)| Period::of(start, grain).start);
        let cell = pooled
            .entry((keys, start, further.as_ref().and_then(|column| column.get(index))))
            .or_insert_with(|| (0, vec![0; sums.len()]));
        cell.0 += counts.get(index).unwrap_or_default();
        for (total, column) in cell.1.iter_mut().zip(&sums) {
            *total += column.get(index).unwrap_or_default();
        }
    }
    Ok(pooled
        .into_iter()
        .map(|((keys, start, further), (count, sums))| Cell {
            keys,
            period: start.zip(ask.period).map(|(start, grain)| Period { start, grain }),
            further,
            count,
            sums,
        })
        .collect())
}

fn key_labels(snapshot: &Snapshot, frame: &DataFrame, dimension: Dimension) -> Result<Vec<String>, MetricError> {
    let ids = |name: &str| -> Result<Vec<i32>, MetricError> {
        Ok(frame.column(name)?.i32()?.iter().map(|id| id.unwrap_or(-1)).collect())
    };
    let unmapped = || "unmapped".to_owned();
    Ok(match dimension {
        Dimension::Region => ids("region_id")?
            .iter()
            .map(|id| snapshot.regions.get(id).map_or_else(unmapped, |region| region.code.clone()))
            .collect(),
        Dimension::Hazard => ids("hazard_id")?
            .iter()
            .map(|id| snapshot.hazards.get(id).map_or_else(unmapped, |hazard| hazard.code.clone()))
            .collect(),
        Dimension::HazardCategory => ids("hazard_category_of")?
            .iter()
            .map(|id| snapshot.hazards.get(id).map_or_else(unmapped, |hazard| hazard.category.clone()))
            .collect(),
        other => {
            let column = frame.column(text_column(other))?.cast(&DataType::String)?;
            column.str()?.iter().map(|name| name.unwrap_or("unmapped").to_owned()).collect()
        }
    })
}

/// Fills the periods without records between the first and the last asked for (or seen) with empty cells, for every group.
pub fn fill_periods(cells: Vec<Cell>, ask: &Ask, measures: usize) -> Vec<Cell> {
    let Some(grain) = ask.period else { return cells };
    let starts = cells.iter().filter_map(|cell| cell.period);
    let Some(first) = ask.from.or_else(|| starts.clone().map(|period| period.start).min()) else { return cells };
    let last = ask.to.or_else(|| starts.map(|period| period.start).max()).unwrap_or(first);
    let mut groups: BTreeMap<Vec<String>, BTreeMap<NaiveDate, Vec<Cell>>> = BTreeMap::new();
    for cell in cells {
        if let Some(period) = cell.period {
            groups.entry(cell.keys.clone()).or_default().entry(period.start).or_default().push(cell);
        }
    }
    if groups.is_empty() {
        return Vec::new();
    }
    let periods = Period::between(first, last, grain);
    let mut filled = Vec::new();
    for (keys, mut known) in groups {
        for period in &periods {
            filled.extend(known.remove(&period.start).unwrap_or_else(|| {
                vec![Cell {
                    keys: keys.clone(),
                    period: Some(*period),
                    further: None,
                    count: 0,
                    sums: vec![0; measures],
                }]
            }));
        }
    }
    filled
}

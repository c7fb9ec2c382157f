//! Cubes run by Polars over the pinned snapshot.

use std::sync::Arc;

use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Expr, Field, IntoColumn, IntoLazy, LazyFrame,
    Schema, SortMultipleOptions, UniqueKeepStrategy, col, len, lit, ternary_expr,
};

use super::{CellColumn, CubeCells, Engine};
use crate::cube::{Comparator, Condition, CubePlan, Measure, Term};
use crate::query::MetricError;
use crate::snapshot::frames::Frames;
use crate::snapshot::{Frame, month_column};

/// Rows of a table in one part of its records.
const PART_ROWS: usize = 1 << 16;

/// The engine of a single machine.
pub struct Polars;

impl Engine for Polars {
    fn run(&self, frames: &Frames, plan: &CubePlan) -> Result<CubeCells, MetricError> {
        run(frames.table(plan.table), plan)
    }

    fn records(
        &self,
        frames: &Frames,
        plan: &CubePlan,
        part: usize,
    ) -> Result<Option<CubeCells>, MetricError> {
        let frame = frames.table(plan.table);
        let start = part * PART_ROWS;
        if start >= frame.data.height() {
            return Ok(None);
        }
        let part = frame.data.slice(start as i64, PART_ROWS);
        let found = chosen(frame, &part, plan).select(keys(frame, plan)).collect()?;
        Ok(Some(CubeCells {
            counts: vec![1; found.height()],
            keys: plan.keys.len(),
            columns: key_columns(frame, plan, &found)?,
        }))
    }

    fn first(
        &self,
        frames: &Frames,
        plan: &CubePlan,
        column: &'static str,
        first: usize,
    ) -> Result<Vec<i64>, MetricError> {
        let frame = frames.table(plan.table);
        let found = chosen(frame, &frame.data, plan)
            .select([col(column).alias("key")])
            .unique(None, UniqueKeepStrategy::Any)
            .sort(["key"], SortMultipleOptions::default())
            .limit(first as u32)
            .collect()?;
        Ok(found.column("key")?.i64()?.iter().flatten().collect())
    }
}

fn run(frame: &Frame, plan: &CubePlan) -> Result<CubeCells, MetricError> {
    let chosen = chosen(frame, &frame.data, plan);
    let keys = keys(frame, plan);
    let mut computed = vec![len().alias("count")];
    computed.extend(
        plan.measures
            .iter()
            .enumerate()
            .map(|(at, (_, measure))| aggregate(frame, measure).alias(name(at))),
    );
    let found =
        if keys.is_empty() { chosen.select(computed) } else { chosen.group_by(keys).agg(computed) }
            .collect()?;
    if plan.keys.is_empty()
        && found.column("count")?.cast(&DataType::Int64)?.i64()?.get(0) == Some(0)
    {
        return empty(plan);
    }
    answer(frame, plan, &found)
}

fn keys(frame: &Frame, plan: &CubePlan) -> Vec<Expr> {
    let keys = plan.keys.iter().enumerate();
    keys.map(|(at, (_, term))| value(frame, term).alias(key(at))).collect()
}

fn key(at: usize) -> String {
    format!("key{at}")
}

fn name(at: usize) -> String {
    format!("measure{at}")
}

/// Returns the records that a plan counts.
fn chosen(frame: &Frame, data: &DataFrame, plan: &CubePlan) -> LazyFrame {
    let lazy = data.clone().lazy();
    match plan.only.iter().map(|condition| condition_expr(frame, condition)).reduce(Expr::and) {
        Some(all) => lazy.filter(all),
        None => lazy,
    }
}

fn value(frame: &Frame, term: &Term) -> Expr {
    match term {
        Term::Column(name) => col(*name),
        Term::Number(value) => lit(*value),
        Term::Period(name, grain) => {
            let month = col(month_column(name).as_str());
            match grain.months() {
                (1, _) => month,
                (months, shift) => month.clone() - (month + lit(shift)) % lit(months),
            }
        }
        Term::Less(one, other) => value(frame, one) - value(frame, other),
        Term::AtLeast(one, other) => {
            let (one, other) = (value(frame, one), value(frame, other));
            // A missing value stays missing, so a comparison with it is false.
            ternary_expr(one.clone().lt(other.clone()), other, one)
        }
        Term::Else(one, other) => value(frame, one).fill_null(value(frame, other)),
        Term::When(condition, one, other) => {
            ternary_expr(condition_expr(frame, condition), value(frame, one), value(frame, other))
        }
        Term::Missing => lit(polars::prelude::NULL).cast(DataType::Int64),
    }
}

/// Number of codes up to which a comparison with each of them is fastest.
const FEW_CODES: usize = 8;

/// Returns whether a column's code is one of these.
fn among(column: &str, mut codes: Vec<i64>) -> Expr {
    if codes.len() <= FEW_CODES {
        let is = |code: i64| col(column).eq(lit(code));
        return codes.into_iter().map(is).reduce(Expr::or).unwrap_or_else(|| lit(false));
    }
    // A chain of a hundred thousand comparisons would take minutes.
    codes.sort_unstable();
    let is_among = move |column: Column| {
        let column = column.cast(&DataType::Int64)?;
        let found = column.i64()?.iter();
        let found = found.map(|code| code.map(|code| codes.binary_search(&code).is_ok()));
        let found: BooleanChunked = found.collect();
        Ok(found.with_name(column.name().clone()).into_column())
    };
    let flag = |_: &Schema, field: &Field| Ok(Field::new(field.name().clone(), DataType::Boolean));
    col(column).map(is_among, flag)
}

fn condition_expr(frame: &Frame, condition: &Condition) -> Expr {
    match condition {
        Condition::Compare(one, order, other) => {
            let (one, other) = (value(frame, one), value(frame, other));
            match order {
                Comparator::Equal => one.eq(other),
                Comparator::Under => one.lt(other),
                Comparator::UpTo => one.lt_eq(other),
            }
        }
        Condition::OneOf(column, codes) => among(column, codes.clone()),
        Condition::Named(column, names) => {
            among(column, codes(frame, column, |name| names.iter().any(|wanted| wanted == name)))
        }
        Condition::Holds(column, names) => among(
            column,
            codes(frame, column, |name| {
                name.split('+').any(|one| names.iter().any(|wanted| wanted == one))
            }),
        ),
        Condition::Known(term) => value(frame, term).is_not_null(),
        Condition::All(all) => all
            .iter()
            .map(|one| condition_expr(frame, one))
            .reduce(Expr::and)
            .unwrap_or_else(|| lit(true)),
        Condition::Any(any) => any
            .iter()
            .map(|one| condition_expr(frame, one))
            .reduce(Expr::or)
            .unwrap_or_else(|| lit(false)),
        Condition::Not(one) => condition_expr(frame, one).not(),
    }
}

/// Returns the positions of the matching names of a column.
fn codes(frame: &Frame, column: &str, meant: impl Fn(&str) -> bool) -> Vec<i64> {
    let names = frame.labels.get(column);
    let positions = names.into_iter().flat_map(|names| names.iter().enumerate());
    positions.filter(|(_, name)| meant(name)).map(|(position, _)| position as i64).collect()
}

fn aggregate(frame: &Frame, measure: &Measure) -> Expr {
    match measure {
        Measure::Sum(term) => value(frame, term).cast(DataType::Int64).sum(),
        Measure::Count(condition) => condition_expr(frame, condition).cast(DataType::Int64).sum(),
        Measure::Largest(term) => value(frame, term).max(),
        Measure::Smallest(term) => value(frame, term).min(),
    }
}

fn answer(frame: &Frame, plan: &CubePlan, found: &DataFrame) -> Result<CubeCells, MetricError> {
    let counts = found.column("count")?.cast(&DataType::UInt64)?;
    let mut columns = key_columns(frame, plan, found)?;
    for (at, (label, _)) in plan.measures.iter().enumerate() {
        let column = found.column(&name(at))?;
        columns.push((
            *label,
            match column.dtype() {
                DataType::Float64 => CellColumn::Real(column.f64()?.iter().collect()),
                _ => CellColumn::Integer(integer(column)?),
            },
        ));
    }
    Ok(CubeCells {
        counts: counts.u64()?.iter().flatten().collect(),
        keys: plan.keys.len(),
        columns,
    })
}

fn key_columns(
    frame: &Frame,
    plan: &CubePlan,
    found: &DataFrame,
) -> Result<Vec<(&'static str, CellColumn)>, MetricError> {
    let keys = plan.keys.iter().enumerate();
    keys.map(|(at, (name, term))| {
        Ok((*name, labeled(frame, term, whole(found.column(&key(at))?)?)))
    })
    .collect()
}

/// Returns the values of a key, with names if it is a label.
fn labeled(frame: &Frame, term: &Term, values: Vec<Option<i64>>) -> CellColumn {
    match term {
        Term::Column(source) if frame.labels.contains_key(source) => {
            CellColumn::Label(values, Arc::clone(&frame.labels[source]))
        }
        _ => CellColumn::Integer(values),
    }
}

fn empty(plan: &CubePlan) -> Result<CubeCells, MetricError> {
    let nothing = |name: &'static str| (name, CellColumn::Integer(Vec::new()));
    Ok(CubeCells {
        counts: Vec::new(),
        keys: 0,
        columns: plan.measures.iter().map(|(name, _)| nothing(name)).collect(),
    })
}

/// Returns the values of a key; real numbers in billionths.
fn whole(column: &Column) -> Result<Vec<Option<i64>>, MetricError> {
    match column.dtype() {
        DataType::Float64 => {
            let billionths = |value: f64| (value * 1e9).round() as i64;
            Ok(column.f64()?.iter().map(|value| value.map(billionths)).collect())
        }
        _ => integer(column),
    }
}

fn integer(column: &Column) -> Result<Vec<Option<i64>>, MetricError> {
    Ok(column.cast(&DataType::Int64)?.i64()?.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_codes_are_found_as_few_are() {
        let codes: Vec<Option<i64>> = (0..40).map(|code| (code % 7 != 0).then_some(code)).collect();
        let frame = DataFrame::new_infer_height(vec![Column::new("code".into(), codes)]).unwrap();
        let odd: Vec<i64> = (0..20).rev().map(|code| 2 * code + 1).collect();
        assert!(odd.len() > FEW_CODES);
        let chain = odd.chunks(FEW_CODES).map(|few| among("code", few.to_vec()));
        let chain = chain.reduce(Expr::or).unwrap();
        for (many, few) in
            [(among("code", odd.clone()), chain.clone()), (among("code", odd).not(), chain.not())]
        {
            let found = |rows: Expr| frame.clone().lazy().filter(rows).collect().unwrap();
            let many = found(many);
            assert!(many.height() > 10 && many.equals(&found(few)), "{many}");
        }
    }
}

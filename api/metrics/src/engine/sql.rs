//! A plan as SQL, in the dialect of Spark, which engines over Apache DataFusion speak too.
//!
//! Nothing is left to the engine's own ideas: what is missing stays missing in comparisons and
//! below `NOT` as in every SQL, sums of nothing are 0, and labels are compared with names that the
//! table has. A last row, marked by 1 in the first column, counts all rows of the files that were
//! read: an engine that does not find a file reads the others in silence.

use std::collections::BTreeMap;

use crate::cube::{Comparator, Condition, CubePlan, Measure, Term};
use crate::snapshot::month_column;

/// Names of labels by column.
pub type LabelNames = BTreeMap<String, Vec<String>>;

/// The statement of a plan over a source of rows: 0, its keys, its count and its measures; last 1
/// and the count of all rows.
pub fn statement(plan: &CubePlan, from: &str, names: &LabelNames) -> String {
    let keys: Vec<String> = (0..plan.keys.len()).map(|at| format!("key{at}")).collect();
    let mut within: Vec<String> = plan
        .keys
        .iter()
        .zip(&keys)
        .map(|((_, term), name)| format!("{} AS {name}", value(term, names)))
        .collect();
    let mut computed = vec!["COUNT(*) AS cells".to_owned()];
    for (at, (_, measure)) in plan.measures.iter().enumerate() {
        let (inner, outer) = match measure {
            Measure::Sum(term) => {
                (value(term, names), format!("COALESCE(SUM(CAST(value{at} AS BIGINT)), 0)"))
            }
            Measure::Count(condition) => (
                format!("CASE WHEN {} THEN 1 ELSE 0 END", condition_sql(condition, names)),
                format!("COALESCE(SUM(CAST(value{at} AS BIGINT)), 0)"),
            ),
            Measure::Largest(term) => (value(term, names), format!("MAX(value{at})")),
            Measure::Smallest(term) => (value(term, names), format!("MIN(value{at})")),
        };
        within.push(format!("{inner} AS value{at}"));
        computed.push(format!("{outer} AS measure{at}"));
    }
    if within.is_empty() {
        within.push("1 AS one".into());
    }
    let group =
        if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
    let nothing = |count: usize| ", NULL".repeat(count);
    format!(
        "SELECT 0 AS part, {columns} FROM (SELECT {within} FROM {from}{only}) AS facts{group} \
         UNION ALL SELECT 1{no_keys}, COUNT(*){no_measures} FROM {from}",
        columns = keys.iter().chain(&computed).cloned().collect::<Vec<_>>().join(", "),
        within = within.join(", "),
        only = only(plan, names),
        no_keys = nothing(keys.len()),
        no_measures = nothing(plan.measures.len()),
    )
}

/// The statement of the smallest different values of a column among the records of a plan; last 1
/// and the count of all rows.
pub fn smallest(
    plan: &CubePlan,
    column: &str,
    first: usize,
    from: &str,
    names: &LabelNames,
) -> String {
    format!(
        "SELECT 0 AS part, key0 FROM (SELECT DISTINCT {} AS key0 FROM {from}{} ORDER BY key0 ASC \
         NULLS FIRST LIMIT {first}) AS facts \
         UNION ALL SELECT 1, COUNT(*) FROM {from}",
        quoted(column),
        only(plan, names)
    )
}

/// Files below a folder or address as one source of rows.
pub fn files<'a>(folder: &str, paths: impl Iterator<Item = &'a str>) -> String {
    let paths: Vec<&str> = paths.collect();
    let folder = folder.trim_end_matches('/');
    match paths.as_slice() {
        [one] => format!("parquet.`{folder}/{one}`"),
        all => format!("parquet.`{folder}/{{{}}}`", all.join(",")),
    }
}

fn only(plan: &CubePlan, names: &LabelNames) -> String {
    let all: Vec<String> =
        plan.only.iter().map(|condition| condition_sql(condition, names)).collect();
    if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) }
}

fn value(term: &Term, names: &LabelNames) -> String {
    match term {
        Term::Column(name) => quoted(name),
        Term::Number(number) if *number < 0 => format!("({number})"),
        Term::Number(number) => number.to_string(),
        Term::Period(day, grain) => {
            let month = quoted(&month_column(day));
            match grain.months() {
                (1, _) => month,
                (months, shift) => format!("({month} - ({month} + {shift}) % {months})"),
            }
        }
        Term::Less(one, other) => format!("({} - {})", value(one, names), value(other, names)),
        Term::AtLeast(one, other) => {
            let (one, other) = (value(one, names), value(other, names));
            format!("CASE WHEN {one} < {other} THEN {other} ELSE {one} END")
        }
        Term::Else(one, other) => {
            format!("COALESCE({}, {})", value(one, names), value(other, names))
        }
        Term::When(condition, one, other) => {
            format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                condition_sql(condition, names),
                value(one, names),
                value(other, names)
            )
        }
        Term::Missing => "CAST(NULL AS BIGINT)".into(),
    }
}

/// A condition, in brackets.
fn condition_sql(condition: &Condition, names: &LabelNames) -> String {
    let joined = |all: &[Condition], with: &str, nothing: &str| {
        let all: Vec<String> = all.iter().map(|one| condition_sql(one, names)).collect();
        if all.is_empty() { nothing.to_owned() } else { format!("({})", all.join(with)) }
    };
    match condition {
        Condition::Compare(one, order, other) => {
            let sign = match order {
                Comparator::Equal => "=",
                Comparator::Under => "<",
                Comparator::UpTo => "<=",
            };
            format!("({} {sign} {})", value(one, names), value(other, names))
        }
        Condition::OneOf(column, numbers) => {
            one_of_sql(column, numbers.iter().map(ToString::to_string))
        }
        Condition::Named(column, wanted) => one_of_sql(
            column,
            known(names, column, |name| wanted.iter().any(|wanted| wanted == name)),
        ),
        Condition::Holds(column, wanted) => {
            let condition_sql =
                |name: &str| name.split('+').any(|one| wanted.iter().any(|wanted| wanted == one));
            one_of_sql(column, known(names, column, condition_sql))
        }
        Condition::Known(term) => format!("({} IS NOT NULL)", value(term, names)),
        Condition::All(all) => joined(all, " AND ", "TRUE"),
        Condition::Any(any) => joined(any, " OR ", "FALSE"),
        Condition::Not(one) => format!("(NOT {})", condition_sql(one, names)),
    }
}

/// The column has one of these values; of none it has none, whether it is there or not.
fn one_of_sql(column: &str, values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.collect();
    if values.is_empty() {
        "FALSE".into()
    } else {
        format!("({} IN ({}))", quoted(column), values.join(", "))
    }
}

/// The names of a column that are meant, as literals.
fn known(
    names: &LabelNames,
    column: &str,
    meant: impl Fn(&str) -> bool,
) -> impl Iterator<Item = String> {
    let all = names.get(column).map_or(&[][..], Vec::as_slice);
    all.iter().filter(move |name| meant(name)).map(|name| literal(name))
}

/// A text as a literal. Two quotation marks are no mark in this dialect: it is escaped.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A column's name.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use crate::query::Grain;
    use proptest::prelude::*;

    use super::*;
    use crate::cube::{column, integer, is, named, when};

    fn names() -> LabelNames {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        [
            ("regions".to_owned(), list(&["unmapped", "1", "1+3", "3"])),
            ("response".into(), list(&["NONE", "it's\\"])),
        ]
        .into()
    }

    #[test]
    fn plans_are_rendered_in_full() {
        let opened = CubePlan {
            table: "actions",
            only: vec![
                column("opened_on").up_to(integer(20_000)),
                column("known_until").not_by(integer(20_000)),
                Condition::Holds("regions", vec!["3".into()]),
            ],
            keys: vec![
                ("regions", column("regions")),
                ("period", Term::Period("opened_on", Grain::FiscalYear)),
                (
                    "days",
                    when(
                        is("taken_back"),
                        column("completed_on").less(column("opened_on")),
                        Term::Missing,
                    ),
                ),
            ],
            measures: vec![
                ("closed", Measure::Count(column("completed_on").up_to(integer(20_000)))),
                ("late", Measure::Sum(column("late").at_least(integer(-5)).or_else(integer(0)))),
                ("newest", Measure::Largest(column("opened_on"))),
            ],
        };
        let incidents = CubePlan {
            table: "incidents",
            only: vec![
                named("response", "it's\\").not(),
                named("response", "unheard of").not(),
                Condition::OneOf("hazard_id", vec![3, -1]),
                Condition::Any(vec![]),
            ],
            keys: Vec::new(),
            measures: Vec::new(),
        };
        insta::assert_snapshot!(
            [
                statement(&opened, "parquet.`/tables/{a,b}`", &names()),
                statement(&incidents, "parquet.`/tables/a`", &names()),
                smallest(&opened, "action_id", 5, "parquet.`/tables/a`", &names()),
                files("s3://bucket/tables/", ["one", "two"].into_iter()),
            ]
            .join("\n")
        );
    }

    fn terms() -> impl Strategy<Value = Term> {
        let columns = prop_oneof![Just("a"), Just("b~month"), Just("c`d")].prop_map(Term::Column);
        let leaf = prop_oneof![columns, (-9_i64..9).prop_map(Term::Number), Just(Term::Missing)];
        leaf.prop_recursive(4, 20, 2, |inner| {
            (inner.clone(), inner, 0..4).prop_map(|(one, other, kind)| match kind {
                0 => one.less(other),
                1 => one.at_least(other),
                2 => one.or_else(other),
                _ => when(one.clone().under(other.clone()).not(), one, other),
            })
        })
    }

    proptest! {
        #[test]
        fn brackets_and_quotation_marks_are_balanced(term in terms(), name in "[a-z'\\\\()]{0,6}") {
            let names: LabelNames = [("l".to_owned(), vec![name.clone()])].into();
            let plan = CubePlan { table: "t", only: vec![Condition::Named("l", vec![name])], keys: vec![("k", term)], measures: vec![] };
            let (mut depth, mut within, mut escaped) = (0_i32, None, false);
            for letter in statement(&plan, "parquet.`t`", &names).chars() {
                match (within, letter) {
                    (Some('\''), _) if escaped => escaped = false,
                    (Some('\''), '\\') => escaped = true,
                    (Some(open), close) if open == close => within = None,
                    (Some(_), _) => {}
                    (None, '\'' | '`') => within = Some(letter),
                    (None, '(') => depth += 1,
                    (None, ')') => depth -= 1,
                    _ => {}
                }
                prop_assert!(depth >= 0);
            }
            prop_assert_eq!((depth, within), (0, None));
        }
    }
}

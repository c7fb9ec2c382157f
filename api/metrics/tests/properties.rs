//! Tests properties of every warehouse: every metric over small random warehouses in a real
//! Postgres.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Write as _;

use hotwash_metrics::{
    Dimension, Grain, MetricQuery, MetricRow, Period, Snapshot, Unit, evaluate, registry,
};
use hotwash_schema::access::Viewer;
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const AS_OF: &str = "2026-06-30";
/// Number of random warehouses.
const CASES: usize = 6;

/// Event with its ratings and areas, by number of days before the as-of day.
#[derive(Clone, Debug)]
struct Event {
    exercise: bool,
    days_ago: u16,
    regions: Vec<u8>,
    hazard: u8,
    /// Capability and rating of P, S, M, U.
    ratings: Vec<(u8, u8)>,
    /// Capability and element.
    areas: Vec<(u8, u8)>,
}

/// Action: region, capability, days since opening, days from then to due date and end, and final
/// status.
#[derive(Clone, Debug)]
struct Action {
    region: u8,
    capability: u8,
    days_ago: u16,
    due_after: Option<u16>,
    ended_after: Option<u16>,
    cancelled: bool,
    reopened_after: Option<u16>,
}

fn events(one_region: bool) -> impl Strategy<Value = Vec<Event>> {
    let most = if one_region { 1 } else { 3 };
    let regions = prop::collection::btree_set(1_u8..=6, usize::from(one_region)..=most);
    let pairs = |second: u8| prop::collection::vec((1_u8..=4, 0..second), 0..6);
    let event = (any::<bool>(), 0_u16..1500, regions, 1_u8..=40, pairs(4), pairs(5)).prop_map(
        |(exercise, days_ago, regions, hazard, ratings, areas)| Event {
            exercise,
            days_ago,
            regions: regions.into_iter().collect(),
            hazard,
            ratings,
            areas,
        },
    );
    prop::collection::vec(event, 0..25)
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let after = || prop::option::of(0_u16..700);
    let action = (
        1_u8..=6,
        1_u8..=4,
        0_u16..1500,
        after(),
        after(),
        any::<bool>(),
        prop::option::weighted(0.2, 1_u16..90),
    )
        .prop_map(
            |(region, capability, days_ago, due_after, ended_after, cancelled, reopened_after)| {
                Action {
                    region,
                    capability,
                    days_ago,
                    due_after,
                    ended_after,
                    cancelled,
                    reopened_after,
                }
            },
        );
    prop::collection::vec(action, 0..40)
}

/// Returns the records as SQL statements, in the given order.
fn statements(events: &[Event], actions: &[Action], reversed: bool) -> String {
    let mut sql = String::from(
        "truncate warehouse.event, warehouse.corrective_action cascade; \
         insert into meta.batch (tool_version) select 'test' where not exists (select from \
         meta.batch); \
         insert into meta.file (batch_id, name, source) select 1, 'r', 'hotwash' where not exists \
         (select from meta.file);\n",
    );
    let order = |count: usize| -> Vec<usize> {
        if reversed { (0..count).rev().collect() } else { (0..count).collect() }
    };
    for place in order(events.len()) {
        let event = &events[place];
        let (id, kind) = (place + 1, if event.exercise { "EXERCISE" } else { "INCIDENT" });
        let day = format!("(date '{AS_OF}' - {})", event.days_ago);
        let _ = writeln!(
            sql,
            "insert into warehouse.event (event_id, kind, name, start_at, end_at, local_date, \
             owes_aar, hazard_id, source, source_id, batch_id, file_id, source_row, content_hash) \
             values ({id}, '{kind}', 'E{id}', {day}, {day} + interval '5 hours', {day}, true, {}, \
             'hotwash', '{id}', 1, 1, {id}, '\\x00');",
            event.hazard
        );
        let part = if event.exercise {
            format!("exercise (event_id, exercise_type_id) values ({id}, {})", 1 + id % 7)
        } else {
            format!("incident (event_id, response) values ({id}, 'RESPONDED')")
        };
        let _ = writeln!(sql, "insert into warehouse.{part};");
        for region in &event.regions {
            let _ = writeln!(
                sql,
                "insert into warehouse.event_region (event_id, region_id) values ({id}, {region});"
            );
        }
        for number in order(event.ratings.len()) {
            let (capability, rating) = event.ratings[number];
            let _ = writeln!(
                sql,
                "insert into warehouse.capability_rating (capability_rating_id, event_id, \
                 capability_id, rating_scale_id, rating, source, source_id, batch_id, file_id, \
                 source_row, content_hash) \
                 values ({}, {id}, {capability}, 1, '{}', 'hotwash', 'r{id}-{number}', 1, 1, 1, \
                 '\\x00');",
                id * 100 + number,
                ["P", "S", "M", "U"][usize::from(rating)]
            );
        }
        for number in order(event.areas.len()) {
            let (capability, element) = event.areas[number];
            let key = id * 100 + number;
            let _ = writeln!(
                sql,
                "insert into warehouse.finding (finding_id, event_id, kind, capability_id, text, \
                 source, source_id, batch_id, file_id, source_row, content_hash) \
                 values ({key}, {id}, 'AREA_FOR_IMPROVEMENT', {capability}, 'Area', 'hotwash', \
                 'f{key}', 1, 1, 1, '\\x00'); \
                 insert into warehouse.finding_element (finding_id, element_id, weight) values \
                 ({key}, {}, 1);",
                element + 1
            );
        }
    }
    for place in order(actions.len()) {
        sql.push_str(&action_statements(place + 1, &actions[place]));
    }
    sql
}

fn action_statements(id: usize, action: &Action) -> String {
    let day = |after: Option<u16>| {
        after.map_or("null".to_owned(), |after| {
            format!("date '{AS_OF}' - {} + {after}", action.days_ago)
        })
    };
    let step = |on: &str, change: &str, status: &str, number: usize| {
        format!(
            "insert into warehouse.action_status_history (corrective_action_id, changed_on, \
             sequence, change, status, due_on, batch_id, file_id, source_row) \
             values ({id}, {on}, {number}, '{change}', '{status}', {}, 1, 1, 1);\n",
            day(action.due_after)
        )
    };
    let reopened =
        action.ended_after.zip(action.reopened_after).map(|(ended, after)| ended + after);
    let (ending, word) = if action.cancelled {
        ("cancelled_on", "CANCELLED")
    } else {
        ("completed_on", "COMPLETED")
    };
    let ended = if reopened.is_some() { None } else { action.ended_after };
    let status = if ended.is_some() { word } else { "OPEN" };
    let mut sql = format!(
        "insert into warehouse.corrective_action (corrective_action_id, region_id, capability_id, \
         text, status, opened_on, due_original_on, due_current_on, {ending}, source, source_id, \
         batch_id, file_id, source_row, content_hash) \
         values ({id}, {}, {}, 'Action', '{status}', {}, {due}, {due}, {}, 'hotwash', 'a{id}', 1, \
         1, {id}, '\\x00');\n",
        action.region,
        action.capability,
        day(Some(0)),
        day(ended),
        due = day(action.due_after),
    );
    sql.push_str(&step(&day(Some(0)), "OPENED", "OPEN", 1));
    if action.ended_after.is_some() {
        sql.push_str(&step(&day(action.ended_after), word, word, 2));
    }
    if reopened.is_some() {
        sql.push_str(&step(&day(reopened), "REOPENED", "OPEN", 3));
    }
    sql
}

async fn fill(url: &str, sql: &str) -> Snapshot {
    connect(url).await.unwrap().batch_execute(sql).await.unwrap();
    Snapshot::load(url).await.unwrap()
}

fn query(period: Option<Grain>, group_by: Option<Vec<Dimension>>) -> MetricQuery {
    MetricQuery { as_of: AS_OF.parse().unwrap(), period, group_by, ..MetricQuery::default() }
}

fn rows(snapshot: &Snapshot, id: &str, query: &MetricQuery) -> Vec<MetricRow> {
    evaluate(&snapshot.without_caches(), id, query, &Viewer::local()).unwrap().rows
}

/// Returns every metric at its defaults and by quarter, without a cache, so that no answer is
/// computed from another.
fn answers(snapshot: &Snapshot) -> Vec<(&'static str, Vec<MetricRow>)> {
    let of = |period| {
        registry()
            .iter()
            .map(move |metric| metric.definition().id)
            .map(move |id| (id, rows(snapshot, id, &query(period, None))))
    };
    of(None).chain(of(Some(Grain::Quarter))).collect()
}

fn shares_lie_in_their_intervals(snapshot: &Snapshot) {
    for (id, rows) in answers(snapshot) {
        let unit = registry()
            .iter()
            .find(|metric| metric.definition().id == id)
            .unwrap()
            .definition()
            .unit;
        for row in rows {
            if let (Some(low), Some(value)) = (row.ci_low, row.value) {
                assert!(low <= value, "{id}: {row:?}");
            }
            if let (Some(value), Some(high)) = (row.value, row.ci_high) {
                assert!(value <= high, "{id}: {row:?}");
            }
            let least = if id == "exercise_incident_gap" { -1.0 } else { 0.0 };
            if unit == Unit::Share {
                assert!(
                    row.value.is_none_or(|value| (least..=1.0).contains(&value)),
                    "{id}: {row:?}"
                );
            }
            assert!(row.value.is_none_or(f64::is_finite), "{id}: {row:?}");
        }
    }
}

fn filtering_a_region_equals_grouping_by_it(snapshot: &Snapshot) {
    for metric in registry()
        .iter()
        .filter(|metric| metric.definition().default_group_by == [Dimension::Region])
    {
        let id = metric.definition().id;
        for mut row in rows(snapshot, id, &query(None, None)) {
            let mut filtered = query(None, None);
            filtered.filter.insert(
                Dimension::Region,
                vec![row.dimensions["region"].as_str().unwrap().to_owned()],
            );
            let mut alone = rows(snapshot, id, &filtered);
            // The list from which several comparisons are selected is a different one.
            row.extra.remove("significantInList");
            alone[0].extra.remove("significantInList");
            assert_eq!(alone, [row], "{id}");
        }
    }
}

/// Checks that answers computed from cached cubes of all regions equal those computed without a
/// cache.
fn kept_answers_are_those_computed_alone(snapshot: &Snapshot) {
    let alone = snapshot.without_caches();
    for (id, period) in registry().iter().flat_map(|metric| {
        [None, Some(Grain::Quarter)].map(|period| (metric.definition().id, period))
    }) {
        for region in [None, Some("1"), Some("3")] {
            for group_by in [None, Some(vec![]), Some(vec![Dimension::Region])] {
                let mut query = query(period, group_by);
                query
                    .filter
                    .extend(region.map(|region| (Dimension::Region, vec![region.to_owned()])));
                let told = |snapshot| {
                    evaluate(snapshot, id, &query, &Viewer::local())
                        .map(|result| result.rows)
                        .map_err(|error| error.to_string())
                };
                assert_eq!(told(snapshot), told(&alone), "{id} {query:?}");
            }
        }
    }
}

fn the_backlog_follows_its_identity(snapshot: &Snapshot) {
    let mut open = 0.0;
    for row in rows(snapshot, "action_backlog", &query(Some(Grain::Month), None)) {
        let change = |name: &str| row.extra[name].as_f64().unwrap();
        open += change("opened") + change("reopened") - change("closed") - change("cancelled");
        assert_eq!(row.value, Some(open), "{row:?}");
    }
    let now = rows(snapshot, "action_overdue", &query(None, Some(vec![])));
    assert_eq!(
        now.first().map_or(0.0, |row| row.extra["open"].as_f64().unwrap()),
        open,
        "as many as are open"
    );
}

fn periods_without_records_are_rows(snapshot: &Snapshot) {
    let (from, to) = ("2024-02-10".parse().unwrap(), "2025-03-05".parse().unwrap());
    let wanted: Vec<String> =
        Period::between(from, to, Grain::Quarter).iter().map(ToString::to_string).collect();
    for metric in registry() {
        let definition = metric.definition();
        let asked =
            MetricQuery { from: Some(from), to: Some(to), ..query(Some(Grain::Quarter), None) };
        // The periods of a trend are the steps of its series; a status at the end of a period is
        // compared there.
        if [
            "capability_trend",
            "risk_profile",
            "hazard_coverage",
            "improvement_priority",
            "action_forecast",
        ]
        .contains(&definition.id)
        {
            continue;
        }
        let mut seen: std::collections::BTreeMap<String, Vec<String>> =
            std::collections::BTreeMap::new();
        for row in rows(snapshot, definition.id, &asked) {
            let keys = definition
                .default_group_by
                .iter()
                .map(|key| row.dimensions[key.key()].to_string())
                .collect();
            seen.entry(keys)
                .or_default()
                .push(row.dimensions["period"].as_str().unwrap().to_owned());
        }
        for (key, periods) in seen {
            if definition.id == "action_overdue" {
                assert!(wanted.ends_with(&periods), "{}: {key} {periods:?}", definition.id);
            } else {
                assert_eq!(periods, wanted, "{}: {key}", definition.id);
            }
        }
    }
}

fn regions_sum_to_the_state(snapshot: &Snapshot) {
    for id in ["incident_burden", "exercise_cadence", "capability_performance", "action_closure"] {
        let sum = |group_by: Vec<Dimension>| {
            let rows = rows(snapshot, id, &query(None, Some(group_by)));
            (
                rows.iter().map(|row| row.n).sum::<u64>(),
                rows.iter().filter_map(|row| row.numerator).sum::<f64>(),
            )
        };
        assert_eq!(sum(vec![]), sum(vec![Dimension::Region]), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_keeps_its_promises_over_random_warehouses() {
    let database = TestDatabase::new().await;
    let url = database.url();
    let mut runner = TestRunner::deterministic();
    for case in 0..CASES {
        let one_region = case % 2 == 1;
        let (events, actions) =
            (events(one_region), actions()).new_tree(&mut runner).unwrap().current();
        let snapshot = fill(url, &statements(&events, &actions, false)).await;
        shares_lie_in_their_intervals(&snapshot);
        filtering_a_region_equals_grouping_by_it(&snapshot);
        kept_answers_are_those_computed_alone(&snapshot);
        the_backlog_follows_its_identity(&snapshot);
        periods_without_records_are_rows(&snapshot);
        if one_region {
            regions_sum_to_the_state(&snapshot);
        }
        let told = answers(&snapshot);
        let permuted = fill(url, &statements(&events, &actions, true)).await;
        for ((id, rows), (_, again)) in told.iter().zip(answers(&permuted)) {
            assert_eq!(*rows, again, "{id} depends on the order of its records");
        }
        // Closing one more action never decreases the share closed.
        let closure = |snapshot: &Snapshot| {
            rows(snapshot, "action_closure", &query(None, Some(vec![])))
                .first()
                .and_then(|row| row.value)
        };
        let before = closure(&permuted);
        let close = format!(
            "update warehouse.corrective_action set status = 'COMPLETED', completed_on = date \
             '{AS_OF}' where corrective_action_id = \
             (select min(corrective_action_id) from warehouse.corrective_action where status = \
             'OPEN' and opened_on <= date '{AS_OF}')"
        );
        let closed = fill(url, &close).await;
        assert!(closure(&closed) >= before, "{before:?} {:?}", closure(&closed));
    }
}

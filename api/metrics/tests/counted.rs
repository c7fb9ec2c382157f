//! Tests which facts count, and from when: facts that must not count are added to random
//! warehouses, and no metric may change.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};

use hotwash_metrics::{
    Dimension, Grain, MetricQuery, MetricRow, Snapshot, Unit, clusters, evaluate, registry,
    stated_sums,
};
use hotwash_schema::access::Viewer;
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const AS_OF: &str = "2026-03-10";
/// Number of random warehouses, and of later facts added to each.
const CASES: u64 = 4;
const LATER: usize = 60;

/// Facts of a day. Placeholders: `#` is a unique number. `EVENT`, `ACTION`, `FINDING` and `WHO` are
/// ids of existing rows. `TODAY` is the day, `AT` a local time on it, and `LINEAGE` the load of a
/// record.
///
/// These facts never date an event whose report has no date or whose end is unknown. That would
/// also date an earlier fact.
const FACTS: &[&str] = &[
    // An exercise with ratings, areas, participants and a second hazard; a few are planned or
    // canceled.
    "with e as (insert into warehouse.event (kind, name, start_at, end_at, local_date, \
     end_local_date, owes_aar, hazard_id, status, source, source_id, batch_id, file_id, \
     source_row, content_hash)
        values ('EXERCISE', 'E', AT, AT + interval '3 hours', TODAY, TODAY + # % 2, true, 1 + # % \
        9, \
        (array['HELD', 'HELD', 'HELD', 'PLANNED', 'CANCELLED'])[1 + # % 5], 'hotwash', '#', \
        LINEAGE) returning event_id),
        x as (insert into warehouse.exercise (event_id, exercise_type_id, scope, \
        time_limit_minutes) select event_id, 1 + # % 7, 'All', nullif(30 * (# % 4), 0) from e),
        p as (insert into warehouse.participation (event_id, organization_id, source, source_id, \
        batch_id, file_id, source_row, content_hash)
            select event_id, WHO, 'hotwash', 'p#', LINEAGE from e),
        h as (insert into warehouse.event_hazard (event_id, hazard_id, is_primary) select \
        event_id, 1 + # % 5, false from e),
        c as (insert into warehouse.capability_rating (event_id, capability_id, rating_scale_id, \
        rating, source, source_id, batch_id, file_id, source_row, content_hash)
            select event_id, 1 + n % 3, 1, (array['P', 'S', 'M', 'U', 'NOT_OBSERVED'])[1 + (# + n) \
        % 5], 'hotwash', '#-' || n, LINEAGE from e, generate_series(1, 5) n),
        a as (insert into warehouse.after_action_report (event_id, layout, has_overview, final_on, \
        batch_id, file_id, source_row, content_hash)
            select event_id, 'L', true, TODAY + 10 + # % 60, LINEAGE from e),
        f as (insert into warehouse.finding (event_id, kind, capability_id, text, reference, \
        analysis, source, source_id, batch_id, file_id, source_row, content_hash)
            select event_id, 'AREA_FOR_IMPROVEMENT', 1 + (# + n) % 3, 'F', 'R', 'A', 'hotwash', \
        '#-' || n, LINEAGE from e, generate_series(1, 2) n returning finding_id),
        k as (insert into warehouse.finding_element (finding_id, element_id, weight) select \
        finding_id, 1 + # % 2, 1 from f)
     insert into warehouse.event_region (event_id, region_id) select event_id, r from e, \
        unnest(array[1 + # % 3, 4 + # % 2]) r",
    // An incident without a report and without an end.
    "with e as (insert into warehouse.event (kind, name, start_at, local_date, owes_aar, \
     hazard_id, source, source_id, batch_id, file_id, source_row, content_hash)
        values ('INCIDENT', 'I', AT, TODAY, # % 2 = 0, 1 + # % 9, 'noaa', '#', LINEAGE) returning \
        event_id),
        i as (insert into warehouse.incident (event_id, response, deaths_direct) select event_id, \
        (array['RESPONDED', 'MONITORED', 'NONE'])[1 + # % 3], 2 from e),
        p as (insert into warehouse.participation (event_id, organization_id, source, source_id, \
        batch_id, file_id, source_row, content_hash)
            select event_id, WHO, 'hotwash', 'p#', LINEAGE from e)
     insert into warehouse.event_region (event_id, region_id) select event_id, 1 + # % 3 from e",
    "insert into warehouse.after_action_report (event_id, layout, has_overview, draft_on, \
     final_on, batch_id, file_id, source_row, content_hash)
        select event_id, 'L', true, TODAY, TODAY + 20, LINEAGE from warehouse.event e where kind = \
        'INCIDENT'
        and local_date <= TODAY and event_id % 3 = # % 3 on conflict do nothing",
    // Milestones, known to the minute or to the day.
    "insert into warehouse.milestone (event_id, milestone_type_id, occurred_at, time_precision, \
     source, source_id, batch_id, file_id, source_row, content_hash)
        select event_id, milestone_type_id, AT, (array['MINUTE', 'MINUTE', 'DAY'])[1 + # % 3], \
        'hotwash', '#-' || event_id || '-' || milestone_type_id, LINEAGE
        from warehouse.event, warehouse.milestone_type where milestone_type_id > 0 and local_date \
        <= TODAY and (milestone_type_id + event_id + #) % 4 = 0",
    "insert into warehouse.milestone (event_id, milestone_type_id, occurred_at, source, source_id, \
     batch_id, file_id, source_row, content_hash)
        select event_id, milestone_type_id, AT, 'hotwash', 's#-' || event_id || '-' || \
        milestone_type_id, LINEAGE
        from warehouse.event, warehouse.milestone_type where code in ('notified', 'activated') and \
        local_date <= TODAY and (event_id + #) % 3 = 0",
    // Actions: opened, completed, reopened, canceled, postponed and validated.
    "with a as (insert into warehouse.corrective_action (event_id, finding_id, region_id, \
     capability_id, owner_organization_id, text, status, opened_on, start_on, due_original_on, \
     due_current_on,
            source, source_id, batch_id, file_id, source_row, content_hash)
        select event_id, finding_id, 1 + # % 3, capability_id, case when # % 4 = 0 then -1 else \
        WHO end, 'A', 'OPEN', TODAY, nullif(TODAY, TODAY - # % 2), TODAY + 30 + # % 90, TODAY + 30 \
        + # % 90,
            'hotwash', '#', LINEAGE from warehouse.finding join warehouse.event using (event_id) \
        where local_date <= TODAY order by md5(finding_id::text || '#') limit 1
        returning corrective_action_id, opened_on, due_original_on),
        k as (insert into warehouse.corrective_action_element (corrective_action_id, element_id, \
        weight) select corrective_action_id, 1, 1 from a where # % 3 > 0)
     insert into warehouse.action_status_history (corrective_action_id, changed_on, change, \
        status, due_on, batch_id, file_id, source_row)
        select corrective_action_id, opened_on, 'OPENED', 'OPEN', due_original_on, 1, 1, 1 from a",
    "with a as (update warehouse.corrective_action set status = 'COMPLETED', completed_on = TODAY \
     where corrective_action_id = OPEN returning corrective_action_id, due_current_on)
     insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, \
        change, status, due_on, batch_id, file_id, source_row)
        select corrective_action_id, TODAY, #, 'COMPLETED', 'COMPLETED', due_current_on, 1, 1, 1 \
        from a",
    "with a as (update warehouse.corrective_action set status = 'OPEN', completed_on = null, \
     cancelled_on = null, validated_on = null where corrective_action_id = CLOSED returning \
     corrective_action_id, due_current_on)
     insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, \
        change, status, due_on, batch_id, file_id, source_row)
        select corrective_action_id, TODAY, #, 'REOPENED', 'OPEN', due_current_on, 1, 1, 1 from a",
    "with a as (update warehouse.corrective_action set status = 'CANCELLED', cancelled_on = TODAY \
     where corrective_action_id = OPEN returning corrective_action_id, due_current_on)
     insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, \
        change, status, due_on, batch_id, file_id, source_row)
        select corrective_action_id, TODAY, #, 'CANCELLED', 'CANCELLED', due_current_on, 1, 1, 1 \
        from a",
    "with a as (update warehouse.corrective_action set due_current_on = TODAY + 60 where \
     corrective_action_id = OPEN returning corrective_action_id, due_current_on)
     insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, \
        change, status, due_on, batch_id, file_id, source_row)
        select corrective_action_id, TODAY, #, 'DUE_DATE', 'OPEN', due_current_on, 1, 1, 1 from a",
    "with a as (update warehouse.corrective_action set status = 'VALIDATED', validated_on = TODAY \
     where corrective_action_id = CLOSED and completed_on is not null returning \
     corrective_action_id, due_current_on)
     insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, \
        change, status, due_on, batch_id, file_id, source_row)
        select corrective_action_id, TODAY, #, 'VALIDATED', 'VALIDATED', due_current_on, 1, 1, 1 \
        from a",
    // Requests, and reports for earlier requests.
    "with q as (insert into warehouse.information_request (event_id, label, asked_at, due_at, \
     source, source_id, batch_id, file_id, source_row, content_hash)
        select event_id, 'Q', AT, AT + interval '90 minutes', 'hotwash', '#', LINEAGE from \
        warehouse.event where local_date <= TODAY order by md5(event_id::text || '#') limit 1
        returning information_request_id)
     insert into warehouse.information_report (information_request_id, organization_id) select \
        information_request_id, organization_id from q, warehouse.organization where \
        organization_id > 0",
    "update warehouse.information_report r set received_at = AT from warehouse.information_request \
     q where q.information_request_id = r.information_request_id
        and q.asked_at <= AT and received_at is null and (r.organization_id + #) % 3 = 0",
    "insert into warehouse.resource_request (event_id, region_id, organization_id, kind, \
     quantity_requested, requested_at, needed_by, source, source_id, batch_id, file_id, \
     source_row, content_hash)
        select event_id, 1 + # % 3, WHO, 'R', 5, AT, AT + interval '5 days', 'hotwash', '#', \
        LINEAGE from warehouse.event where local_date <= TODAY order by md5(event_id::text || '#') \
        limit 1",
    "insert into warehouse.resource_request (region_id, kind, quantity_requested, requested_at, \
     source, source_id, batch_id, file_id, source_row, content_hash)
        values (1 + # % 3, 'R', 4, AT, 'hotwash', '#', LINEAGE)",
    "update warehouse.resource_request set filled_at = AT, quantity_filled = 4, status = 'FILLED' \
     where filled_at is null and requested_at <= AT and (resource_request_id + #) % 2 = 0",
    // A risk assessment.
    "with a as (insert into warehouse.risk_assessment (organization_id, region_id, \
     assessment_method_id, assessed_on, source, source_id, batch_id, file_id, source_row, \
     content_hash)
        values (WHO, 1 + # % 3, (select min(assessment_method_id) from warehouse.assessment_method \
        where assessment_method_id > 0), TODAY, 'hotwash', '#', LINEAGE) returning \
        risk_assessment_id)
     insert into warehouse.risk_score (risk_assessment_id, label, hazard_id, applicable, risk, \
        inherent_risk, rank_in_assessment, source, source_id, batch_id, file_id, source_row, \
        content_hash)
        select risk_assessment_id, 'S', n, (# + n) % 5 > 0, 0.1 * ((# + n) % 9), 0.1 * ((# + n) % \
        7), n, 'hotwash', '#-' || n, LINEAGE from a, generate_series(1, 9) n",
];

const BEGIN: &str = "
insert into meta.batch (tool_version) values ('test');
insert into meta.file (batch_id, name, source, status, read, inserted, finished_at) values (1, \
    'r', 'hotwash', 'LOADED', 9, 9, '2026-01-02');
insert into meta.file (batch_id, name, source, status, read, inserted, finished_at) values (1, \
    'n', 'noaa', 'LOADED', 9, 9, '2026-01-02');
insert into warehouse.organization (source, source_id, name, normalized_name, region_id, \
    discipline_id)
    select 'hotwash', n::text, 'O' || n, 'o ' || n, 1 + n % 3, 1 + n % 5 from generate_series(1, \
    9) n;
";

fn some(table: &str, key: &str, only: &str, number: u64) -> String {
    format!(
        "(select {key} from warehouse.{table} where {key} > 0 and {only} order by md5({key}::text \
         || '{number}') limit 1)"
    )
}

/// Creates a fact a number of days after the as-of day, or before it.
fn fact(template: &str, number: u64, days: i64) -> String {
    let day = format!("(date '{AS_OF}' + {days})");
    let open = format!(
        "status = 'OPEN' and opened_on <= {day} and not exists (select from \
         warehouse.action_status_history h \
        where h.corrective_action_id = corrective_action.corrective_action_id and h.changed_on > \
        {day})"
    );
    let closed = open.replace("= 'OPEN'", "in ('COMPLETED', 'CANCELLED')");
    template
        .replace("WHO", &some("organization", "organization_id", "true", number))
        .replace(
            "= OPEN",
            &format!("= {}", some("corrective_action", "corrective_action_id", &open, number)),
        )
        .replace(
            "= CLOSED",
            &format!("= {}", some("corrective_action", "corrective_action_id", &closed, number)),
        )
        .replace("LINEAGE", "1, 1, 1, '\\x00'::bytea")
        .replace("TODAY + 10 + # % 60", &format!("{day} + {}", 10 + number % 60))
        .replace("TODAY", &day)
        .replace("AT + ", &format!("{} + ", moment(&day, number)))
        .replace(" AT", &format!(" {}", moment(&day, number)))
        .replace("(AT", &format!("({}", moment(&day, number)))
        .replace('#', &number.to_string())
}

/// Returns a local time on a day, including its first and last minute.
fn moment(day: &str, number: u64) -> String {
    let minute = [0, 1, 611, 1_439][number as usize % 4];
    format!("(({day} + interval '{minute} minutes') at time zone 'America/New_York')")
}

/// Returns every metric at its defaults, for the state and by period, on the day and half a year
/// before.
fn answers(snapshot: &Snapshot) -> BTreeMap<String, Vec<MetricRow>> {
    let as_of: chrono::NaiveDate = AS_OF.parse().unwrap();
    let mut told = BTreeMap::new();
    for metric in registry() {
        let id = metric.definition().id;
        for (as_of, period, group_by) in [
            (as_of, None, None),
            (as_of, None, Some(Vec::new())),
            (as_of, Some(Grain::Quarter), None),
            (as_of - chrono::Days::new(180), Some(Grain::Month), None),
        ] {
            let query =
                MetricQuery { as_of, period, group_by: group_by.clone(), ..MetricQuery::default() };
            if let Ok(result) = evaluate(snapshot, id, &query, &Viewer::local()) {
                told.insert(format!("{id} {as_of} {period:?} {group_by:?}"), result.rows);
            }
        }
    }
    told
}

/// Creates a warehouse with facts up to the as-of day, and the values from which further facts are
/// drawn.
async fn past(case: u64) -> (TestDatabase, tokio_postgres::Client, ChaCha8Rng) {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    client.batch_execute(BEGIN).await.unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(case);
    // The oldest facts come first, and events come before their records.
    let mut days: Vec<i64> = (0..160).map(|_| -random.random_range(0..900)).collect();
    days.sort_unstable();
    for (place, days) in days.into_iter().enumerate() {
        let template =
            if place < 12 { FACTS[place % 2] } else { FACTS.choose(&mut random).unwrap() };
        client.batch_execute(&fact(template, 1_000 + place as u64, days)).await.unwrap();
    }
    (database, client, random)
}

/// Returns the queries whose answers differ, each with its first different row.
fn differing(
    before: &BTreeMap<String, Vec<MetricRow>>,
    after: &BTreeMap<String, Vec<MetricRow>>,
) -> BTreeMap<String, String> {
    let differs = |(asked, rows): (&String, &Vec<MetricRow>)| {
        let other = rows.iter().zip(&after[asked]).find(|(one, other)| one != other);
        (*rows != after[asked])
            .then(|| (asked.clone(), format!("{asked}: {} rows, {other:#?}", rows.len())))
    };
    before.iter().filter_map(differs).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_after_the_as_of_day_changes_no_number() {
    let mut found = BTreeMap::new();
    let mut rows = 0;
    for case in 0..CASES {
        let (database, client, mut random) = past(case).await;
        let before = answers(&Snapshot::load(database.url()).await.unwrap());
        rows += before.values().map(Vec::len).sum::<usize>();
        let mut days: Vec<i64> = (0..LATER).map(|_| random.random_range(1..400)).collect();
        days.sort_unstable();
        days[0] = 1;
        for (place, days) in days.into_iter().enumerate() {
            let template =
                if place < FACTS.len() { FACTS[place] } else { FACTS.choose(&mut random).unwrap() };
            client.batch_execute(&fact(template, 5_000 + place as u64, days)).await.unwrap();
        }
        found.extend(differing(&before, &answers(&Snapshot::load(database.url()).await.unwrap())));
    }
    let names: Vec<&String> = found.keys().collect();
    assert!(found.is_empty(), "{names:#?}\n{:#?}", found.values().next());
    assert!(rows > 2_000, "{rows}");
}

/// Adds ratings, areas, reports, milestones and participants of events that were planned or
/// canceled, or of incidents without a response.
#[tokio::test(flavor = "multi_thread")]
async fn facts_of_events_that_were_not_held_change_no_number() {
    let (database, client, mut random) = past(9).await;
    let before = answers(&Snapshot::load(database.url()).await.unwrap());
    client
        .batch_execute("create temp table known as select event_id from warehouse.event")
        .await
        .unwrap();
    for number in 7_000..7_012 {
        let exercise = fact(FACTS[0], number, -random.random_range(0..600));
        client.batch_execute(&exercise).await.unwrap();
    }
    let not_held = "create temp table added as select event_id from warehouse.event except select \
        event_id from known; \
        update warehouse.event set status = (array['PLANNED', 'CANCELLED', 'HELD'])[1 + event_id % \
        3], \
            kind = case when event_id % 3 = 2 then 'INCIDENT' else kind end where event_id in \
            (select event_id from added); \
        delete from warehouse.exercise where event_id in (select event_id from added) and event_id \
        % 3 = 2; \
        insert into warehouse.incident (event_id, response) select event_id, 'NONE' from added \
        where event_id % 3 = 2; \
        insert into warehouse.milestone (event_id, milestone_type_id, occurred_at, source, \
        source_id, batch_id, file_id, source_row, content_hash) \
            select event_id, milestone_type_id, start_at + interval '9 minutes' * \
            milestone_type_id, 'hotwash', 'n-' || event_id || '-' || milestone_type_id, 1, 1, 1, \
            '\\x00'::bytea \
            from added join warehouse.event using (event_id), warehouse.milestone_type where \
            milestone_type_id > 0";
    client.batch_execute(not_held).await.unwrap();
    let mut found = differing(&before, &answers(&Snapshot::load(database.url()).await.unwrap()));
    // Incidents count as a region's burden with or without a response; and every event shows how
    // current its source is.
    found.retain(|asked, _| {
        !asked.starts_with("incident_burden") && !asked.starts_with("data_quality")
    });
    let names: Vec<&String> = found.keys().collect();
    assert!(found.is_empty(), "{names:#?}\n{:#?}", found.values().next());
}

/// Every share of every metric, by each group and filter: the records of its events, or files, add
/// up to the row.
#[tokio::test(flavor = "multi_thread")]
async fn the_clusters_behind_a_share_have_its_numerator_and_denominator() {
    let (database, _client, _random) = past(5).await;
    let snapshot = Snapshot::load(database.url()).await.unwrap();
    let mut clustered = BTreeSet::new();
    for metric in registry().iter().filter(|metric| metric.definition().unit == Unit::Share) {
        let definition = metric.definition();
        let groups = definition.dimensions.iter().map(|dimension| Some(vec![*dimension]));
        for group_by in groups.chain([None, Some(Vec::new())]) {
            for (period, filter) in [(None, None), (Some(Grain::Quarter), None), (None, Some("1"))]
            {
                let mut query = MetricQuery {
                    as_of: AS_OF.parse().unwrap(),
                    group_by: group_by.clone(),
                    period,
                    ..MetricQuery::default()
                };
                for dimension in [Dimension::Region, Dimension::Element] {
                    if filter.is_some() && definition.dimensions.contains(&dimension) {
                        let code = if dimension == Dimension::Region { "1" } else { "planning" };
                        query.only(dimension, code);
                    }
                }
                let viewer = Viewer::local();
                let rows = evaluate(&snapshot, definition.id, &query, &viewer).unwrap().rows;
                let found = clusters(&snapshot, definition.id, &query, &viewer, &rows).unwrap();
                for (row, found) in rows.iter().zip(found) {
                    let Some(sums) = found.map(|found| found.sums()) else { continue };
                    let (numerator, denominator) = row.numerator.zip(row.denominator).unwrap();
                    let is_equal = |one: f64, other: f64| (one - other).abs() < 1e-9;
                    assert!(
                        is_equal(sums.0, numerator) && is_equal(sums.1, denominator),
                        "{query:?} {row:#?} {sums:?}"
                    );
                    clustered.extend((denominator > 0.0).then_some(definition.id));
                }
            }
        }
    }
    let expected = [
        "action_closure",
        "action_on_time",
        "action_validation",
        "capability_performance",
        "data_quality",
        "information_response",
        "poete_mix",
        "repeat_findings",
    ];
    assert!(clustered.is_superset(&BTreeSet::from(expected)), "{clustered:?}");
    for other in ["aar_timeliness", "aar_completeness", "tracker_response", "participation"] {
        assert!(!clustered.contains(other), "{other}: its records are independent");
    }
}

/// Counts are compared as independent: events are, their records would not be.
#[tokio::test(flavor = "multi_thread")]
async fn counts_of_a_period_count_events() {
    let database = TestDatabase::new().await;
    let snapshot = Snapshot::load(database.url()).await.unwrap();
    for metric in registry().iter().filter(|metric| metric.definition().unit == Unit::Count) {
        let facts = metric.facts(&snapshot, &MetricQuery::default()).unwrap().remove(0);
        let is_state = metric.state_since(&snapshot).unwrap().is_some();
        let is_compared = facts.is_split_by_period() && metric.definition().id != "action_overdue";
        assert!(
            is_state || !is_compared || !facts.cluster_by_event(),
            "{}",
            metric.definition().id
        );
    }
}

/// Returns the first row of a metric for the state.
async fn state(url: &str, id: &str) -> MetricRow {
    let query = MetricQuery {
        as_of: AS_OF.parse().unwrap(),
        group_by: Some(Vec::new()),
        ..MetricQuery::default()
    };
    evaluate(&Snapshot::load(url).await.unwrap(), id, &query, &Viewer::local())
        .unwrap()
        .rows
        .remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn ratings_on_other_scales_are_none_of_p_s_m_and_u() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    client.batch_execute(BEGIN).await.unwrap();
    client.batch_execute(&fact(FACTS[0], 1_000, -30)).await.unwrap();
    let other = "insert into warehouse.capability_rating (event_id, capability_id, \
        rating_scale_id, rating, source, source_id, batch_id, file_id, source_row, content_hash) \
        select event_id, 1, rating_scale_id, v.code, 'hotwash', v.code, 1, 1, 1, '\\x00'::bytea \
        from warehouse.event, warehouse.rating_value v join warehouse.rating_scale s using \
        (rating_scale_id) where s.code = 'FPN'";
    let before = state(database.url(), "capability_performance").await;
    client.batch_execute(other).await.unwrap();
    let after = state(database.url(), "capability_performance").await;
    assert_eq!(
        (before.n, after.n),
        (4, 7),
        "fully, partially and not; not observed and not applicable leave it"
    );
    assert_eq!(
        after.numerator,
        before.numerator.map(|good| good + 1.0),
        "fully counts as its scale's best value"
    );
    for name in ["p", "s", "m", "u"] {
        assert_eq!((&before.extra[name], &after.extra[name]), (&1.into(), &1.into()), "{name}");
    }
    assert_eq!((&before.extra["otherScales"], &after.extra["otherScales"]), (&0.into(), &3.into()));
}

/// Two areas a year apart, with the same capability and element, and an action on the first.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_needs_a_known_capability_and_stays_a_relapse() {
    let counts = |row: &MetricRow| {
        ["repeats", "relapse", "stillOpen", "neverActioned"]
            .map(|name| row.extra[name].as_i64().unwrap())
    };
    for (capability, history, wanted) in [
        (1, "", [1, 0, 1, 0]),
        (1, "('2025-06-01', 'COMPLETED', 'COMPLETED')", [1, 1, 0, 0]),
        // Reopened after the recurrence of January 2, 2026, and before it.
        (
            1,
            "('2025-06-01', 'COMPLETED', 'COMPLETED'), ('2026-02-01', 'REOPENED', 'OPEN')",
            [1, 1, 0, 0],
        ),
        (
            1,
            "('2025-06-01', 'COMPLETED', 'COMPLETED'), ('2025-12-01', 'REOPENED', 'OPEN')",
            [1, 1, 0, 0],
        ),
        (1, "('2026-02-01', 'COMPLETED', 'COMPLETED')", [1, 0, 1, 0]),
        (-1, "('2025-06-01', 'COMPLETED', 'COMPLETED')", [0, 0, 0, 0]),
    ] {
        let database = TestDatabase::new().await;
        let client = connect(database.url()).await.unwrap();
        let sql = format!(
            "{BEGIN}
            insert into warehouse.event (event_id, kind, name, start_at, local_date, source, \
            source_id, batch_id, file_id, source_row, content_hash)
                select n, 'EXERCISE', 'E', day, day, 'hotwash', n::text, 1, 1, n, '\\x00' from \
            (values (1, date '2025-01-02'), (2, date '2026-01-02')) e(n, day);
            insert into warehouse.event_region (event_id, region_id) values (1, 1), (2, 1);
            insert into warehouse.finding (finding_id, event_id, kind, capability_id, text, \
            source, source_id, batch_id, file_id, source_row, content_hash)
                select n, n, 'AREA_FOR_IMPROVEMENT', {capability}, 'F', 'hotwash', n::text, 1, 1, \
            n, '\\x00' from generate_series(1, 2) n;
            insert into warehouse.finding_element (finding_id, element_id, weight) values (1, 1, \
            1), (2, 1, 1);
            insert into warehouse.corrective_action (corrective_action_id, finding_id, region_id, \
            text, status, opened_on, source, source_id, batch_id, file_id, source_row, content_hash)
                values (1, 1, 1, 'A', 'OPEN', '2025-02-01', 'hotwash', 'a', 1, 1, 1, '\\x00');
            insert into warehouse.action_status_history (corrective_action_id, changed_on, change, \
            status, batch_id, file_id, source_row)
                select 1, day::date, change, status, 1, 1, 1 from (values ('2025-02-01', 'OPENED', \
            'OPEN'){}{history}) h(day, change, status);",
            if history.is_empty() { "" } else { ", " }
        );
        client.batch_execute(&sql).await.unwrap();
        let row = state(database.url(), "repeat_findings").await;
        assert_eq!((row.n, counts(&row)), (2, wanted), "{history}");
    }
}

/// Every extra that the facts of a metric declare as a sum is that sum, in all groups, by quarter, and on
/// an earlier day.
#[tokio::test(flavor = "multi_thread")]
async fn a_declared_sum_of_facts_is_the_extra_that_states_it() {
    let (database, client, _random) = past(5).await;
    let amounts = "update warehouse.incident set injuries_direct = 3, damage_property_usd = 500 where \
        event_id % 2 = 0";
    client.batch_execute(amounts).await.unwrap();
    let snapshot = Snapshot::load(database.url()).await.unwrap();
    let as_of: chrono::NaiveDate = AS_OF.parse().unwrap();
    let viewer = Viewer::local();
    let mut stated = BTreeMap::new();
    for metric in registry() {
        let definition = metric.definition();
        // The facts of a stock are those of one day; by period it has no facts, and no release.
        let is_stock = metric.state_since(&snapshot).unwrap().is_some();
        let groups = definition.dimensions.iter().map(|dimension| Some(vec![*dimension]));
        for group_by in groups.chain([None, Some(Vec::new())]) {
            for (as_of, period) in [
                (as_of, None),
                (as_of, Some(Grain::Quarter)),
                (as_of - chrono::Days::new(180), None),
            ] {
                if is_stock && period.is_some() {
                    continue;
                }
                let query = MetricQuery {
                    as_of,
                    period,
                    group_by: group_by.clone(),
                    ..MetricQuery::default()
                };
                let Ok(result) = evaluate(&snapshot, definition.id, &query, &viewer) else {
                    continue;
                };
                let sums = stated_sums(&snapshot, definition.id, &query).unwrap();
                for row in result.rows {
                    let of_row = sums.iter().filter(|(keys, _)| *keys == row.dimensions);
                    for (extra, sum) in of_row.flat_map(|(_, sums)| sums) {
                        // An amount that no record reports is unknown.
                        let value = row.extra[*extra].as_i64();
                        assert!(
                            value.map_or(*sum == 0, |value| value == *sum),
                            "{query:?} {extra} {sum} {row:#?}"
                        );
                        *stated.entry((definition.id, *extra)).or_insert(0) += *sum;
                    }
                }
            }
        }
    }
    let positive = stated.values().filter(|sum| **sum > 0).count();
    assert!(stated.len() >= 16 && positive >= 12, "{stated:#?}");
}

//! The fifteen questions of an analyst, each in one natural call, equal to SQL.

use hotwash_schema::connect::connect;
use hotwash_tests::Server;
use hotwash_tests::coalition::generated;
use serde_json::{Value, json};
use tokio_postgres::Client;

/// Day of the answers.
const TODAY: &str = "2026-06-30";

/// Warehouse with a reopened action, and the server over it.
struct Analyst {
    client: Client,
    server: Server,
    _database: hotwash_schema::testing::TestDatabase,
}

impl Analyst {
    async fn new() -> Self {
        let database = generated(5).await;
        let client = connect(database.url()).await.unwrap();
        client
            .batch_execute(
                "insert into warehouse.action_status_history (corrective_action_id, changed_on, \
                    change, status, batch_id, file_id, source_row) select corrective_action_id, \
                    '2026-05-01', 'REOPENED', 'OPEN', batch_id, file_id, source_row from \
                    warehouse.corrective_action where status = 'COMPLETED' order by 1 limit 3;
                 update warehouse.finding set text = 'Radios of two agencies were not \
                    interoperable' \
                    where finding_id in (select min(finding_id) from warehouse.finding group by \
                    capability_id)",
            )
            .await
            .unwrap();
        let server = Server::start(database.url(), &["--no-cache", "answers"]);
        Self { client, server, _database: database }
    }

    fn answer(&self, query: &str) -> Value {
        self.server.data(query)
    }

    /// Returns the rows of a statement, each as a JSON array.
    async fn rows(&self, sql: &str) -> Vec<Value> {
        let sql = format!("select to_json(row_to_json(t)) from ({sql}) t");
        let rows = self.client.query(&sql, &[]).await;
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn number(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap_or_else(|e| panic!("{sql}: {e:?}")).get(0)
    }

    /// Checks the groups of an aggregate against rows of SQL with the same members in any order.
    async fn check(&self, query: &str, root: &str, sql: &str) {
        let mut found: Vec<Value> = self.answer(query)[root]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| flat(group).into())
            .collect();
        let mut expected: Vec<Value> =
            self.rows(sql).await.iter().map(|row| flat(row).into()).collect();
        let by_text = |value: &Value| value.to_string();
        found.sort_by_key(by_text);
        expected.sort_by_key(by_text);
        assert!(!expected.is_empty(), "nothing answers {sql}");
        assert_eq!(found, expected, "{query}\n{sql}");
    }
}

/// Returns the scalars of an object in the order of its text, with numbers rounded.
fn flat(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            // A group has its key first.
            members.sort_by_key(|(name, _)| (name.as_str() != "key", name.to_lowercase()));
            members.into_iter().flat_map(|(_, value)| flat(value)).collect()
        }
        Value::Number(number) => {
            vec![json!((number.as_f64().unwrap() * 1e6).round() / 1e6)]
        }
        other => vec![other.clone()],
    }
}

const OPEN: &str = "status in ('PROPOSED', 'OPEN', 'IN_PROGRESS')";
const OF_ELEMENT: &str = "left join warehouse.finding_element k using (finding_id) left join \
    warehouse.element x using (element_id)";
const OF_REGION: &str = "left join warehouse.event_region w using (event_id) left join \
    warehouse.region r using (region_id)";

#[tokio::test]
async fn an_analyst_gets_each_answer_in_one_natural_call() {
    let analyst = Analyst::new().await;

    // 1. ESF-8: weaknesses and open actions by POETE element and region; and the open actions of
    // one element.
    let query = "{ findingAggregate(filter: { kind: { eq: AREA_FOR_IMPROVEMENT } }, \
        groupBy: [ELEMENT, REGION_CODE]) { key { element regionCode } count } \
        correctiveActionAggregate(filter: { status: { in: [PROPOSED, OPEN, IN_PROGRESS] } }, \
        groupBy: [ELEMENT, REGION_CODE]) { key { element regionCode } count } \
        correctiveActions(first: 5, filter: { status: { in: [PROPOSED, OPEN, IN_PROGRESS] }, \
        element: { eq: \"training\" } }) { totalCount nodes { text elements } } }";
    let weaknesses = format!(
        "select coalesce(x.code, 'unmapped') as a, coalesce(r.code, 'unmapped') as b, count(*) as \
         c from warehouse.finding f {OF_ELEMENT} {OF_REGION} where f.kind = 'AREA_FOR_IMPROVEMENT' \
         group by 1, 2"
    );
    analyst.check(query, "findingAggregate", &weaknesses).await;
    let actions = format!(
        "select coalesce(x.code, 'unmapped') as a, r.code as b, count(*) as c from \
         warehouse.corrective_action left join warehouse.corrective_action_element using \
         (corrective_action_id) left join warehouse.element x using (element_id) join \
         warehouse.region r using (region_id) where {OPEN} group by 1, 2"
    );
    analyst.check(query, "correctiveActionAggregate", &actions).await;
    let of_training = format!(
        "select count(*) from warehouse.corrective_action join warehouse.corrective_action_element \
         using (corrective_action_id) join warehouse.element x using (element_id) where x.code = \
         'training' and {OPEN}"
    );
    let found = analyst.answer(query)["correctiveActions"].clone();
    assert_eq!(found["totalCount"], analyst.number(&of_training).await);
    let elements = found["nodes"][0]["elements"].as_array().unwrap();
    assert!(elements.contains(&"training".into()), "{elements:?}");

    // 2. Overdue actions by the owner's discipline.
    let query = format!(
        "{{ correctiveActionAggregate(filter: {{ status: {{ in: [PROPOSED, OPEN, IN_PROGRESS] }}, \
         dueCurrentOn: {{ lt: \"{TODAY}\" }} }}, groupBy: [OWNER_DISCIPLINE]) {{ key {{ \
         ownerDiscipline }} count }} }}"
    );
    let sql = format!(
        "select d.code as a, count(*) as c from warehouse.corrective_action join \
         warehouse.organization o on o.organization_id = owner_organization_id join \
         warehouse.discipline d using (discipline_id) where {OPEN} and due_current_on < '{TODAY}' \
         group by 1"
    );
    analyst.check(&query, "correctiveActionAggregate", &sql).await;

    // 3. Trend of capabilities by region, with its test.
    let query = format!(
        "{{ capabilityTrend(groupBy: [REGION], asOf: \"{TODAY}\") {{ rows {{ region {{ code }} \
         value n slope pValue verdict }} }} }}"
    );
    let trend = analyst.answer(&query)["capabilityTrend"]["rows"].clone();
    let regions = "select count(distinct region_id) from warehouse.capability_rating join \
        warehouse.event_region using (event_id)";
    assert_eq!(trend.as_array().unwrap().len() as i64, analyst.number(regions).await, "{trend}");

    // 4. Reopened actions.
    let query = "{ correctiveActions(filter: { statusHistory: { change: { eq: REOPENED } } }) { \
        totalCount nodes { text statusHistory(filter: { change: { eq: REOPENED } }) { nodes { \
        changedOn } } } } }";
    let reopened = analyst.answer(query)["correctiveActions"].clone();
    assert_eq!(reopened["totalCount"], 3);
    assert_eq!(reopened["nodes"][0]["statusHistory"]["nodes"][0]["changedOn"], "2026-05-01");

    // 5. Medical surge in exercises against incidents.
    let query = format!(
        "{{ exerciseIncidentGap(filter: {{ capability: {{ eq: \"PHEP:10\" }} }}, asOf: \
         \"{TODAY}\") {{ rows {{ exerciseN incidentN exerciseShare incidentShare }} }} }}"
    );
    let row = analyst.answer(&query)["exerciseIncidentGap"]["rows"][0].clone();
    let of_kind = |kind: &str| {
        format!(
            "select count(*) from warehouse.capability_rating join warehouse.event e using \
             (event_id) join warehouse.capability c using (capability_id) join \
             warehouse.capability_framework f using (capability_framework_id) join \
             warehouse.rating_scale s using (rating_scale_id) where f.code = 'PHEP' and c.code = \
             '10' and s.code = 'PSMU' and level = 'CAPABILITY' and e.kind = '{kind}' and \
             e.local_date <= '{TODAY}'"
        )
    };
    assert_eq!(row["exerciseN"], analyst.number(&of_kind("EXERCISE")).await, "{row}");
    assert_eq!(row["incidentN"], analyst.number(&of_kind("INCIDENT")).await, "{row}");

    // 6. The ten highest risks that no exercise has tested.
    let query = "{ riskScoreAggregate(filter: { hazard: { events: { count: { eq: 0 }, kind: { eq: \
        EXERCISE } } } }, groupBy: [HAZARD_CODE], orderBy: [{ avg: { risk: DESC } }], limit: 10) { key \
        { hazardCode } avg { risk } } }";
    let sql = "select h.code as a, avg(risk) as b from warehouse.risk_score join warehouse.hazard \
        h using (hazard_id) where not exists (select from warehouse.event e where e.hazard_id = \
        h.hazard_id and e.kind = 'EXERCISE') group by 1 order by 2 desc limit 10";
    analyst.check(query, "riskScoreAggregate", sql).await;

    // 7. Median time to fill by kind of resource.
    let query = "{ resourceRequestAggregate(groupBy: [KIND]) { key { kind } median { minutesToFill \
        } \
        p90: percentile(p: 0.9) { minutesToFill } count } }";
    let minutes = "extract(epoch from filled_at - requested_at)::double precision / 60";
    let sql = format!(
        "select kind as key, count(*), percentile_cont(0.5) within group (order by {minutes}) as \
         median, percentile_cont(0.9) within group (order by {minutes}) as p90 from \
         warehouse.resource_request group by 1"
    );
    analyst.check(query, "resourceRequestAggregate", &sql).await;

    // 8. Hospitals that took part, by year.
    let query = "{ participationAggregate(filter: { organization: { discipline: { \
        eq: \"acute_care_hospital\" } \
        }, localDate: { gte: \"2023-07-01\" } }, groupBy: [FISCAL_YEAR]) { key { fiscalYear } \
        countDistinct { organizationId eventId } } }";
    let sql = "select extract(year from e.local_date + (select meta.fiscal_shift()))::int as a, \
        count(distinct event_id) as b, count(distinct organization_id) as c from \
        warehouse.participation join warehouse.event e using (event_id) join \
        warehouse.organization o using (organization_id) join warehouse.discipline d using \
        (discipline_id) where d.code \
        = 'acute_care_hospital' and e.local_date >= '2023-07-01' group by 1";
    analyst.check(query, "participationAggregate", sql).await;

    // 9. Repeat findings, texts side by side.
    let query = format!(
        "{{ repeatFindings(asOf: \"{TODAY}\", groupBy: [], filter: {{ region: {{ eq: \"3\" }} }}) \
         {{ rows {{ numerator records(first: 1000) {{ nodes {{ part record {{ ... on Finding {{ \
         text capability {{ code }} event {{ \
         localDate }} }} }} repeats {{ text capability {{ code }} event {{ localDate }} }} }} }} \
         }} }} }}"
    );
    let row = analyst.answer(&query)["repeatFindings"]["rows"][0].clone();
    let records = row["records"]["nodes"].as_array().unwrap();
    let repeats: Vec<&Value> =
        records.iter().filter(|record| record["part"] == "NUMERATOR").collect();
    assert_eq!(Some(repeats.len() as f64), row["numerator"].as_f64());
    for repeat in &repeats {
        let (later, earlier) = (&repeat["record"], &repeat["repeats"]);
        assert!(later["text"].is_string() && earlier["text"].is_string(), "{repeat}");
        assert_eq!(later["capability"], earlier["capability"]);
        let day = |finding: &Value| finding["event"]["localDate"].as_str().unwrap().to_owned();
        assert!(day(earlier) < day(later), "{repeat}");
    }

    // 10. Findings on radios or interoperability.
    let query = "{ search(text: \"radio or interoperability\", recordTypes: [FINDING]) { title excerpt { \
        text isMatch } event { name } } findings(filter: { search: \"radio or interoperability\" \
        }) { totalCount } }";
    let answer = analyst.answer(query);
    let sql = "select count(*) from warehouse.finding where concat_ws(' ', text, analysis, \
        recommendation, reference) ~* '\\m(radios?|interoperab)'";
    assert_eq!(answer["findings"]["totalCount"], analyst.number(sql).await);
    assert!(answer["search"][0]["event"]["name"].is_string(), "{answer}");

    // 11. Changes since the last quarter: a measure with its verdict, and the actions themselves.
    let query = "{ actionOverdue(groupBy: [REGION], from: \"2026-04-01\", to: \"2026-06-30\", \
        asOf: \"2026-06-30\", compare: { to: PREVIOUS_PERIOD }) { rows { region { code } value \
        comparison { previous difference verdict } } } \
        opened: correctiveActionAggregate(filter: { openedOn: { gte: \"2026-04-01\", lte: \
        \"2026-06-30\" } }, groupBy: [REGION_CODE]) { key { regionCode } count } \
        completed: correctiveActionAggregate(filter: { completedOn: { gte: \"2026-04-01\", lte: \
        \"2026-06-30\" } }, groupBy: [COMPLETED_ON_MONTH]) { key { completedOnMonth } count } }";
    let sql = "select date_trunc('month', completed_on)::date as a, count(*) as c from \
        warehouse.corrective_action where completed_on between '2026-04-01' and '2026-06-30' group \
        by 1";
    analyst.check(query, "completed", sql).await;
    let sql = "select r.code as a, count(*) as c from warehouse.corrective_action join \
        warehouse.region r using (region_id) where opened_on between '2026-04-01' and '2026-06-30' \
        group by 1";
    analyst.check(query, "opened", sql).await;

    // 12. After-action reports that are missing, and those that came late.
    let query = "{ missing: events(filter: { owesAar: { eq: true }, localDate: { lt: \"2026-05-01\" \
         }, milestones: { count: { eq: 0 }, kind: { eq: \"aar_final\" } } }) { totalCount \
         } late: milestones(filter: { kind: { eq: \"aar_final\" }, daysSinceEnd: { gt: 60 } \
         }) { totalCount nodes { daysSinceEnd event { name } } } }";
    let answer = analyst.answer(query);
    let of_event = "from warehouse.milestone m join warehouse.milestone_type t using \
        (milestone_type_id)";
    let missing = format!(
        "select count(*) from warehouse.event e where owes_aar and local_date < '2026-05-01' and \
         not exists (select {of_event} where m.event_id = e.event_id and t.code = 'aar_final')"
    );
    assert_eq!(answer["missing"]["totalCount"], analyst.number(&missing).await);
    let late = format!(
        "select count(*) {of_event} join warehouse.event e using (event_id) where t.code = \
         'aar_final' and (m.occurred_at at time zone coalesce(e.time_zone, \
         'America/New_York'))::date \
         - coalesce(e.end_local_date, e.local_date) > 60"
    );
    let late = analyst.number(&late).await;
    assert!(late > 0);
    assert_eq!(answer["late"]["totalCount"], late);

    // 13. Organizations in two or more exercises.
    let query = "{ participationAggregate(filter: { eventKind: { eq: EXERCISE } }, groupBy: \
        [ORGANIZATION_ID], having: { countDistinct: { eventId: { gte: 2 } } }, limit: 1000) { key { \
        organizationName } countDistinct { eventId } } organizations(filter: { participations: { \
        eventKind: { eq: EXERCISE }, count: { gte: 2 } } }) { totalCount } }";
    let sql = "select min(o.name) as key, count(distinct event_id) as value from \
        warehouse.participation join warehouse.event e using (event_id) join \
        warehouse.organization o using (organization_id) where e.kind = 'EXERCISE' group by \
        organization_id \
        having count(distinct event_id) >= 2";
    analyst.check(query, "participationAggregate", sql).await;
    let sql = "select count(*) from (select organization_id from warehouse.participation join \
        warehouse.event e using (event_id) where e.kind = 'EXERCISE' group by 1 having count(*) >= \
        2) t";
    let found = analyst.answer(query)["organizations"]["totalCount"].clone();
    assert_eq!(found, analyst.number(sql).await);

    // 14. Regions side by side, with the limits of chance.
    let query = format!(
        "{{ compareRegions(metric: \"capability_performance\", asOf: \"{TODAY}\") {{ region \
         numerator denominator funnelPosition }} }}"
    );
    let regions = analyst.answer(&query)["compareRegions"].clone();
    let sql = format!(
        "select r.code as region, count(*) filter (where rating in ('P', 'S')) as numerator, \
         count(*) as denominator from warehouse.capability_rating join warehouse.event e using \
         (event_id) join warehouse.event_region using (event_id) join warehouse.region r using \
         (region_id) join warehouse.rating_scale s using (rating_scale_id) where s.code = 'PSMU' \
         and \
         level = 'CAPABILITY' and rating in ('P', 'S', 'M', 'U') and e.local_date <= '{TODAY}' \
         group \
         by 1 order by 1"
    );
    let expected = analyst.rows(&sql).await;
    for (region, expected) in regions.as_array().unwrap().iter().zip(&expected) {
        assert!(region["funnelPosition"].is_string(), "{region}");
        for name in ["region", "numerator", "denominator"] {
            let found = &region[name];
            let is_equal = found.as_f64() == expected[name].as_f64()
                && found.is_string() == expected[name].is_string();
            assert!(
                is_equal && (found.is_number() || found == &expected[name]),
                "{region} {expected}"
            );
        }
    }
    assert_eq!(regions.as_array().unwrap().len(), expected.len());

    // 15. Everything about one event.
    let event = "select event_id from warehouse.finding join warehouse.capability_rating using \
        (event_id) join warehouse.participation using (event_id) join warehouse.milestone using \
        (event_id) group by 1 order by count(*) desc, 1 limit 1";
    let event = analyst.number(event).await;
    let id = hotwash_schema::global_id::global_id("Event", event);
    let lists = [
        ("findings", "finding"),
        ("capabilityRatings", "capability_rating"),
        ("participations", "participation"),
        ("milestones", "milestone"),
        ("correctiveActions", "corrective_action"),
        ("resourceRequests", "resource_request"),
        ("informationRequests", "information_request"),
    ];
    let selected =
        lists.map(|(list, _)| format!("{list}(first: 100) {{ totalCount nodes {{ id }} }}"));
    let query = format!(
        "{{ node(id: \"{id}\") {{ ... on Event {{ name narrative hazards {{ nodes {{ name }} }} \
         regions {{ nodes {{ code }} }} exercise {{ type }} afterActionReport {{ finalOn }} {} }} \
         }} }}",
        selected.join(" ")
    );
    let answer = analyst.answer(&query);
    for (list, table) in lists {
        let sql = format!("select count(*) from warehouse.{table} where event_id = {event}");
        assert_eq!(answer["node"][list]["totalCount"], analyst.number(&sql).await, "{list}");
    }
}

#[tokio::test]
async fn durations_are_summarized_as_in_sql() {
    let analyst = Analyst::new().await;
    for (query, root, sql) in [
        (
            "{ correctiveActionAggregate(groupBy: [PRIORITY]) { key { priority } avg { \
             daysToComplete } median { daysToComplete } percentile(p: 0.75) { daysToComplete } } }",
            "correctiveActionAggregate",
            "select priority as key, avg(completed_on - opened_on) as avg, percentile_cont(0.5) \
             within group (order by completed_on - opened_on) as median, percentile_cont(0.75) \
             within group (order by completed_on - opened_on) as percentile from \
             warehouse.corrective_action group by 1",
        ),
        (
            "{ eventAggregate(groupBy: [KIND]) { key { kind } median { minutesBetween(from: \
             \"notified\", to: \"activated\") } max { minutesBetween(to: \"activated\") } } }",
            "eventAggregate",
            "select kind as key, max(extract(epoch from a - start_at) / 60), percentile_cont(0.5) \
             within group (order by extract(epoch from a - n) / 60) as median from (select kind, \
             start_at, (select min(occurred_at) from warehouse.milestone m join \
             warehouse.milestone_type t using (milestone_type_id) where m.event_id = e.event_id \
             and t.code = 'activated' and time_precision <> 'DAY') a, (select min(occurred_at) \
             from warehouse.milestone m join warehouse.milestone_type t using (milestone_type_id) \
             where m.event_id = e.event_id and t.code = 'notified' and time_precision <> 'DAY') n \
             from warehouse.event e) x group by 1",
        ),
        (
            "{ milestoneAggregate(groupBy: [KIND], having: { median: { minutesSinceStart: { gte: 0 \
             } } }) { key { kind } median { minutesSinceStart } } }",
            "milestoneAggregate",
            "select t.code as key, percentile_cont(0.5) within group (order by case when \
             time_precision <> 'DAY' then extract(epoch from occurred_at - start_at) / 60 end) as \
             median from warehouse.milestone join warehouse.milestone_type t using \
             (milestone_type_id) join warehouse.event using (event_id) group by 1 having \
             percentile_cont(0.5) within group (order by case when time_precision <> 'DAY' then \
             extract(epoch from occurred_at - start_at) end) >= 0",
        ),
        (
            "{ informationRequestAggregate { sum { askedCount answeredInTimeCount } } }",
            "informationRequestAggregate",
            "select count(*) filter (where received_at <= due_at) as a, count(*) as b from \
             warehouse.information_report join warehouse.information_request using \
             (information_request_id)",
        ),
    ] {
        analyst.check(query, root, sql).await;
    }
    for (query, message) in [
        ("{ eventAggregate { percentile(p: 90) { durationHours } } }", "must lie between 0 and 1"),
        ("{ eventAggregate { sum { latitude } } }", "Unknown field \"latitude\""),
        ("{ capabilities(framework: \"phep\") { code } }", "did you mean PHEP?"),
        ("{ events(filter: { localDate: { eq: \"2025-1-1\" } }) { totalCount } }", "must be a day"),
    ] {
        let answer = analyst.server.post(query);
        let found = answer["errors"][0]["message"].as_str().unwrap();
        assert!(found.contains(message), "{answer}");
    }
}

#[tokio::test]
async fn what_came_late_is_listed_counted_and_grouped_by_the_kind_of_its_event() {
    let analyst = Analyst::new().await;
    for (query, root, sql) in [
        (
            "{ correctiveActionAggregate(filter: { daysLate: { gt: 0 } }, groupBy: [EVENT_KIND]) { \
             key { eventKind } count median { daysLate } max { daysMoved } } }",
            "correctiveActionAggregate",
            "select e.kind as key, count(*), percentile_cont(0.5) within group (order by \
             completed_on - due_original_on) as median, max(due_current_on - due_original_on) as \
             max from warehouse.corrective_action left join warehouse.event e using (event_id) \
             where completed_on > due_original_on group by 1",
        ),
        (
            "{ resourceRequestAggregate(groupBy: [KIND]) { key { kind } min { minutesLate } } }",
            "resourceRequestAggregate",
            "select kind as key, min(extract(epoch from filled_at - needed_by) / 60) as min from \
             warehouse.resource_request group by 1",
        ),
        (
            "{ informationReportAggregate(filter: { minutesLate: { lte: 0 } }) { count } }",
            "informationReportAggregate",
            "select count(*) from warehouse.information_report join \
             warehouse.information_request using (information_request_id) where received_at <= \
             due_at",
        ),
    ] {
        analyst.check(query, root, sql).await;
    }
    let late = "{ correctiveActions(filter: { daysLate: { gt: 0 } }) { totalCount } \
                trackerRequests(filter: { daysLate: { gt: 0 } }) { totalCount } }";
    let late = analyst.answer(late);
    for (list, condition) in [
        ("correctiveActions", "warehouse.corrective_action where completed_on > due_original_on"),
        ("trackerRequests", "warehouse.tracker_request where answered_on > due_on"),
    ] {
        let count = analyst.number(&format!("select count(*) from {condition}")).await;
        assert_eq!(late[list]["totalCount"], count, "{list}");
    }
}

#[tokio::test]
async fn a_code_that_its_list_lacks_is_an_error_with_the_nearest_code() {
    let analyst = Analyst::new().await;
    for (query, message) in [
        (
            "{ correctiveActions(filter: { regionCode: { eq: \"99\" } }) { totalCount } }",
            "regionCode: \"99\" must be a known region code; there are 1, 2, 3",
        ),
        (
            "{ events(filter: { hazardCode: { eq: \"fluud\" } }) { nodes { name } } }",
            "hazardCode: \"fluud\" must be a known hazard code; did you mean flood?",
        ),
        (
            "{ events(filter: { not: { hazardCategory: { in: [\"natural\", \"Natural\"] } } }) { \
             totalCount } }",
            "\"Natural\" must be a known hazard category; did you mean natural?",
        ),
        (
            "{ correctiveActions(filter: { region: { code: { ne: \"9\" } } }) { totalCount } }",
            "code: \"9\" must be a known region code",
        ),
        (
            "{ findings(filter: { capabilityKey: { eq: \"PHEP:66\" } }) { totalCount } }",
            "must be a known capability such as PHEP:6; did you mean PHEP:6?",
        ),
        (
            "{ findings(filter: { framework: { notIn: [\"phep\"] } }) { totalCount } }",
            "framework: \"phep\" must be a known framework; did you mean PHEP?",
        ),
        (
            "{ findings(filter: { element: { eq: \"trainings\" } }) { totalCount } }",
            "must be a known capability element; did you mean training?",
        ),
        (
            "{ capabilityRatings(filter: { rating: { eq: \"p\" } }) { totalCount } }",
            "rating: \"p\" must be a value of a known rating scale; did you mean P?",
        ),
        (
            "{ milestones(filter: { kind: { eq: \"notifed\" } }) { totalCount } }",
            "must be a known milestone type; did you mean notified?",
        ),
        (
            "{ organizations(filter: { discipline: { eq: \"hospital\" } }) { totalCount } }",
            "discipline: \"hospital\" must be a known discipline",
        ),
        (
            "{ incidents(filter: { countyFips: { eq: \"25\" } }) { totalCount } }",
            "must be a known county FIPS code",
        ),
        (
            "{ events(filter: { sourceName: { eq: \"hotwashh\" } }) { totalCount } }",
            "must be the source of a loaded file; did you mean hotwash?",
        ),
        (
            "{ regions { correctiveActions(filter: { capabilityKey: { eq: \"6\" } }) { totalCount } \
             } }",
            "must be a known capability",
        ),
        (
            "{ incidentAggregate(filter: { hazardCode: { eq: \"fluud\" } }) { count } }",
            "did you mean flood?",
        ),
        (
            "{ events(filter: { key: { hazardCode: \"fluud\" } }) { totalCount } }",
            "did you mean flood?",
        ),
        (
            "{ eventAggregate { median { minutesBetween(from: \"notifed\", to: \"activated\") } } }",
            "from: \"notifed\" must be a known milestone type; did you mean notified?",
        ),
    ] {
        let answer = analyst.server.post(query);
        let found = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(found.contains(message), "{query}: {answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{query}");
    }
    // Known codes, also without records, and the code of records without one.
    for filter in [
        "hazardCode: { eq: \"tsunami\" }",
        "regionCode: { eq: \"unmapped\" }",
        "regionCode: { in: [] }",
    ] {
        analyst.answer(&format!("{{ events(filter: {{ {filter} }}) {{ totalCount }} }}"));
    }
    // A code that was added after the list was read.
    let added = "insert into warehouse.hazard (hazard_id, code, category, name, sort_order) values \
                 (999, 'sandstorm', 'natural', 'Sandstorm', 999)";
    analyst.client.batch_execute(added).await.unwrap();
    let count = "{ events(filter: { hazardCode: { eq: \"sandstorm\" } }) { totalCount } }";
    assert_eq!(analyst.answer(count)["events"]["totalCount"], 0);
}

#[tokio::test]
async fn days_since_the_end_go_by_the_zone_of_the_event_also_if_its_source_names_none() {
    let analyst = Analyst::new().await;
    let query = "{ milestoneAggregate { sum { daysSinceEnd } } }";
    let expected = analyst.answer(query);
    // Zones as storm reports name them: a mistyped one, and one whose sign Postgres reads otherwise.
    for zone in ["CSC", "EST-5"] {
        let update = format!("update warehouse.event set time_zone = '{zone}'");
        analyst.client.batch_execute(&update).await.unwrap();
        assert_eq!(analyst.answer(query), expected, "{zone}");
    }
}

//! What a BI login sees, on a real Postgres, against the rule in `access.rs`.
#![allow(clippy::unwrap_used, missing_docs)]

use hotwash_schema::access::{Role, Viewer};
use hotwash_schema::bi::{grant, revoke};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tokio_postgres::Client;

const CODES: [&str; 6] = ["1", "2", "3", "4AB", "4C", "5"];

struct Event {
    public: bool,
    statewide: bool,
    regions: Vec<&'static str>,
    action: Action,
}

/// The event's action, with a mark and perhaps a region of its own.
struct Action {
    public: bool,
    region: Option<&'static str>,
}

/// Filter on the region of a code.
const REGION_OF_CODE: &str = "(select region_id from warehouse.region join warehouse.region_scheme \
    s using (region_scheme_id) where s.code = 'HMCC' and region.code = ";

fn login_name() -> String {
    format!("bi_{:016x}", rand::random::<u64>())
}

fn address(url: &str, login: &str, password: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    let (_, server) = rest.rsplit_once('@').unwrap();
    format!("postgres://{login}:{password}@{server}")
}

async fn number(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// Events with one record of each kind beneath them; gives what each is.
async fn fill(client: &Client, random: &mut impl Rng) -> Vec<Event> {
    client
        .batch_execute(
            "insert into meta.batch (tool_version) values ('test'); insert into meta.file \
             (batch_id, name, status) values (1, 'test', 'LOADED');
             insert into warehouse.organization (organization_id, source, source_id, name, \
                normalized_name)
                 values (9, 'test', '9', 'General Hospital', 'general hospital')",
        )
        .await
        .unwrap();
    let mut events = Vec::new();
    for id in 1..=60_i64 {
        let event = Event {
            public: random.random_bool(0.2),
            statewide: random.random_bool(0.1),
            regions: CODES.iter().copied().filter(|_| random.random_bool(0.25)).collect(),
            action: Action {
                public: random.random_bool(0.2),
                region: CODES.choose(random).copied().filter(|_| random.random_bool(0.7)),
            },
        };
        let mark = |public: bool| if public { "PUBLIC" } else { "RESTRICTED" };
        let sensitivity = mark(event.public);
        let region_of_action = event.action.region.or(event.regions.first().copied());
        client
            .batch_execute(&format!(
                "insert into warehouse.event (event_id, kind, name, start_at, local_date, \
                 sensitivity, statewide, source, source_id, batch_id, file_id, source_row, \
                 content_hash)
                     values ({id}, 'EXERCISE', 'Event {id}', '2025-01-02', '2025-01-02', \
                    '{sensitivity}', {}, 'test', '{id}', 1, 1, {id}, '');
                 insert into warehouse.exercise (event_id, exercise_type_id) select {id}, \
                    max(exercise_type_id) from warehouse.exercise_type;
                 insert into warehouse.finding (finding_id, event_id, kind, text, source, \
                    source_id, batch_id, file_id, source_row, content_hash)
                     values ({id}, {id}, 'STRENGTH', 'Radios worked', 'test', '{id}', 1, 1, {id}, \
                    '');
                 insert into warehouse.finding_element select {id}, min(element_id), 1 from \
                    warehouse.element where element_id > 0;
                 insert into warehouse.corrective_action (corrective_action_id, event_id, text, \
                    status, opened_on, source, source_id, batch_id, file_id, source_row, \
                    content_hash,
                     sensitivity, region_from_event, region_id)
                     values ({id}, {id}, 'Buy radios', 'OPEN', '2025-02-01', 'test', '{id}', 1, 1, \
                    {id}, '', '{}', {},
                         coalesce({REGION_OF_CODE} '{}'), -1));
                 insert into warehouse.action_status_history (corrective_action_id, changed_on, \
                    sequence, change, status, batch_id, file_id, source_row)
                     values ({id}, '2025-02-01', 1, 'OPENED', 'OPEN', 1, 1, {id});
                 insert into warehouse.capability_rating (capability_rating_id, event_id, \
                    capability_id, rating_scale_id, rating, source, source_id, batch_id, file_id, \
                    source_row, content_hash)
                     select {id}, {id}, (select max(capability_id) from warehouse.capability), \
                    rating_scale_id, code, 'test', '{id}', 1, 1, {id}, ''
                     from warehouse.rating_value where code = 'P'",
                event.statewide,
                mark(event.action.public),
                event.action.region.is_none(),
                region_of_action.unwrap_or_default(),
            ))
            .await
            .unwrap();
        for code in &event.regions {
            client
                .execute(
                    "insert into warehouse.event_region (event_id, region_id, allocation_weight)
                     select $1, region_id, 1.0 / $3::integer from warehouse.region join \
                        warehouse.region_scheme s using (region_scheme_id)
                     where s.code = 'HMCC' and region.code = $2",
                    &[&id, code, &i32::try_from(event.regions.len()).unwrap()],
                )
                .await
                .unwrap();
        }
        events.push(event);
    }
    events
}

#[tokio::test]
async fn random_logins_see_what_the_rule_in_code_says_and_no_more() {
    let database = TestDatabase::new().await;
    let owner = connect(database.url()).await.unwrap();
    let mut random = rand::rngs::StdRng::seed_from_u64(7);
    let events = fill(&owner, &mut random).await;
    owner.batch_execute("select bi.summarize()").await.unwrap();
    for round in 0..12 {
        let role =
            *[Role::Region, Role::Region, Role::Viewer, Role::Analyst].choose(&mut random).unwrap();
        let regions: Vec<String> = CODES
            .iter()
            .filter(|_| role == Role::Region && round > 0 && random.random_bool(0.3))
            .map(|code| (*code).to_owned())
            .collect();
        let viewer = Viewer { name: login_name(), role, regions };
        let granted = grant(database.pool(), &viewer.name, role, &viewer.regions).await.unwrap();
        let login =
            connect(&address(database.url(), &viewer.name, &granted.password)).await.unwrap();
        let expected: Vec<i64> = (1..)
            .zip(&events)
            .filter(|(_, event)| {
                viewer.sees_record(event.public, event.statewide, event.regions.iter().copied())
            })
            .map(|(id, _)| id)
            .collect();
        let actions: Vec<i64> = (1..)
            .zip(&events)
            .filter(|(_, Event { action, statewide, regions, .. })| {
                viewer.sees_action(
                    action.public,
                    action.region,
                    *statewide,
                    regions.iter().copied(),
                )
            })
            .map(|(id, _)| id)
            .collect();
        for (sql, expected) in [
            ("select event_id from dim_event", &expected),
            ("select event_id from fact_exercise", &expected),
            ("select event_id from fact_finding", &expected),
            ("select event_id from fact_capability_rating", &expected),
            ("select finding_id from warehouse.finding_element", &expected),
            ("select corrective_action_id from fact_corrective_action", &actions),
            ("select corrective_action_id from warehouse.action_status_history", &actions),
        ] {
            let mut seen: Vec<i64> =
                login.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
            seen.sort_unstable();
            assert_eq!(&seen, expected, "{sql} as {viewer:?}");
        }
        for (sums, expected) in [
            (
                "select coalesce(round(sum(rating_count)), 0)::bigint from \
                 fact_capability_rating_monthly",
                &expected,
            ),
            ("select coalesce(sum(opened), 0)::bigint from fact_action_backlog_daily", &actions),
        ] {
            assert_eq!(number(&login, sums).await, expected.len() as i64, "{sums} as {viewer:?}");
        }
        drop(login);
        assert!(revoke(database.pool(), &viewer.name).await.unwrap());
        assert!(!revoke(database.pool(), &viewer.name).await.unwrap());
    }
}

/// Who could see each event before its mark changed, and who may see it today.
#[tokio::test]
async fn random_logins_see_a_superseded_version_only_if_they_could_then_and_can_now() {
    let database = TestDatabase::new().await;
    let owner = connect(database.url()).await.unwrap();
    let mut random = rand::rngs::StdRng::seed_from_u64(11);
    let before = fill(&owner, &mut random).await;
    owner
        .batch_execute("insert into meta.file (batch_id, name, status) values (1, 'b', 'LOADED')")
        .await
        .unwrap();
    // One transaction changes an event with its regions, its finding, its rating and its action.
    let mut after = Vec::new();
    for (id, event) in (1_i64..).zip(&before) {
        let mark = |public: bool| if public { "PUBLIC" } else { "RESTRICTED" };
        let (public, action_public) = (random.random_bool(0.4), random.random_bool(0.4));
        let statewide = random.random_bool(0.2);
        let region = CODES.choose(&mut random).copied().unwrap();
        owner
            .batch_execute(&format!(
                "begin;
                 update warehouse.event set sensitivity = '{}', statewide = {statewide}, file_id = \
                 2 where event_id = {id};
                 delete from warehouse.event_region where event_id = {id};
                 insert into warehouse.event_region select {id}, region_id, 1 from \
                 warehouse.region where region_id = {REGION_OF_CODE} '{region}');
                 update warehouse.finding set file_id = 2 where event_id = {id};
                 update warehouse.capability_rating set file_id = 2 where event_id = {id};
                 update warehouse.corrective_action set file_id = 2, sensitivity = '{}', region_id \
                    = case when region_from_event then {REGION_OF_CODE} '{region}') else region_id \
                    end where \
                 event_id = {id};
                 commit",
                mark(public),
                mark(action_public),
            ))
            .await
            .unwrap();
        let action = Action { public: action_public, region: event.action.region };
        after.push(Event { public, statewide, regions: vec![region], action });
    }
    for _ in 0..8 {
        let role =
            *[Role::Region, Role::Region, Role::Viewer, Role::Analyst].choose(&mut random).unwrap();
        let regions: Vec<String> = CODES
            .iter()
            .filter(|_| role == Role::Region && random.random_bool(0.3))
            .map(|code| (*code).to_owned())
            .collect();
        let viewer = Viewer { name: login_name(), role, regions };
        let granted = grant(database.pool(), &viewer.name, role, &viewer.regions).await.unwrap();
        let login =
            connect(&address(database.url(), &viewer.name, &granted.password)).await.unwrap();
        let sees_event = |event: &Event| {
            viewer.sees_record(event.public, event.statewide, event.regions.iter().copied())
        };
        let sees_action = |event: &Event| {
            let Event { action, statewide, regions, .. } = event;
            let regions = regions.iter().copied();
            viewer.sees_action(action.public, action.region, *statewide, regions)
        };
        let both = |sees: &dyn Fn(&Event) -> bool| -> Vec<i64> {
            let marks = (1..).zip(before.iter().zip(&after));
            marks.filter(|(_, (old, new))| sees(old) && sees(new)).map(|(id, _)| id).collect()
        };
        for (record, expected) in [
            ("event", both(&sees_event)),
            ("finding", both(&sees_event)),
            ("capability_rating", both(&sees_event)),
            ("corrective_action", both(&sees_action)),
        ] {
            let sql = "select record_id from warehouse.record_version where record_type = $1 order \
                by 1";
            let rows = login.query(sql, &[&record]).await.unwrap();
            let seen: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
            assert_eq!(seen, expected, "{record} as {viewer:?}");
        }
        drop(login);
        assert!(revoke(database.pool(), &viewer.name).await.unwrap());
    }
}

#[tokio::test]
async fn a_login_cannot_write_read_keys_or_raise_itself() {
    let database = TestDatabase::new().await;
    let owner = connect(database.url()).await.unwrap();
    fill(&owner, &mut rand::rngs::StdRng::seed_from_u64(1)).await;
    let name = login_name();
    let granted = grant(database.pool(), &name, Role::Viewer, &[]).await.unwrap();
    let login = connect(&address(database.url(), &name, &granted.password)).await.unwrap();
    login
        .batch_execute(
            "set default_transaction_read_only = off; set hotwash.viewer_role = \
            'ADMIN'; set hotwash.viewer_regions = '1,2,3'",
        )
        .await
        .unwrap();
    assert_eq!(number(&login, "select count(*) from warehouse.event").await, 0);
    for refused in [
        "delete from warehouse.event",
        "insert into access.bi_login (login, role) values ('x', 'ADMIN')",
        "update access.bi_login set role = 'ADMIN'",
        "select * from access.api_key",
        "select * from meta.reject",
        "create table bi.mine (id integer)",
        "set role hotwash",
    ] {
        assert!(login.batch_execute(refused).await.is_err(), "{refused}");
    }
    let timeout: String = login.query_one("show statement_timeout", &[]).await.unwrap().get(0);
    assert_eq!(timeout, "1min");
    drop(login);
    revoke(database.pool(), &name).await.unwrap();
}

#[tokio::test]
async fn a_region_login_without_a_region_sees_nothing_and_the_role_says_why() {
    let database = TestDatabase::new().await;
    let owner = connect(database.url()).await.unwrap();
    fill(&owner, &mut rand::rngs::StdRng::seed_from_u64(2)).await;
    let name = login_name();
    let granted = grant(database.pool(), &name, Role::Region, &[]).await.unwrap();
    assert!(granted.warning.unwrap().contains("no region"));
    let login = connect(&address(database.url(), &name, &granted.password)).await.unwrap();
    assert_eq!(number(&login, "select count(*) from dim_event").await, 0);
    let told: String = login
        .query_one(
            "select shobj_description(oid, 'pg_authid') from pg_roles where rolname = session_user",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert!(told.contains("no region"), "{told}");
    drop(login);
    revoke(database.pool(), &name).await.unwrap();
    for (login, region, part) in
        [("Robert'); drop", "1", "cannot name a login"), ("fine", "9", "there is no region")]
    {
        let error = grant(database.pool(), login, Role::Region, &[region.into()])
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn published_rows_are_live_for_their_own_region_and_released_for_the_others() {
    let database = TestDatabase::new().await;
    let owner = connect(database.url()).await.unwrap();
    // Of each region and of the state a live and a released row, a released one of a partial table,
    // and one that is open to all.
    owner
        .batch_execute(
            "insert into bi.metric_value (metric_id, grain, period, region_id, dimensions, value, \
             unit, n, reliability, as_of, warehouse_version, scope, partial)
             select 'm', 'ALL', '', region_id, '{}', 1, 'COUNT', 20, 'OK', '2025-01-01', 1, scope, \
                partial
             from (select region_id from warehouse.region join warehouse.region_scheme s using \
                (region_scheme_id)
                   where s.code = 'HMCC' and region.code in ('1', '2', '3') union all select null) \
                r,
                  (values ('LIVE', false), ('RELEASED', false), ('RELEASED', true), ('OPEN', \
                false)) as k (scope, partial)",
        )
        .await
        .unwrap();
    // Rows that are live, released, released of a partial table, and open: three regions and the
    // state have one of each.
    for (role, regions, shown) in [
        (Role::Region, vec!["1"], [1, 3, 3, 4]),
        (Role::Region, vec!["1", "3"], [2, 2, 0, 4]),
        (Role::Viewer, vec![], [0, 4, 4, 4]),
        (Role::Analyst, vec![], [4, 0, 0, 4]),
    ] {
        let name = login_name();
        let codes: Vec<String> = regions.iter().map(ToString::to_string).collect();
        let granted = grant(database.pool(), &name, role, &codes).await.unwrap();
        let login = connect(&address(database.url(), &name, &granted.password)).await.unwrap();
        let kinds =
            ["scope = 'LIVE'", "scope = 'RELEASED' and not partial", "partial", "scope = 'OPEN'"];
        for (kind, count) in kinds.into_iter().zip(shown) {
            let found =
                number(&login, &format!("select count(*) from metric_value where {kind}")).await;
            assert_eq!(found, count, "{role:?} {regions:?} {kind}");
        }
        drop(login);
        revoke(database.pool(), &name).await.unwrap();
    }
}

#[tokio::test]
async fn the_star_schema_keeps_its_columns() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    let rows = client
        .query(
            "select table_name || '.' || column_name || ' ' || data_type from \
             information_schema.columns
             where table_schema = 'bi' order by table_name, ordinal_position",
            &[],
        )
        .await
        .unwrap();
    let columns: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let present = columns.join("\n") + "\n";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/star_schema.txt");
    if std::env::var_os("HOTWASH_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(file, &present).unwrap();
    }
    let promised = std::fs::read_to_string(file).unwrap();
    for column in promised.lines() {
        assert!(
            columns.iter().any(|known| known == column),
            "{column} is promised to BI tools and gone"
        );
    }
    assert_eq!(
        present, promised,
        "columns were added: run with HOTWASH_UPDATE_SNAPSHOTS=1 and commit the file"
    );
    assert!(client.batch_execute("select bi.show_metric('x; drop', '', '[]')").await.is_err());
    let made = "select bi.show_metric('incident_burden', 'How heavy?',                 \
        '[{\"name\": \"deaths\", \"from\": \"extra\", \"key\": \"deaths\", \"type\": \"bigint\", \"meaning\": \"Deaths.\"}]')";
    let made = async || -> bool { client.query_one(made, &[]).await.unwrap().get(0) };
    assert_eq!(
        (made().await, made().await),
        (true, false),
        "a view that is right is not made again"
    );
    assert_eq!(number(&client, "select count(*) from bi.metric_incident_burden").await, 0);
    let silent = "select c.relname || '.' || a.attname from pg_class c join pg_attribute a on \
        a.attrelid = c.oid \
                  where c.relnamespace = 'bi'::regnamespace and c.relkind in ('r', 'v') and \
                  a.attnum > 0 and not a.attisdropped \
                  and coalesce(col_description(c.oid, a.attnum), '') = ''";
    let silent: Vec<String> =
        client.query(silent, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(silent, Vec::<String>::new(), "every column says what it is");
    let unsafe_views = "select count(*) from pg_class where relnamespace = 'bi'::regnamespace and \
        relkind = 'v' \
                        and not coalesce('security_invoker=true' = any (reloptions), false)";
    assert_eq!(number(&client, unsafe_views).await, 0, "every view reads with the reader's rights");
}

#[tokio::test]
async fn the_backlog_of_each_day_is_the_day_befores_plus_opened_less_closed() {
    let database = TestDatabase::new().await;
    let client = connect(database.url()).await.unwrap();
    fill(&client, &mut rand::rngs::StdRng::seed_from_u64(3)).await;
    client
        .batch_execute(
            "update warehouse.corrective_action set status = 'COMPLETED', completed_on = \
             '2025-03-01' where corrective_action_id <= 20;
             update warehouse.corrective_action set status = 'CANCELLED', cancelled_on = \
                '2025-03-05' where corrective_action_id between 21 and 25;
             update warehouse.corrective_action set status = 'OPEN', completed_on = null where \
                corrective_action_id = 1;
             insert into warehouse.action_status_history (corrective_action_id, changed_on, \
                sequence, change, status, batch_id, file_id, source_row)
                 select id, '2025-03-01'::date, 1, 'COMPLETED', 'COMPLETED', 1, 1, 1 from \
                generate_series(1, 20) id
                 union all select id, '2025-03-05', 1, 'CANCELLED', 'CANCELLED', 1, 1, 1 from \
                generate_series(21, 25) id
                 union all select 1, '2025-03-10', 1, 'REOPENED', 'OPEN', 1, 1, 1
                 union all select 2, '2025-03-11', 1, 'VALIDATED', 'VALIDATED', 1, 1, 1",
        )
        .await
        .unwrap();
    client.batch_execute("select bi.summarize()").await.unwrap();
    for (day, open) in
        [(20_250_201, 60), (20_250_301, 40), (20_250_305, 35), (20_250_310, 36), (20_250_312, 36)]
    {
        let sql = format!(
            "select sum(open_at_end)::bigint from bi.fact_action_backlog_daily where date_key = \
             {day}"
        );
        assert_eq!(number(&client, &sql).await, open, "{day}");
    }
    assert_eq!(number(&client, "select sum(open_count) from bi.fact_corrective_action").await, 36);
}

#[tokio::test]
async fn the_catalog_joins_every_key_to_its_dimension() {
    let database = TestDatabase::new().await;
    let relations = hotwash_schema::catalog::read(database.url()).await.unwrap();
    for relation in &relations {
        assert!(!relation.comment.is_empty(), "{}", relation.name);
        for (column, dimension, key) in relation.joins() {
            let target = relations.iter().find(|other| other.name == dimension).unwrap();
            assert!(
                target.columns.iter().any(|other| other.name == key),
                "{}.{}",
                relation.name,
                column.name
            );
        }
    }
    let dbt = hotwash_schema::catalog::dbt(&relations);
    assert!(dbt.contains("to: source('hotwash', 'dim_region')"));
    let cube = hotwash_schema::catalog::cube(&relations);
    assert!(cube.contains("sql: \"{CUBE}.capability_id = {dim_capability}.capability_id\""));
    assert!(
        cube.contains("extends: dim_date"),
        "each of several dates of a fact joins a date of its own"
    );
    for relation in &relations {
        assert!(!relation.key().is_empty(), "{} has no key", relation.name);
    }
    assert!(hotwash_schema::catalog::markdown(&relations).contains("## fact_action_backlog_daily"));
    let csv = String::from_utf8(hotwash_schema::catalog::csv(&relations).unwrap()).unwrap();
    assert!(csv.contains("fact_finding,hazard_id,integer,"));
}

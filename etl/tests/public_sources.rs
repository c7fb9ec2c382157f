//! Loads the public files into a real Postgres, and compares counts made independently (Python's
//! csv module and Polars).
#![allow(clippy::unwrap_used, missing_docs)]

use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use hotwash_etl::samples;
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;

async fn load(database: &TestDatabase, inputs: Vec<Input>) -> Vec<FileReport> {
    let inputs = inputs.into_iter().map(|input| (input.name().to_owned(), Ok(input))).collect();
    let reports = load_inputs(database.url(), inputs, &Options::default(), &Quiet).await.unwrap();
    for report in &reports {
        assert!(report.is_accounted(), "{report:?}");
    }
    reports
}

async fn number(database: &TestDatabase, sql: &str) -> i64 {
    connect(database.url()).await.unwrap().query_one(sql, &[]).await.unwrap().get(0)
}

/// Returns a digest of all data except surrogate keys and lineage.
async fn picture(database: &TestDatabase) -> String {
    let sql = "select md5(string_agg(line, '|' order by line)) from (select concat_ws('~', \
        e.source, e.source_id, e.name, e.start_at, e.end_at, e.local_date, \
        e.narrative, e.content_hash::text, i.deaths_direct, i.damage_property_usd, \
        (select string_agg(county_id::text, ',' order by county_id) from warehouse.event_county c \
        where c.event_id = e.event_id), \
        (select string_agg(region_id::text || round(allocation_weight::numeric, 9), ',' order by \
        region_id) from warehouse.event_region r where r.event_id = e.event_id), \
        (select string_agg(hazard_id::text, ',' order by hazard_id) from warehouse.event_hazard h \
        where h.event_id = e.event_id)) as line \
        from warehouse.event e left join warehouse.incident i using (event_id)) as lines";
    connect(database.url()).await.unwrap().query_one(sql, &[]).await.unwrap().get(0)
}

fn sample(name: &str) -> Input {
    samples::public().into_iter().find(|input| input.name().contains(name)).unwrap()
}

#[tokio::test]
async fn every_row_of_every_bundled_file_is_accounted_for() {
    let database = TestDatabase::new().await;
    let reports = load(&database, samples::public()).await;
    let counts: Vec<_> = reports
        .iter()
        .map(|report| (report.source.as_deref().unwrap(), report.read, report.error.as_deref()))
        .collect();
    assert_eq!(
        counts,
        [
            ("openfema_declarations", 687, None),
            ("noaa_storm_events", 15_627, None),
            ("noaa_storm_events", 83, None),
            ("ics209", 36_148, None),
        ]
    );
    // Python's csv module: 12 storms of 1994 end before they begin; no other row of the text files
    // breaks a rule.
    assert_eq!(
        reports.iter().map(|report| report.rejected).take(3).collect::<Vec<_>>(),
        [0, 12, 0]
    );
    assert_eq!((reports[0].inserted, reports[1].inserted, reports[2].inserted), (687, 15_615, 83));
    let events =
        |source: &str| format!("select count(*) from warehouse.event where source = '{source}'");
    assert_eq!(number(&database, &events("openfema_declarations")).await, 94);
    assert_eq!(
        number(
            &database,
            "select count(*) from warehouse.event_county join warehouse.event \
        using (event_id) where source = 'openfema_declarations'"
        )
        .await,
        686
    );
    assert_eq!(number(&database, "select count(*) from warehouse.event where statewide").await, 1);
    // 158 summaries repeat the id of another one; each names the row that is stored.
    assert_eq!(number(&database, &events("ics209")).await, 36_148 - reports[3].rejected as i64);
    assert_eq!(
        number(&database, "select count(*) from meta.reject where reason like 'duplicate of row%'")
            .await,
        158
    );
    assert!(
        reports
            .iter()
            .all(|report| report.unchanged == 0 && report.lost_columns().next().is_none()),
        "{reports:?}"
    );
    assert_eq!(
        number(&database, "select count(*) from warehouse.event_hazard where is_primary").await,
        number(&database, "select count(*) from warehouse.event").await
    );
}

#[tokio::test]
async fn the_same_files_again_change_nothing_and_any_order_gives_the_same_warehouse() {
    let (forward, backward) = (TestDatabase::new().await, TestDatabase::new().await);
    load(&forward, samples::public()).await;
    let before = picture(&forward).await;
    for report in load(&forward, samples::public()).await {
        assert_eq!((report.inserted, report.updated), (0, 0), "{report:?}");
    }
    assert_eq!(picture(&forward).await, before);
    load(&backward, samples::public().into_iter().rev().collect()).await;
    assert_eq!(picture(&backward).await, before);
}

#[tokio::test]
async fn pages_of_a_declaration_give_one_event_with_all_its_counties() {
    let whole = TestDatabase::new().await;
    load(&whole, vec![sample("disaster")]).await;
    let text = String::from_utf8(sample("disaster").whole(1 << 30).unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let page = |rows: &[&str], name: &str| {
        Input::memory(name, format!("{}\n{}\n", lines[0], rows.join("\n")).into_bytes())
    };
    let paged = TestDatabase::new().await;
    load(&paged, vec![page(&lines[300..], "2.csv"), page(&lines[1..300], "1.csv")]).await;
    assert_eq!(picture(&paged).await, picture(&whole).await);
}

#[tokio::test]
async fn the_same_storm_from_bulk_file_and_web_export_is_one_event_whatever_comes_first() {
    let bulk = "BEGIN_YEARMONTH,BEGIN_DAY,BEGIN_TIME,END_YEARMONTH,END_DAY,END_TIME,EPISODE_ID,EVENT_ID,STATE,STATE_FIPS,EVENT_TYPE,CZ_TYPE,CZ_FIPS,CZ_NAME,WFO,CZ_TIMEZONE,INJURIES_DIRECT,INJURIES_INDIRECT,DEATHS_DIRECT,DEATHS_INDIRECT,DAMAGE_PROPERTY,DAMAGE_CROPS,SOURCE,MAGNITUDE,MAGNITUDE_TYPE,BEGIN_LAT,BEGIN_LON,EPISODE_NARRATIVE,EVENT_NARRATIVE\n\
        199609,18,300,199609,18,1200,2053917,5578777,MASSACHUSETTS,25,Flood,C,25,SUFFOLK,BOX,EST-5,0,0,0,0,0.00K,0.00K,,,,,,,Streets flooded\n";
    let (first, second) = (TestDatabase::new().await, TestDatabase::new().await);
    load(&first, vec![Input::memory("bulk.csv", bulk.as_bytes()), sample("suffolk")]).await;
    load(&second, vec![sample("suffolk"), Input::memory("bulk.csv", bulk.as_bytes())]).await;
    for database in [&first, &second] {
        assert_eq!(number(database, "select count(*) from warehouse.event").await, 83);
        assert_eq!(
            number(
                database,
                "select count(*) from warehouse.event where source_id = '5578777' and narrative = \
                 'Streets flooded'"
            )
            .await,
            1
        );
        // Boston (region 4C) shares Suffolk County with three neighbors of region 4AB.
        assert_eq!(
            number(
                database,
                "select count(*) from warehouse.event_region r join \
            warehouse.event e using (event_id) where e.source_id = '5578777'"
            )
            .await,
            2
        );
    }
    assert_eq!(picture(&first).await, picture(&second).await);
}

#[tokio::test]
async fn a_bad_row_is_refused_with_row_column_value_and_reason_and_the_others_load() {
    let database = TestDatabase::new().await;
    let text = String::from_utf8(sample("suffolk").whole(1 << 30).unwrap()).unwrap();
    let broken = text.replacen("09/18/1996,300", "13/45/1996,300", 1).replacen(
        "03/05/2001,800,Flood, , ,0,0",
        "03/05/2001,800,Flood, , ,-3,0",
        1,
    );
    let reports = load(&database, vec![Input::memory("broken.csv", broken.into_bytes())]).await;
    assert_eq!((reports[0].read, reports[0].inserted, reports[0].rejected), (83, 81, 2));
    let client = connect(database.url()).await.unwrap();
    let rows = client
        .query(
            "select row_number, column_name, value, reason from meta.reject order by row_number",
            &[],
        )
        .await
        .unwrap();
    let first: (i64, String, String, String) =
        (rows[0].get(0), rows[0].get(1), rows[0].get(2), rows[0].get(3));
    assert_eq!((first.0, first.1.as_str(), first.2.as_str()), (2, "BEGIN_DATE", "13/45/1996"));
    assert!(first.3.starts_with("must be a date, such as"), "{}", first.3);
    assert_eq!(
        (rows[1].get::<_, String>(1), rows[1].get::<_, String>(2)),
        ("DEATHS_DIRECT".to_owned(), "-3".to_owned())
    );
}

#[tokio::test]
async fn municipalities_replace_the_reference_rows() {
    let database = TestDatabase::new().await;
    let shipped = include_str!("../../schema/profiles/massachusetts/municipalities.csv");
    let reports = load(&database, vec![Input::memory("m.csv", shipped.as_bytes())]).await;
    assert_eq!(
        (reports[0].read, reports[0].unchanged, reports[0].error.as_deref()),
        (351, 351, None)
    );
    let mine = shipped.replace(",Suffolk,25025,city,42.32", ",Suffolk,25025,city,42.33").replacen(
        "4AB,approximate",
        "3,confirmed",
        1,
    );
    let reports = load(&database, vec![Input::memory("m.csv", mine.into_bytes())]).await;
    assert!(reports[0].updated >= 1 && reports[0].inserted == 0, "{:?}", reports[0]);
    assert!(
        reports[0].details.iter().any(|warning| warning.message.contains("of 74 published")),
        "{:?}",
        reports[0].details
    );
}

#[tokio::test]
async fn contact_details_planted_in_every_column_are_found_nowhere() {
    let database = TestDatabase::new().await;
    for (name, rows) in [("disaster", 40), ("suffolk", 40), ("1994", 60)] {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut sample(name).text().unwrap(), &mut text).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headings = reader.headers().unwrap().clone();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&headings).unwrap();
        for (index, row) in reader.records().take(rows + headings.len()).enumerate() {
            let row = row.unwrap();
            // Each row has them in a different column; the last rows have them in every free-text
            // column.
            let planted = row.iter().enumerate().map(|(column, value)| {
                if column == index || (index >= headings.len() && value.contains(' ')) {
                    format!("{value} planted.person@example.org or 617-555-0143")
                } else {
                    value.to_owned()
                }
            });
            writer.write_record(planted).unwrap();
        }
        let reports =
            load(&database, vec![Input::memory("planted.csv", writer.into_inner().unwrap())]).await;
        assert!(reports[0].inserted > 0 && reports[0].redacted > 0, "{:?}", reports[0]);
    }
    let client = connect(database.url()).await.unwrap();
    let tables = client
        .query(
            "select table_schema || '.' || table_name from information_schema.tables where \
            table_schema in ('warehouse', 'meta') and table_type = 'BASE TABLE'",
            &[],
        )
        .await
        .unwrap();
    for table in tables {
        let table: String = table.get(0);
        let sql =
            format!("select count(*) from {table} t where t::text ~ 'planted.person|555-0143'");
        assert_eq!(number(&database, &sql).await, 0, "{table}");
    }
}

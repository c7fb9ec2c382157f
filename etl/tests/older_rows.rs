//! Tests rows of actions whose corrected edition describes an earlier day.
#![allow(clippy::unwrap_used, missing_docs)]

mod loading;

use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use loading::load;

const HEAD: &str = "action_id,region,text,status,opened_on,due_on,completed_on,reported_on";
const DONE: &str = "A1,1,Buy radios,COMPLETED,2025-01-10,2025-06-30,2025-03-01,";
const OPEN: &str = "A1,1,Buy radios,OPEN,2025-01-10,2025-06-30,,";

/// Loads a row, and returns its warnings and the action's status and day of completion.
async fn loaded(database: &TestDatabase, row: &str) -> (Vec<String>, String) {
    let report = load(database, &[("actions.csv", &format!("{HEAD}\n{row}\n"))]).await.remove(0);
    let client = connect(database.url()).await.unwrap();
    let state = "select status || ' ' || coalesce(completed_on::text, '-') from \
                 warehouse.corrective_action where source_id = 'A1'";
    let state = client.query_one(state, &[]).await.unwrap().get(0);
    let warning = |warning: &hotwash_etl::load::Warning| {
        format!(
            "{} {} {} in row {}: {}",
            warning.code.as_str(),
            warning.column.as_deref().unwrap_or_default(),
            warning.value.as_deref().unwrap_or_default(),
            warning.first_row,
            warning.message
        )
    };
    (report.details.iter().map(warning).collect(), state)
}

#[tokio::test]
async fn a_correction_that_takes_back_a_date_says_how_it_counts() {
    let database = TestDatabase::new().await;
    assert_eq!(loaded(&database, OPEN).await, (vec![], "OPEN -".to_owned()));
    assert_eq!(loaded(&database, DONE).await, (vec![], "COMPLETED 2025-03-01".to_owned()));
    let (warnings, state) = loaded(&database, OPEN).await;
    assert_eq!(
        warnings,
        ["OLDER_ROW status OPEN in row 2: the latest date of the row is 2025-01-10; the row that \
          was loaded earlier is of 2025-03-01, states COMPLETED, and counts. To correct that row, \
          write 2025-03-01 under reported_on"]
    );
    assert_eq!(state, "COMPLETED 2025-03-01");
    let corrected = format!("{OPEN}2025-03-01");
    assert_eq!(loaded(&database, &corrected).await, (vec![], "OPEN -".to_owned()));
}

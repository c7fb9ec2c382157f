//! Tests that a row whose days or times are in the wrong order is rejected, and not its file.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use office::Warehouse;

/// Table, file with a row in order and one that is not, and the cell for which it is rejected.
const ROWS: [(&str, &str, &str); 6] = [
    (
        "event",
        "event_id,kind,name,start_at,end_at\n\
         E1,EXERCISE,Ice storm drill,2025-06-01 09:00,2025-06-01 09:00\n\
         E2,EXERCISE,Flood drill,2025-06-01 09:00,2025-05-31 17:00\n",
        "end_at | 2025-05-31 17:00 | must not be before start_at, 2025-06-01 09:00; correct one of \
         the two",
    ),
    (
        "corrective_action",
        "action_id,text,status,opened_on,completed_on\n\
         A1,Revise the plan,COMPLETED,2025-06-01,2025-06-01\n\
         A2,Buy radios,COMPLETED,2025-06-01,2025-05-31\n",
        "completed_on | 2025-05-31 | must not be before opened_on, 2025-06-01; correct one of the \
         two",
    ),
    (
        "resource_request",
        "resource_request_id,resource,quantity_requested,requested_at,filled_at\n\
         R1,Ambulance,1,2025-03-14 09:40,2025-03-14 09:40\n\
         R2,Cot,1,2025-03-14 09:40,2025-03-13 10:50\n",
        "filled_at | 2025-03-13 10:50 | must not be before requested_at, 2025-03-14 09:40; correct \
         one of the two",
    ),
    (
        "note",
        "day,end,text\n\
         2025-06-01,2025-06-01,New rota\n\
         2025-06-01,5/31/2025,New form\n",
        "end | 5/31/2025 | must not be before day, 2025-06-01; correct one of the two",
    ),
    (
        "tracker_request",
        "request_id,tracker,action_source,action_id,asked_on,due_on,answered_on\n\
         T1,BCDFGHJK,hotwash,A1,2025-06-01,2025-06-01,2025-06-01\n\
         T2,BCDFGHJK,hotwash,A2,2025-06-01,2025-05-15,\n",
        "due_on | 2025-05-15 | must not be before asked_on, 2025-06-01; correct one of the two",
    ),
    (
        "tracker_request",
        "request_id,tracker,action_source,action_id,asked_on,due_on,answered_on\n\
         T1,BCDFGHJK,hotwash,A1,2025-06-01,2025-06-01,2025-06-01\n\
         T2,BCDFGHJK,hotwash,A2,2025-06-01,2025-06-15,2025-05-20\n",
        "answered_on | 2025-05-20 | must not be before asked_on, 2025-06-01; correct one of the two",
    ),
];

#[tokio::test]
async fn a_row_whose_days_are_in_the_wrong_order_is_rejected_and_the_others_are_read() {
    let warehouse = Warehouse::new().await;
    let rejected = "select concat_ws(' | ', column_name, value, reason) from meta.reject order by \
        reject_id desc limit 1";
    for (table, rows, reason) in ROWS {
        let report = warehouse.loaded(&format!("{table}.csv"), rows.into()).await;
        assert_eq!((report.read, report.rejected), (2, 1), "{table}: {report:?}");
        assert_eq!(warehouse.ask(rejected).await, [reason], "{table}");
    }
}

#[tokio::test]
async fn every_table_that_compares_two_days_has_a_row_above() {
    let warehouse = Warehouse::new().await;
    // Hotwash itself writes the versions of records.
    let compared = "select distinct relname::text from pg_constraint c join pg_class r on r.oid = \
        c.conrelid where contype = 'c' and relnamespace = 'warehouse'::regnamespace and relname <> \
        'record_version' and 1 < (select count(*) from pg_attribute a where a.attrelid = \
        c.conrelid and a.attnum = any(c.conkey) and a.atttypid in ('date'::regtype, \
        'timestamptz'::regtype)) order by 1";
    let mut tables = ROWS.map(|(table, ..)| table).to_vec();
    tables.sort_unstable();
    tables.dedup();
    assert_eq!(warehouse.ask(compared).await, tables);
}

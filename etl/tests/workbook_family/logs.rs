//! Tests logs of duty officers.

use super::office::{Warehouse, xlsx};

#[tokio::test]
async fn logs_are_read_with_times_in_every_style_and_entry_by_entry() {
    let times: &[&[&str]] = &[
        &["Duty Officer Log, Region 3"],
        &[
            "Date",
            "Incident",
            "Type",
            "Town",
            "Time Notified",
            "Ack Time",
            "MCC Activated",
            "Initial Sitrep",
            "Demob",
            "# of Patients",
        ],
        &[
            "3/14/2025",
            "Mill fire",
            "Fire",
            "Lawrence",
            "0915",
            "9:20 AM",
            "0945",
            "10:30",
            "1600",
            "4",
        ],
        &["3/15/2025", "Ice storm", "Ice storm", "Haverhill", "2330", "2340", "0015", "", "", ""],
        &["3/16/2025", "Night call", "Flood", "Lawrence", "0915", "0900", "", "", "", ""],
    ];
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("log.xlsx", xlsx(&[("Log", times)])).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted, report.rejected),
        (Some("duty_officer_log"), 3, 2, 1),
        "{report:?}"
    );
    let stamps = "select concat_ws(' ', e.name, t.code, to_char(m.occurred_at at time zone \
        'America/New_York', 'MM-DD HH24:MI')) from warehouse.milestone m \
        join warehouse.event e using (event_id) join warehouse.milestone_type t using \
        (milestone_type_id) order by e.name, m.occurred_at";
    assert_eq!(
        warehouse.ask(stamps).await,
        [
            "Ice storm notified 03-14 23:30".replace("03-14", "03-15"),
            "Ice storm acknowledged 03-15 23:40".into(),
            "Ice storm activated 03-16 00:15".into(),
            "Mill fire notified 03-14 09:15".into(),
            "Mill fire acknowledged 03-14 09:20".into(),
            "Mill fire activated 03-14 09:45".into(),
            "Mill fire first_sitrep 03-14 10:30".into(),
            "Mill fire demobilized 03-14 16:00".into(),
        ]
    );
    let board = "Incident Name,Date/Time,Position,Entered By,Significant Event\n\
        Mill fire,03/14/2025 09:15:00,Duty Officer,Jane Doe,Duty officer notified by CMED\n\
        Mill fire,03/14/2025 09:40:00,Duty Officer,Jane Doe,Coalition plan activated\n\
        Mill fire,03/14/2025 09:50:00,Liaison,Jane Doe,Talked with the hospital\n\
        Mill fire,03/14/2025 16:00:00,Duty Officer,Jane Doe,Stood down\n\
        Mill fire,soon,Duty Officer,Jane Doe,Hotwash\n";
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("webeoc.csv", board.as_bytes().to_vec()).await;
    assert_eq!(
        (report.source.as_deref(), report.read, report.inserted, report.rejected),
        (Some("duty_officer_log"), 5, 4, 1),
        "{report:?}"
    );
    assert_eq!(
        warehouse.ask(stamps).await,
        [
            "Mill fire notified 03-14 09:15",
            "Mill fire activated 03-14 09:40",
            "Mill fire demobilized 03-14 16:00"
        ]
    );
    assert!(
        warehouse
            .ask("select row_content::text from meta.reject where row_content::text ilike '%jane%'")
            .await
            .is_empty()
    );
    let milestones = "Incident,Region,Milestone,Date,Time,Notes\n\
        Mill fire,3,Notification received,3/14/2025,0915,\n\
        Mill fire,3,Activated,3/14/2025,9:40 AM,\n\
        Mill fire,3,SitRep #1 issued,3/14/2025,25:00,\n";
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("milestones.csv", milestones.as_bytes().to_vec()).await;
    assert_eq!((report.read, report.inserted, report.rejected), (3, 2, 1), "{report:?}");
    assert_eq!(
        warehouse.ask(stamps).await,
        ["Mill fire notified 03-14 09:15", "Mill fire activated 03-14 09:40"]
    );
}

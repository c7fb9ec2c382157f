//! Tests which rejects the next edition of a file closes, by what identifies its rows.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use office::{Warehouse, codes, docx, heading, p, table, xlsx};

/// Returns the rows of open rejects of files with this name, each with the number of its load.
async fn open(warehouse: &Warehouse, name: &str) -> Vec<String> {
    let rows = warehouse
        .ask(
            "select f.name || ' ' || f.batch_id || ':' || row_number from meta.reject join \
             meta.file f using (file_id) where corrected_at is null order by reject_id",
        )
        .await;
    let own = |row: &String| Some(row.strip_prefix(name)?.trim().to_owned());
    rows.iter().filter_map(own).collect()
}

const WRONG: [&str; 3] = ["2025-13-01", "2025-13-02", "2025-13-03"];
const RIGHT: [&str; 3] = ["2025-01-01", "2025-01-02", "2025-01-03"];

fn events(region: &str, dates: [&str; 3]) -> Vec<u8> {
    let rows = ["1", "2", "3"].iter().zip(dates);
    let rows = rows.map(|(row, date)| format!("{region}-{row},incident,Fire,{date}\n"));
    format!("event_id,kind,name,start_at\n{}", rows.collect::<String>()).into_bytes()
}

#[tokio::test]
async fn the_next_edition_of_a_file_without_a_good_row_closes_its_rejects() {
    let warehouse = Warehouse::new().await;
    let report = warehouse.loaded("events.csv", events("N", WRONG)).await;
    assert_eq!((report.inserted, report.rejected), (0, 3), "{report:?}");
    // A file of the same name from elsewhere closes none of them.
    assert_eq!(warehouse.loaded("events.csv", events("S", RIGHT)).await.rejected, 0);
    assert_eq!(open(&warehouse, "events.csv").await, ["1:2", "1:3", "1:4"]);
    // A row that is rejected again is listed once, for the newer edition.
    let half = [RIGHT[0], RIGHT[1], WRONG[2]];
    assert_eq!(warehouse.loaded("events.csv", events("N", half)).await.rejected, 1);
    assert_eq!(open(&warehouse, "events.csv").await, ["3:4"]);
    // A row with an id is found wherever it is.
    let text = String::from_utf8(events("N", RIGHT)).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.swap(1, 3);
    let report = warehouse.loaded("events.csv", lines.join("\n").into_bytes()).await;
    assert_eq!((report.inserted, report.unchanged), (1, 2), "{report:?}");
    assert_eq!(open(&warehouse, "events.csv").await, [""; 0]);
}

#[tokio::test]
async fn a_number_that_is_another_rows_id_closes_no_reject() {
    let warehouse = Warehouse::new().await;
    let events =
        |rows: &str| format!("event_id,kind,name,start_at,deaths_direct\n{rows}").into_bytes();
    let wrong = "1,incident,Fire,2025-13-01,2\n2,incident,Flood,2025-13-02,0\n";
    assert_eq!(warehouse.loaded("events.csv", events(wrong)).await.rejected, 2);
    let second = "2,incident,Flood,2025-01-02,0\n";
    assert_eq!(warehouse.loaded("events.csv", events(second)).await.inserted, 1);
    assert_eq!(open(&warehouse, "events.csv").await, ["1:2"]);
}

#[tokio::test]
async fn a_row_without_an_id_is_found_by_its_other_cells() {
    let warehouse = Warehouse::new().await;
    let calendar = |planned: [&str; 2], name: &str| {
        let rows: &[&[&str]] = &[
            &["Exercise", "Type", "Planned Quarter", "Status", "Lead Organization"],
            &[name, "Call-down", planned[0], "Complete", "Region 3 HMCC"],
            &["Burn annex", "TTX", planned[1], "Held", "Region 3 HMCC"],
        ];
        xlsx(&[("FY", rows)])
    };
    let wrong = ["soon", "whenever"];
    let report = warehouse.loaded("calendar.xlsx", calendar(wrong, "Surge call")).await;
    assert_eq!((report.inserted, report.rejected), (0, 2), "{report:?}");
    // The first row has another name and day, so it is another exercise.
    let report = warehouse.loaded("calendar.xlsx", calendar(["Q1 2024", "Q2 2024"], "Drill")).await;
    assert_eq!(report.rejected, 0, "{report:?}");
    assert_eq!(open(&warehouse, "calendar.xlsx").await, ["1:2"]);
    warehouse.loaded("calendar.xlsx", calendar(["Q1 2024", "Q2 2024"], "Surge call")).await;
    assert_eq!(open(&warehouse, "calendar.xlsx").await, [""; 0]);
}

#[tokio::test]
async fn a_corrected_report_closes_the_rejects_of_all_its_records() {
    let warehouse = Warehouse::new().await;
    let report = |name: &str, dates: &str, actions: &[&str]| {
        let rows = actions.iter().map(|action| {
            ["Medical Surge", "Triage was late", *action, "Region 3 HMCC", "6/3/2026"]
        });
        let rows: Vec<[&str; 5]> = rows.collect();
        let head = [
            "Core Capability",
            "Issue/Area for Improvement",
            "Corrective Action",
            "Primary Responsible Organization",
            "Completion Date",
        ];
        let mut plan: Vec<&[&str]> = vec![&head];
        plan.extend(rows.iter().map(|row| row.as_slice()));
        docx(&[
            heading(1, "Exercise Overview"),
            table(&[
                &["Exercise Name", name],
                &["Exercise Dates", dates],
                &["Threat or Hazard", "Ice storm"],
                &["Sponsor", "Region 3 HMCC"],
            ]),
            heading(1, "Appendix A: Improvement Plan"),
            p("Actions of the exercise."),
            table(&plan),
        ])
    };
    let actions = ["Train triage", "Buy tags"];
    let rejected = warehouse.load("AAR.docx", report("Winter TTX", "to be set", &actions)).await;
    assert!(rejected.inserted == 0 && rejected.rejected > 2, "{rejected:?}");
    // A shorter report of the same name is another one.
    let other = warehouse.loaded("AAR.docx", report("Spring TTX", "May 3, 2025", &[])).await;
    assert_eq!(other.rejected, 0, "{other:?}");
    assert_eq!(open(&warehouse, "AAR.docx").await.len() as u64, rejected.rejected);
    let corrected =
        warehouse.loaded("AAR.docx", report("Winter TTX", "June 3, 2025", &actions)).await;
    assert_eq!(corrected.rejected, 0, "{corrected:?}");
    assert_eq!(open(&warehouse, "AAR.docx").await, [""; 0]);
}

/// Returns incidents with their notification and end, in universal time.
async fn incidents(warehouse: &Warehouse) -> Vec<String> {
    let query = "select concat_ws(' ', e.name, to_char(e.start_at at time zone 'UTC', 'MM-DD \
        HH24:MI'), (select count(*) from warehouse.milestone m where m.event_id = e.event_id), \
        (select to_char(max(occurred_at) at time zone 'UTC', 'HH24:MI') from warehouse.milestone m \
        where m.event_id = e.event_id)) from warehouse.event e order by e.start_at, e.name";
    warehouse.ask(query).await
}

#[tokio::test]
async fn a_log_whose_rows_have_no_id_keeps_its_incidents_in_its_next_edition() {
    let warehouse = Warehouse::new().await;
    let log = |rows: &[[&str; 3]]| {
        let rows = rows.iter().map(|[name, notified, acknowledged]| {
            format!("{name},Fire,3,{notified},{acknowledged}\n")
        });
        let head = "Incident Name,Hazard,Region,Notified At,Acknowledged At\n";
        (head.to_owned() + &rows.collect::<String>()).into_bytes()
    };
    let mill = ["Mill fire", "6/1/2025 09:00", "6/1/2025 09:05"];
    let flood = ["Flood", "6/3/2025 09:00", "6/3/2025 09:05"];
    let outage = ["Outage", "6/5/2025 09:00", "6/5/2025 09:05"];
    let crash = ["Bus crash", "6/6/2025 09:00", "6/6/2025 09:05"];
    warehouse.loaded("log.csv", log(&[mill, flood, outage, crash])).await;
    // A row in the middle is new; a corrected time or another day is not another incident.
    let leak = ["Gas leak", "6/2/2025 09:00", "6/2/2025 09:05"];
    let later = ["Mill fire", "6/1/2025 08:50", "6/1/2025 09:05"];
    let moved = ["Outage", "6/4/2025 23:50", "6/5/2025 00:10"];
    let rows = [later, leak, flood, moved, crash];
    let report = warehouse.loaded("log.csv", log(&rows)).await;
    assert_eq!(
        (report.read, report.inserted, report.updated, report.unchanged),
        (5, 1, 2, 2),
        "{report:?}"
    );
    assert_eq!(codes(&report), ["LATER_EDITION"]);
    let told: Vec<&str> = report.details.iter().map(|told| told.message.as_str()).collect();
    assert!(told.iter().any(|told| told.contains("at 2025-06-01 09:00 EDT")), "{told:?}");
    let expected = [
        "Mill fire 06-01 12:50 2 13:05",
        "Gas leak 06-02 13:00 2 13:05",
        "Flood 06-03 13:00 2 13:05",
        "Outage 06-05 03:50 2 04:10",
        "Bus crash 06-06 13:00 2 13:05",
    ];
    assert_eq!(incidents(&warehouse).await, expected);
    let again = warehouse.loaded("log.csv", log(&rows)).await;
    assert_eq!((again.unchanged, again.read), (5, 5), "{again:?}");
    // The log of another week under the same name has other incidents, whatever their names.
    let next = ["Mill fire", "6/3/2025 10:00", "6/3/2025 10:05"];
    let report = warehouse.loaded("log.csv", log(&[next])).await;
    assert_eq!((report.inserted, report.updated), (1, 0), "{report:?}");
    // So has a second one of the same day, in a file of another name.
    let second = ["Mill fire", "6/1/2025 15:00", "6/1/2025 15:05"];
    let report = warehouse.loaded("evening.csv", log(&[second])).await;
    assert_eq!((report.inserted, report.updated), (1, 0), "{report:?}");
    assert_eq!(incidents(&warehouse).await.len(), 7);
}

#[tokio::test]
async fn an_entry_before_the_first_one_keeps_the_incident_of_a_log() {
    let warehouse = Warehouse::new().await;
    let log = |rows: &str| format!("Date/Time,Incident,Region,Entry\n{rows}").into_bytes();
    let entries = "6/20/2025 09:00,Mill fire,3,MCC activated\n6/20/2025 10:00,Mill \
                   fire,3,Situation report sent\n";
    warehouse.loaded("log.csv", log(entries)).await;
    let more = format!("6/19/2025 23:50,Mill fire,3,Duty officer notified\n{entries}");
    let report = warehouse.loaded("log.csv", log(&more)).await;
    assert_eq!((report.inserted, report.updated), (0, 3), "{report:?}");
    assert_eq!(incidents(&warehouse).await, ["Mill fire 06-20 03:50 3 14:00"]);
}

#[tokio::test]
async fn an_exercise_that_the_next_calendar_moves_is_one_exercise() {
    let warehouse = Warehouse::new().await;
    let calendar = |days: [&str; 2]| {
        format!(
            "Exercise Name,Exercise Type,Start Date,Region,Sponsor,Status\nCyber \
             TTX,TTX,{},3,Region 3 HMCC,Planned\nRadio drill,Drill,{},3,Region 3 HMCC,Planned\n",
            days[0], days[1]
        )
        .into_bytes()
    };
    warehouse.loaded("calendar.csv", calendar(["3/4/2025", "4/4/2025"])).await;
    let report = warehouse.loaded("calendar.csv", calendar(["9/4/2025", "4/4/2025"])).await;
    assert_eq!((report.inserted, report.updated, report.unchanged), (0, 1, 1), "{report:?}");
    let days = "select name || ' ' || local_date from warehouse.event order by name";
    assert_eq!(warehouse.ask(days).await, ["Cyber TTX 2025-09-04", "Radio drill 2025-04-04"]);
}

#[tokio::test]
async fn a_calendar_that_drops_the_last_drill_and_adds_the_next_one_has_both() {
    let warehouse = Warehouse::new().await;
    let calendar = |months: std::ops::Range<u32>| {
        let rows = months
            .map(|month| format!("Radio drill,Drill,2025-{month:02}-04,3,Region 3 HMCC,Held\n"));
        let head = "Exercise Name,Exercise Type,Start Date,Region,Sponsor,Status\n";
        (head.to_owned() + &rows.collect::<String>()).into_bytes()
    };
    warehouse.loaded("calendar.csv", calendar(1..5)).await;
    let report = warehouse.loaded("calendar.csv", calendar(2..6)).await;
    assert_eq!((report.inserted, report.updated, report.unchanged), (1, 0, 3), "{report:?}");
    assert_eq!(warehouse.ask("select count(*)::text from warehouse.event").await, ["5"]);
}

#[tokio::test]
async fn a_row_with_two_corrected_cells_closes_its_reject_and_another_action_does_not() {
    let warehouse = Warehouse::new().await;
    let tracker = |action: &str, region: &str, due: &str| {
        format!(
            "Exercise,Exercise Date,Region,Corrective Action,Responsible Organization,Due \
             Date,Status\nHarbor TTX,3/4/2025,{region},{action},Lynn Fire Department,{due},Open\n"
        )
        .into_bytes()
    };
    let cots = "Buy forty cots for the shelter";
    let report = warehouse.loaded("plan.csv", tracker(cots, "99", "6/30/2026")).await;
    assert_eq!(report.rejected, 1, "{report:?}");
    let other = "Train the staff of the shelter";
    warehouse.loaded("plan.csv", tracker(other, "3", "6/30/2026")).await;
    assert_eq!(open(&warehouse, "plan.csv").await, ["1:2"]);
    warehouse.loaded("plan.csv", tracker(cots, "3", "7/31/2026")).await;
    assert_eq!(open(&warehouse, "plan.csv").await, [""; 0]);
}

#[tokio::test]
async fn an_id_that_another_document_uses_for_something_else_overwrites_nothing() {
    let warehouse = Warehouse::new().await;
    let head = "ID,Exercise,Exercise Date,Corrective Action,Responsible Organization,Due \
        Date,Status\n";
    let tracker = |rows: &str| format!("{head}{rows}").into_bytes();
    // In one file, numbers that begin again for each exercise are ids within it.
    let both = "CA-1,Harbor TTX,3/4/2025,Buy cots,MDPH,6/30/2026,Open\nCA-2,Harbor \
        TTX,3/4/2025,Buy radios,MDPH,6/30/2026,Open\nCA-1,Airport FSE,5/4/2025,Train \
        staff,MDPH,6/30/2026,Open\n";
    let report = warehouse.loaded("both.csv", tracker(both)).await;
    assert_eq!((report.inserted, report.rejected), (3, 0), "{report:?}");
    let again = warehouse.loaded("both.csv", tracker(both)).await;
    assert_eq!((again.unchanged, again.rejected), (3, 0), "{again:?}");
    // Another file cannot know of the first one.
    let first = "IP-1,Winter TTX,1/8/2025,Revise the surge annex,MDPH,6/30/2026,Open\n";
    warehouse.loaded("winter.csv", tracker(first)).await;
    let other = "IP-1,Spring FSE,5/9/2025,Buy forty cots,MDPH,7/31/2026,Completed\n";
    let report = warehouse.loaded("spring.csv", tracker(other)).await;
    assert_eq!((report.inserted, report.updated, report.rejected), (0, 0, 1), "{report:?}");
    let reworded = "IP-1,Winter TTX,1/8/2025,Rewrite and test the annex,MDPH,6/30/2026,Open\n";
    let report = warehouse.loaded("autumn.csv", tracker(reworded)).await;
    assert_eq!(report.rejected, 0, "the same exercise: {report:?}");

    let log = "Incident ID,Incident Name,Hazard,Region,Notified At,Acknowledged At\n2025-001,";
    let lynn = format!("{log}Mill fire,Fire,3,2025-03-14 10:00,2025-03-14 10:05\n");
    warehouse.loaded("region3.csv", lynn.into()).await;
    let other = format!("{log}Harbor flood,Flood,5,2025-04-14 10:00,2025-04-14 10:05\n");
    let report = warehouse.loaded("region5.csv", other.into()).await;
    assert_eq!((report.updated, report.rejected), (0, 1), "{report:?}");
    let calendar = "Exercise ID,Exercise Name,Exercise Type,Start Date,Sponsor,Status\nEX-01,";
    let year = format!("{calendar}Evacuation drill,Drill,3/4/2025,Region 3 HMCC,Held\n");
    warehouse.loaded("calendar.csv", year.into()).await;
    let moved = format!("{calendar}Full evacuation drill,Drill,6/4/2025,Region 3 HMCC,Held\n");
    let report = warehouse.loaded("calendar.csv", moved.into()).await;
    assert_eq!((report.updated, report.rejected), (1, 0), "{report:?}");
    let next = format!("{calendar}Cyber TTX,TTX,3/9/2026,Region 3 HMCC,Planned\n");
    let report = warehouse.loaded("calendar.csv", next.into()).await;
    assert_eq!((report.updated, report.rejected), (0, 1), "{report:?}");
    let reasons = warehouse.ask("select value || ' ' || reason from meta.reject order by 1").await;
    let named = ["2025-001 is the id of another event, “Mill fire” of 2025-03-14 in region3.csv"];
    assert!(reasons[0].starts_with(named[0]), "{reasons:?}");
}

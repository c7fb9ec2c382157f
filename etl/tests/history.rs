//! Tests documents over time. An action is stored once, with a dated history. A later version of a
//! report supersedes an earlier one. An event of several documents counts once. The order of
//! loading has no effect.
#![allow(clippy::unwrap_used, missing_docs)]

mod office;

use std::fmt::Write as _;
use std::io::Write as _;

use chrono::{Days, NaiveDate};
use hotwash_documents::input::Input;
use hotwash_etl::load::{FileReport, Options, Quiet, load_inputs};
use hotwash_schema::connect::connect;
use hotwash_schema::testing::TestDatabase;
use office::HEAD;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

async fn load(database: &TestDatabase, input: &Input) -> FileReport {
    load_with(database, input, Options::default()).await
}

async fn load_with(database: &TestDatabase, input: &Input, options: Options) -> FileReport {
    let inputs = vec![(input.name().to_owned(), Ok(input.clone()))];
    let report = load_inputs(database.url(), inputs, &options, &Quiet).await.unwrap().remove(0);
    assert!(report.error.is_none() && report.is_accounted() && report.rejected == 0, "{report:?}");
    report
}

async fn lines(database: &TestDatabase, sql: &str) -> Vec<String> {
    let client = connect(database.url()).await.unwrap();
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Returns all facts about actions and events, without ids that differ between warehouses.
async fn picture(database: &TestDatabase) -> Vec<String> {
    let mut all = Vec::new();
    for sql in [
        "select concat_ws(' | ', e.name, f.text, a.text, a.issue, a.status, a.opened_on, \
         a.due_original_on, a.due_current_on, a.completed_on, a.cancelled_on, \
            r.code, c.code, o.name, (select string_agg(concat_ws(' ', h.changed_on, h.change, \
            h.status, h.due_on), ', ' order by h.changed_on, h.sequence) \
                from warehouse.action_status_history h where h.corrective_action_id = \
                a.corrective_action_id)) \
         from warehouse.corrective_action a left join warehouse.event e using (event_id) left join \
         warehouse.finding f using (finding_id) \
         join warehouse.region r on r.region_id = a.region_id join warehouse.capability c on \
         c.capability_id = a.capability_id \
         join warehouse.organization o on o.organization_id = a.owner_organization_id order by 1",
        "select concat_ws(' | ', e.kind, e.name, e.local_date, e.end_local_date, e.status, \
         e.owes_aar, e.source, h.code, t.code, o.name, a.draft_on, a.final_on, \
            (select string_agg(r.code, ',' order by r.code) from warehouse.event_region join \
            warehouse.region r using (region_id) where event_id = e.event_id)) \
         from warehouse.event e join warehouse.hazard h using (hazard_id) left join \
         warehouse.exercise x using (event_id) \
         left join warehouse.exercise_type t using (exercise_type_id) left join \
         warehouse.organization o on o.organization_id = x.sponsor_organization_id \
         left join warehouse.after_action_report a using (event_id) order by 1",
        "select concat_ws(' | ', e.name, r.rating, c.code) from warehouse.capability_rating r join \
         warehouse.event e using (event_id) join warehouse.capability c using (capability_id) \
         order by 1",
        "select concat_ws(' | ', e.name, f.kind, f.text) from warehouse.finding f join \
         warehouse.event e using (event_id) order by 1",
    ] {
        all.extend(lines(database, sql).await);
    }
    all
}

/// Loads files in several orders, each into its own warehouse, and then all again: the results must
/// be equal.
async fn in_any_order(files: &[Input], orders: &[Vec<usize>]) -> (TestDatabase, Vec<String>) {
    let mut first: Option<(TestDatabase, Vec<String>)> = None;
    for order in orders {
        let database = TestDatabase::new().await;
        for place in order {
            load(&database, &files[*place]).await;
        }
        let picture = picture(&database).await;
        for place in order {
            let again = load(&database, &files[*place]).await;
            assert_eq!(
                again.unchanged, again.read,
                "again changes nothing: {order:?} {place} {again:?}"
            );
        }
        assert_eq!(self::picture(&database).await, picture, "{order:?}");
        match &first {
            Some((_, known)) => assert_eq!(&picture, known, "{order:?} against {:?}", orders[0]),
            None => first = Some((database, picture)),
        }
    }
    first.unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn table(name: &str, lines: &str) -> Input {
    Input::memory(name, lines.as_bytes().to_vec())
}

const EVENT: &str = "Merrimack Valley Mass Casualty Full-Scale Exercise";
const CAPABILITIES: [&str; 4] =
    ["Information Sharing", "Medical Surge", "Mass Care", "Community Preparedness"];
const ACTIONS: [&str; 6] = [
    "Revise the annex and have the steering committee adopt it",
    "Buy forty portable radios and train their users",
    "Write a checklist for the receiving hospitals",
    "Test the notification system every quarter",
    "Add interpreters to the family assistance plan",
    "Sign the mutual aid agreement with the ambulance services",
];

/// Row of a tracker to be written, and whether its action is open afterwards.
struct Line {
    status: String,
    since: NaiveDate,
    open: bool,
}

/// Generates trackers of one exercise on several days. Each action occurs in some of them, with
/// random statuses.
fn trackers(random: &mut ChaCha8Rng) -> (Vec<Input>, Vec<Vec<Line>>) {
    let mut told: Vec<Vec<Line>> = ACTIONS.iter().map(|_| Vec::new()).collect();
    let mut files = Vec::new();
    for number in 0..4_u64 {
        let on = day("2025-02-01") + Days::new(30 * number);
        let mut text = format!(
            "Tracker as of {on}\n\nEvent,Event Date,Capability,Action Item,Target Date,Status\n"
        );
        for (place, action) in ACTIONS.iter().enumerate() {
            if number > 0 && random.random_bool(0.35) {
                continue;
            }
            let done = on - Days::new(random.random_range(1..29));
            let (status, since, open) = match random.random_range(0..5) {
                0 => ("Open".to_owned(), on, true),
                1 => ("In Progress".to_owned(), on, true),
                2 => (format!("Completed {}", done.format("%-m/%-d/%Y")), done, false),
                3 => ("Deferred".to_owned(), on, true),
                _ => ("Cancelled".to_owned(), on, false),
            };
            let due = on + Days::new(30 * random.random_range(1..4));
            writeln!(
                text,
                "{EVENT},2025-01-20,{},\"{action}\",{due},{status}",
                CAPABILITIES[place % 4]
            )
            .unwrap();
            told[place].push(Line { status, since, open });
        }
        files.push(table(&format!("tracker {number}.csv"), &text));
    }
    (files, told)
}

/// Counts the actions open on a day, from the rows of the trackers.
fn recount(told: &[Vec<Line>], on: NaiveDate) -> i64 {
    let is_open = |lines: &&Vec<Line>| {
        let mut said: Vec<(&str, NaiveDate, bool)> = Vec::new();
        for line in *lines {
            let word = line.status.split(' ').next().unwrap();
            match said.last_mut() {
                // The same final status reported again with another date changes the date.
                Some(last) if last.0 == word && !line.open => {
                    if line.status.contains(' ') {
                        last.1 = line.since;
                    }
                }
                _ => said.push((word, line.since, line.open)),
            }
        }
        said.iter().rfind(|(_, since, _)| *since <= on).is_none_or(|(_, _, open)| *open)
    };
    told.iter().filter(is_open).count() as i64
}

#[tokio::test]
async fn random_trackers_in_random_order_make_one_history_and_any_past_backlog_equals_a_recount() {
    for seed in [5, 11] {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (files, told) = trackers(&mut random);
        let forward: Vec<usize> = (0..files.len()).collect();
        let mut shuffled = forward.clone();
        shuffled.shuffle(&mut random);
        let orders = [forward, shuffled];
        let (database, _) = in_any_order(&files, &orders).await;
        let client = connect(database.url()).await.unwrap();
        for days in (20..200).step_by(3) {
            let on = day("2025-01-20") + Days::new(days);
            let sql = "select count(*) from warehouse.corrective_action a join lateral (select \
                h.status from warehouse.action_status_history h \
                where h.corrective_action_id = a.corrective_action_id and h.changed_on <= $1 order \
                by h.changed_on desc, h.sequence desc limit 1) s on true \
                where s.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED')";
            let open: i64 = client.query_one(sql, &[&on]).await.unwrap().get(0);
            assert_eq!(open, recount(&told, on), "seed {seed}, open on {on}");
        }
    }
}

/// Creates a small report in the template's tables.
fn report(
    cover: &str,
    name: &str,
    ratings: &[(&str, &str)],
    actions: &[(&str, &str, &str)],
) -> Input {
    let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
    let row = |cells: &[&str]| {
        format!("<w:tr>{}</w:tr>", cells.iter().map(|text| cell(text)).collect::<String>())
    };
    let paragraph = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let mut body: String = cover.lines().map(paragraph).collect();
    let overview = [
        ["Exercise Name", name],
        ["Exercise Dates", "June 4, 2025"],
        ["Sponsor", "Region 3 Health and Medical Coordinating Coalition"],
        ["Exercise Type", "Full-Scale Exercise"],
    ];
    write!(body, "<w:tbl>{}</w:tbl>", overview.iter().map(|line| row(line)).collect::<String>())
        .unwrap();
    let mut rated = row(&HEAD);
    for (capability, code) in ratings {
        let marks = ["P", "S", "M", "U"].map(|column| if column == *code { "X" } else { "" });
        rated += &row(&[
            "Objective 1: Share information",
            capability,
            marks[0],
            marks[1],
            marks[2],
            marks[3],
        ]);
    }
    write!(body, "<w:p/><w:tbl>{rated}</w:tbl>").unwrap();
    let mut plan = row(&[
        "Core Capability",
        "Issue/Area for Improvement",
        "Corrective Action",
        "Capability Element",
        "Primary Responsible Organization",
        "Start Date",
        "Completion Date",
    ]);
    for (capability, action, due) in actions {
        plan += &row(&[
            capability,
            &format!("Gap: {action}"),
            action,
            "Planning",
            "Lawrence Board of Health",
            "June 10, 2025",
            due,
        ]);
    }
    write!(body, "<w:p/><w:tbl>{plan}</w:tbl>").unwrap();
    let document = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(document.as_bytes()).unwrap();
    Input::memory("report.docx", zip.finish().unwrap().into_inner())
}

fn draft() -> Input {
    report(
        "After-Action Report\nDRAFT\nJune 20, 2025",
        EVENT,
        &[("Information Sharing", "S"), ("Mass Care", "M")],
        &[
            ("Information Sharing", ACTIONS[0], "December 31, 2025"),
            ("Medical Surge", ACTIONS[1], "December 31, 2025"),
            ("Mass Care", ACTIONS[4], "March 31, 2026"),
        ],
    )
}

fn last() -> Input {
    report(
        "After-Action Report\nJuly 30, 2025",
        EVENT,
        &[("Information Sharing", "P"), ("Medical Surge", "M")],
        &[
            ("Medical Surge", ACTIONS[2], "October 31, 2025"),
            (
                "Information Sharing",
                "Revise the annex and have the Steering Committee adopt it.",
                "February 28, 2026",
            ),
            ("Mass Care", ACTIONS[4], "March 31, 2026"),
        ],
    )
}

#[tokio::test]
async fn a_final_report_takes_the_place_of_its_draft_and_keeps_the_history_whatever_comes_first() {
    let tracker = table(
        "tracker.csv",
        &format!(
            "Tracker as of 2025-09-15\n\nEvent,Event Date,Capability,Action Item,Target \
             Date,Status\n{EVENT},2025-06-04,Mass Care,{},2026-03-31,Completed 9/1/2025\n",
            ACTIONS[4]
        ),
    );
    let files = [draft(), last(), tracker];
    let orders = [vec![0, 1, 2], vec![1, 0, 2], vec![2, 1, 0], vec![2, 0, 1], vec![0, 2, 1]];
    let (database, picture) = in_any_order(&files, &orders).await;
    let story = |wanted: &str| {
        picture
            .iter()
            .find(|line| line.contains(wanted))
            .unwrap_or_else(|| panic!("{wanted}: {picture:#?}"))
    };
    assert!(
        story("Revise the annex")
            .ends_with("2025-06-04 OPENED OPEN 2025-12-31, 2025-07-30 DUE_DATE OPEN 2026-02-28"),
        "{picture:#?}"
    );
    assert!(
        story("radios")
            .ends_with("OPENED OPEN 2025-12-31, 2025-07-30 CANCELLED CANCELLED 2025-12-31"),
        "{picture:#?}"
    );
    assert!(story("interpreters").contains("2025-09-01 COMPLETED"), "{picture:#?}");
    assert_eq!(picture.iter().filter(|line| line.contains("OPENED")).count(), 4, "{picture:#?}");
    let ratings = "select concat(c.name, ' ', r.rating) from warehouse.capability_rating r join \
        warehouse.capability c using (capability_id) order by 1";
    assert_eq!(lines(&database, ratings).await, ["Information Sharing P", "Medical Surge M"]);
    assert!(story("EXERCISE").ends_with("2025-06-20 | 2025-07-30 | 3"), "{picture:#?}");
}

const CALENDAR: &str = "Exercise Name,Exercise Type,Start Date,Region,Sponsor,Status,Hazard\n\
    Merrimack Valley Mass Casualty FSE,FSE,2025-06-04,3,Region 3 Health and Medical Coordinating \
    Coalition,Held,Mass Casualty Incident (trauma)\n\
    Region 3 Communications Drill,Drill,2025-06-05,3,Region 3 Health and Medical Coordinating \
    Coalition,Held,\n";

#[tokio::test]
async fn an_exercise_in_the_calendar_and_in_its_report_is_one_event_and_can_be_parted() {
    let files = [table("calendar.csv", CALENDAR), last()];
    let (database, picture) = in_any_order(&files, &[vec![0, 1], vec![1, 0]]).await;
    let exercises: Vec<&String> =
        picture.iter().filter(|line| line.starts_with("EXERCISE")).collect();
    assert_eq!(exercises.len(), 2, "{picture:#?}");
    // Name and report are from the document, the hazard is from the calendar.
    assert!(
        exercises[0].contains(&format!("{EVENT} | 2025-06-04"))
            && exercises[0].contains("mass_casualty_trauma"),
        "{picture:#?}"
    );
    let first = TestDatabase::new().await;
    load(&first, &files[0]).await;
    let told = load(&first, &files[1]).await;
    let warning =
        told.details.iter().find(|warning| warning.code.as_str() == "SAME_EVENT").unwrap();
    let id = warning.message.rsplit('\'').nth(1).unwrap().to_owned();
    let options = Options { not_same_as: vec![id], ..Options::default() };
    load_with(&first, &files[1], options).await;
    let parted = "select concat(e.name, ' ', count(r.*)) from warehouse.event e left join \
        warehouse.capability_rating r using (event_id) group by e.event_id order by 1";
    assert_eq!(
        lines(&first, parted).await,
        [
            "Merrimack Valley Mass Casualty FSE 0".to_owned(),
            format!("{EVENT} 2"),
            "Region 3 Communications Drill 0".to_owned()
        ]
    );
    for file in &files {
        let again = load(&first, file).await;
        assert_eq!(again.unchanged, again.read, "parted stays parted: {again:?}");
    }
    drop(database);
}

#[tokio::test]
async fn an_action_whose_event_is_loaded_later_belongs_to_it_then() {
    let tracker = table(
        "tracker.csv",
        &format!(
            "Tracker as of 2025-09-15\n\nEvent,Event Date,Capability,Action Item,Target \
             Date,Status\n{EVENT},2025-06-05,Mass Care,Order cots for the \
             shelters,2026-03-31,Open\n"
        ),
    );
    let (_, picture) = in_any_order(&[tracker, last()], &[vec![0, 1], vec![1, 0]]).await;
    assert!(
        picture.iter().any(|line| line.starts_with(EVENT) && line.contains("cots")),
        "{picture:#?}"
    );
}

/// Creates an exercise in our own template, with or without the id of its sponsor.
fn own_exercise(sponsor: &str) -> Input {
    table(
        "events.csv",
        &format!(
            "event_id,kind,name,start_at,time_zone,regions,exercise_type,sponsor_organization_id\n\
             FSE-1,EXERCISE,Merrimack Valley Mass Casualty \
             FSE,2025-06-04T09:00,America/New_York,3,FSE,{sponsor}\n"
        ),
    )
}

#[tokio::test]
async fn a_sponsor_told_by_another_document_stays_the_sponsor() {
    let (_, picture) = in_any_order(
        &[table("calendar.csv", CALENDAR), own_exercise("")],
        &[vec![0, 1], vec![1, 0]],
    )
    .await;
    let exercise =
        picture.iter().find(|line| line.contains("Mass Casualty FSE | 2025-06-04")).unwrap();
    assert!(
        exercise.contains("| Region 3 Health and Medical Coordinating Coalition"),
        "{picture:#?}"
    );
}

#[tokio::test]
async fn a_sponsor_that_comes_after_its_exercise_is_linked_when_the_exercise_is_loaded_again() {
    let database = TestDatabase::new().await;
    let told = load(&database, &own_exercise("COALITION-3")).await;
    let warning = told
        .details
        .iter()
        .find(|warning| warning.code.as_str() == "UNKNOWN_ORGANIZATION")
        .unwrap();
    assert_eq!(warning.value.as_deref(), Some("COALITION-3"), "{warning:?}");
    let organizations = "organization_id,name,region,discipline\nCOALITION-3,Example Coalition of \
        Region 3,3,coalition\n";
    load(&database, &table("organizations.csv", organizations)).await;
    let again = load(&database, &own_exercise("COALITION-3")).await;
    assert_eq!((again.updated, again.unchanged), (1, 0), "{again:?}");
    let sponsor = "select o.name from warehouse.exercise x join warehouse.organization o on \
        o.organization_id = x.sponsor_organization_id";
    assert_eq!(lines(&database, sponsor).await, ["Example Coalition of Region 3"]);
    let third = load(&database, &own_exercise("COALITION-3")).await;
    assert_eq!(third.unchanged, 1, "{third:?}");
}

//! Loads every kind of record through the complete pipeline on a real Postgres, from a source made
//! for the test.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, Utc};
use hotwash_documents::input::Input;
use hotwash_schema::connect::connect;
use hotwash_schema::record::{MILESTONE, PARTICIPATION};
use hotwash_schema::testing::TestDatabase;

use super::file::{insert_file, run};
use super::session::Session;
use super::{Batch, FileReport, Options, Quiet, Sink};
use crate::lookup::{Lookup, NamedList};
use crate::record::*;
use crate::source::{Source, SourceDefinition, SourceError};
use hotwash_schema::copy::Connection;

type Reading = dyn Fn(&Lookup, &mut Sink) -> Result<(), SourceError> + Send + Sync;

/// Emits the records that a test gives it.
struct TestSource {
    reading: Mutex<Arc<Reading>>,
}

impl Source for TestSource {
    fn definition(&self) -> SourceDefinition {
        SourceDefinition {
            id: "test",
            name: "Test",
            title: "Records of a test",
            extensions: &[],
            headings: &[],
        }
    }

    fn read(&self, _input: &Input, lookup: &Lookup, sink: &mut Sink) -> Result<(), SourceError> {
        let reading = Arc::clone(&self.reading.lock().unwrap());
        reading(lookup, sink)
    }
}

async fn load(
    database: &TestDatabase,
    reading: impl Fn(&Lookup, &mut Sink) -> Result<(), SourceError> + Send + Sync + 'static,
) -> FileReport {
    let source: &'static TestSource =
        Box::leak(Box::new(TestSource { reading: Mutex::new(Arc::new(reading)) }));
    let mut session = Session::new(Connection::open(database.url()).await.unwrap());
    let lookup = Arc::new(Lookup::read(database.url()).await.unwrap());
    let options = Options::default();
    let batch = Batch::begin(database.pool(), None).await.unwrap();
    let input = Input::memory("test", *b"x");
    let file = insert_file(&session.connection, batch.id, &input, "test", &options).await.unwrap();
    let report =
        run(&mut session, &lookup, &input, source, Some((batch.id, file)), &options, &Quiet)
            .await
            .unwrap();
    assert!(report.is_accounted(), "{report:?}");
    report
}

async fn number(database: &TestDatabase, sql: &str) -> i64 {
    connect(database.url()).await.unwrap().query_one(sql, &[]).await.unwrap().get(0)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Emits an exercise with all details. Each record contains `text`, so that another text changes
/// all of them.
fn everything(lookup: &Lookup, sink: &mut Sink, text: &str) -> Result<(), SourceError> {
    let lists = lookup.lists();
    let hospital = OrganizationRef::id("H1");
    let exercise = EventRef::id("EX-1");
    let named =
        EventRef::Named { name: format!("Surge & Flow {text}"), on: Some(day("2025-03-14")) };
    let surge = lists.capability("4 Medical Surge (HPP)", None).unwrap();
    let (scale, rating) = lists.rating("PSMU", "S").unwrap();
    let lines: Vec<u64> = (1..=11).collect();
    for _ in &lines {
        sink.read_one()?;
    }
    sink.record(&Organization {
        row: 1,
        source_id: "H1".into(),
        name: "Example General Hospital".into(),
        region_id: lists.of(NamedList::Region).find("Region 2").unwrap(),
        discipline_id: lists.of(NamedList::Discipline).find("acute_care_hospital").unwrap(),
        municipality_id: lists.of(NamedList::Municipality).find("Worcester"),
        staffed_beds: Some(text.len() as i32),
        active: true,
        aliases: vec!["EGH".into()],
        valid_from: None,
    })?;
    sink.record(&Event {
        row: 2,
        source_id: "EX-1".into(),
        kind: EventKind::Exercise,
        name: format!("Surge & Flow {text}"),
        start_at: moment("2025-03-14T13:00:00Z"),
        local_date: day("2025-03-14"),
        owes_aar: true,
        hazards: vec![lookup.hazard("mass_casualty_trauma")],
        regions: vec![(lists.of(NamedList::Region).find("2").unwrap(), 1.0)],
        exercise: Some(Exercise {
            exercise_type_id: lists.of(NamedList::ExerciseType).find("FSE").unwrap(),
            sponsor: Some(OrganizationRef::named("Example Coalition")),
            ..Exercise::default()
        }),
        objectives: vec![Objective { number: 1, text: text.into(), capability_id: surge }],
        links: vec![EventLink { event: EventRef::id("NOWHERE"), relation: LinkRelation::Parent }],
        after_action_report: Some(AfterActionReport {
            layout: "test".into(),
            ..AfterActionReport::default()
        }),
        ..Event::default()
    })?;
    let player = [
        ("event_ref", FieldValue::text(named.staged())),
        ("organization_ref", FieldValue::text(OrganizationRef::named("EGH").staged())),
        ("role", FieldValue::text(ParticipationRole::Player.code())),
        ("executive_present", FieldValue::Boolean(Some(true))),
        ("participant_count", FieldValue::Integer(Some(text.len() as i32))),
    ];
    sink.record(&ReadRecord::with(&PARTICIPATION, 3, "P1".into(), player))?;
    let notified = [
        ("event_ref", FieldValue::text(exercise.staged())),
        (
            "milestone_type_id",
            FieldValue::Integer(lists.of_table("milestone_type").unwrap().find("notified")),
        ),
        ("sequence", FieldValue::Integer(Some(text.len() as i32))),
        ("occurred_at", FieldValue::Moment(Some(moment("2025-03-14T13:05:00Z")))),
        ("time_precision", FieldValue::text(TimePrecision::Minute.code())),
    ];
    sink.record(&ReadRecord::with(&MILESTONE, 4, "M1".into(), notified))?;
    sink.record(&InformationRequest {
        row: 5,
        source_id: "I1".into(),
        event: exercise.clone(),
        label: text.into(),
        platform: None,
        asked_at: moment("2025-03-14T13:10:00Z"),
        due_at: None,
        reports: vec![InformationReport {
            organization: hospital.clone(),
            received_at: Some(moment("2025-03-14T14:00:00Z")),
        }],
    })?;
    sink.record(&ResourceRequest {
        row: 6,
        source_id: "R1".into(),
        event: Some(exercise.clone()),
        region_id: -1,
        organization: Some(hospital.clone()),
        kind: text.into(),
        priority: Some(RequestPriority::Urgent),
        status: RequestStatus::Partial,
        quantity_requested: 10.0,
        quantity_filled: 4.0,
        requested_at: moment("2025-03-14T13:20:00Z"),
        needed_by: None,
        assigned_at: None,
        filled_at: None,
    })?;
    sink.record(&CapabilityRating {
        row: 7,
        source_id: "C1".into(),
        event: exercise.clone(),
        capability_id: surge,
        organization: None,
        level: RatingLevel::Capability,
        subject: None,
        rating_scale_id: scale,
        rating,
        note: Some(text.into()),
    })?;
    let elements = vec![
        lists.of(NamedList::Element).find("planning").unwrap(),
        lists.of(NamedList::Element).find("Training").unwrap(),
    ];
    sink.record(&Finding {
        row: 8,
        source_id: "F1".into(),
        event: named,
        number: Some(1),
        kind: FindingKind::AreaForImprovement,
        capability_id: surge,
        organization: None,
        text: text.into(),
        reference: None,
        analysis: None,
        recommendation: None,
        elements: elements.clone(),
    })?;
    sink.record(&ActionReport {
        row: 9,
        source_id: "A1".into(),
        event: Some(exercise),
        finding_source_id: Some("F1".into()),
        region_id: -1,
        capability_id: surge,
        owner: Some(hospital.clone()),
        text: text.into(),
        status: Some(ActionStatus::Validated),
        due_on: Some(day("2025-09-30")),
        due_original_on: Some(day("2025-06-30")),
        completed_on: Some(day("2025-09-01")),
        validated_on: Some(day("2026-01-05")),
        reported_on: Some(day("2025-05-01")),
        elements,
        ..ActionReport::default()
    })?;
    sink.record(&RiskAssessment {
        row: 10,
        source_id: "RA1".into(),
        organization: Some(hospital),
        region_id: -1,
        assessment_method_id: lists.of(NamedList::AssessmentMethod).find("kaiser_hva").unwrap(),
        assessed_on: day("2025-01-01"),
        edition: Some(text.into()),
        scale: Some(text.into()),
        public: false,
    })?;
    sink.record(&RiskScore {
        row: 11,
        source_id: "RS1".into(),
        assessment_source_id: "RA1".into(),
        hazard_id: lookup.hazard("flood"),
        label: text.into(),
        probability: Some(2),
        human_impact: Some(3),
        property_impact: Some(3),
        business_impact: Some(3),
        preparedness: Some(3),
        internal_response: Some(3),
        external_response: Some(2),
        ..RiskScore::default()
    })
}

#[tokio::test]
async fn every_kind_of_record_is_stored_with_what_it_refers_to_and_again_changes_nothing() {
    let database = TestDatabase::new().await;
    let first = load(&database, |lookup, sink| everything(lookup, sink, "one")).await;
    assert_eq!((first.inserted, first.rejected), (11, 0), "{first:?}");
    let codes: Vec<&str> = first.details.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["NEW_ORGANIZATION", "UNKNOWN_EVENT"]);
    let ids = "select count(*) from warehouse.participation p join warehouse.organization o using \
        (organization_id) \
        join warehouse.region r on r.region_id = p.region_id where o.source_id = 'H1' and r.code = \
        '2'";
    assert_eq!(number(&database, ids).await, 1, "an alias and a name with a day find their own");
    for (sql, expected) in [
        (
            "select count(*) from warehouse.exercise where sponsor_organization_id > 0 and \
             exercise_type_id > 0",
            1,
        ),
        ("select count(*) from warehouse.objective", 1),
        ("select count(*) from warehouse.after_action_report", 1),
        ("select count(*) from warehouse.information_report where received_at is not null", 1),
        ("select count(*) from warehouse.finding_element where weight = 0.5", 2),
        (
            "select count(*) from warehouse.corrective_action where finding_id is not null and \
             region_id > 0",
            1,
        ),
        ("select count(*) from warehouse.action_status_history", 4),
        (
            "select count(*) from warehouse.risk_score where rank_in_assessment = 1 and round(risk \
             * 100) = 63",
            1,
        ),
        ("select count(*) from warehouse.risk_assessment where round(overall_risk * 100) = 63", 1),
        (
            "select count(*) from warehouse.organization_version where valid_to is null and \
             organization_id > 0",
            1,
        ),
    ] {
        assert_eq!(number(&database, sql).await, expected, "{sql}");
    }
    let version = "select max(version) from meta.table_version where table_name like 'warehouse.%'";
    let before = number(&database, version).await;
    let again = load(&database, |lookup, sink| everything(lookup, sink, "one")).await;
    assert_eq!((again.unchanged, again.inserted, again.updated), (11, 0, 0), "{again:?}");
    assert_eq!(number(&database, version).await, before);
    let changed = load(&database, |lookup, sink| everything(lookup, sink, "three")).await;
    assert_eq!((changed.updated, changed.inserted), (11, 0), "{changed:?}");
    let history = "select count(*) from warehouse.action_status_history";
    assert_eq!(
        number(&database, history).await,
        4,
        "a changed action's history is made anew, not doubled"
    );
}

#[tokio::test]
async fn a_record_whose_event_is_missing_is_refused_with_its_row() {
    let database = TestDatabase::new().await;
    let report = load(&database, |lookup, sink| {
        let (rating_scale_id, rating) = lookup.lists().rating("PSMU", "P").unwrap();
        sink.read_one()?;
        let rating = CapabilityRating {
            row: 5,
            source_id: "C1".into(),
            event: EventRef::Named {
                name: "Nobody's Exercise".into(),
                on: Some(day("2025-01-02")),
            },
            capability_id: lookup.lists().capability("Mass Care", None).unwrap(),
            organization: None,
            level: RatingLevel::Capability,
            subject: None,
            rating_scale_id,
            rating,
            note: None,
        };
        sink.record_from(
            &rating,
            Some(&serde_json::json!({"event": "Nobody's Exercise", "rating": "P"})),
        )
    })
    .await;
    assert_eq!((report.read, report.rejected, report.inserted), (1, 1, 0));
    let client = connect(database.url()).await.unwrap();
    let row = client
        .query_one(
            "select row_number, column_name, value, row_content ->> 'rating' from meta.reject",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(
        (row.get::<_, i64>(0), row.get::<_, &str>(1), row.get::<_, &str>(2), row.get::<_, &str>(3)),
        (5, "event", "Nobody's Exercise, 2025-01-02", "P")
    );
}

#[tokio::test]
async fn an_organization_first_mentioned_and_then_listed_is_one() {
    let database = TestDatabase::new().await;
    let mention = |_: &Lookup, sink: &mut Sink| {
        sink.read_one()?;
        sink.record(&RiskAssessment {
            row: 1,
            source_id: "RA".into(),
            organization: Some(OrganizationRef::named("Example Clinic")),
            region_id: -1,
            assessment_method_id: 1,
            assessed_on: day("2025-01-01"),
            edition: None,
            scale: None,
            public: false,
        })
    };
    let list = |lookup: &Lookup, sink: &mut Sink| {
        sink.read_one()?;
        sink.record(&Organization {
            row: 1,
            source_id: "C7".into(),
            name: "Example Clinic".into(),
            region_id: lookup.region("3").unwrap(),
            discipline_id: -1,
            municipality_id: None,
            staffed_beds: None,
            active: true,
            aliases: vec![],
            valid_from: None,
        })
    };
    load(&database, mention).await;
    load(&database, list).await;
    load(&database, mention).await;
    assert_eq!(
        number(&database, "select count(*) from warehouse.organization where organization_id > 0")
            .await,
        1
    );
    let joined = "select count(*) from warehouse.risk_assessment join warehouse.organization using \
        (organization_id) where organization.source_id = 'C7'";
    assert_eq!(number(&database, joined).await, 1);
}

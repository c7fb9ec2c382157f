//! Tests planted secrets: region 1's records of one kind come from one organization, and its other
//! organizations have records that do not count.

use std::ops::Range;

use hotwash_metrics::Snapshot;
use hotwash_schema::testing::TestDatabase;
use rstest::rstest;

use super::secret::{SecrecyClaim, check, check_published, extras, rows, value_and_extras};
use super::{Cast, cast, event, event_of_hazard, exercise};
use crate::world::World;
use crate::{Rules, released};

/// Presence of the secret records.
#[derive(Clone, Copy)]
struct Secret(bool);

impl Secret {
    /// Returns a range of this length, or an empty range.
    fn times(self, count: i64) -> Range<i64> {
        0..if self.0 { count } else { 0 }
    }
}

type Plant = fn(&mut World, &Cast, Secret);

/// Plants records of all kinds by three organizations in each region but the first.
fn backdrop(world: &mut World, cast: &Cast) {
    for (region, crowd) in cast.crowds.iter().enumerate().map(|(at, crowd)| (at + 2, crowd)) {
        for number in 0..12 {
            let event_id = exercise(world, region, 20 + number * 9, crowd);
            respond(world, event_id, number);
            for capability in 1..3 {
                world.rating(event_id, capability, (number % 4) as usize, None);
                world.area(event_id, capability, 1 + (number % 4) as u8, None);
            }
            world.request(event_id, crowd);
            let incident_id = event(world, "INCIDENT", region, 25 + number * 9, crowd);
            world.rating(incident_id, 1, (number % 4) as usize, None);
        }
        for owner in crowd {
            for number in 0..6 {
                world.action(
                    region,
                    1,
                    *owner,
                    400 + number * 7,
                    100,
                    (number % 2 == 0).then_some(90 + number),
                );
            }
            world.assessment(
                *owner,
                region,
                100,
                &[(1, 0.5), (2, 0.4), (3, 0.3), (4, 0.2), (5, 0.1), (6, 0.1)],
            );
            world.discipline(*owner, "acute_care_hospital");
        }
    }
}

/// Plants the milestones of an event's response, and its report.
fn respond(world: &mut World, event: usize, number: i64) {
    world.milestone(event, "notified", 10);
    world.milestone(event, "activated", 50 + number);
    world.milestone(event, "aar_final", 40 * 24 * 60);
}

fn response_times(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(8) {
        let event_id = exercise(world, 1, 60 + number, &[cast.alone]);
        respond(world, event_id, number);
    }
    for other in &cast.others {
        exercise(world, 1, 3, &[*other]);
    }
}

fn priorities(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(6) {
        let event_id = exercise(world, 1, 200 + number, &[cast.alone]);
        world.rating(event_id, 1, (number % 4) as usize, None);
    }
    for other in &cast.others {
        let old = exercise(world, 1, 1_600, &[*other]);
        world.rating(old, 1, 0, None);
    }
}

fn coverage(world: &mut World, cast: &Cast, secret: Secret) {
    for _ in secret.times(1) {
        world.assessment(
            cast.alone,
            1,
            100,
            &[(1, 0.7), (2, 0.6), (3, 0.5), (4, 0.4), (5, 0.3), (6, 0.2)],
        );
    }
    for other in &cast.others {
        world.assessment(
            *other,
            1,
            950,
            &[(1, 0.1), (2, 0.2), (3, 0.3), (4, 0.3), (5, 0.3), (6, 0.3)],
        );
    }
}

fn timeliness(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(6) {
        let event_id = exercise(world, 1, 100 + number, &[cast.alone]);
        world.milestone(event_id, "aar_final", (20 + number * 9) * 24 * 60);
    }
    for other in &cast.others {
        exercise(world, 1, 10, &[*other]);
    }
}

fn information(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(6) {
        let event_id = exercise(world, 1, 100 + number, &[cast.alone]);
        world.request(event_id, &[cast.alone]);
    }
    let canceled_event = exercise(world, 1, 90, &cast.others);
    world.request(canceled_event, &cast.others);
    world.cancel(canceled_event);
}

fn forecast(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(6) {
        world.action(1, 1, cast.alone, 200 + number, 20, None);
    }
    for (at, other) in cast.others.iter().enumerate() {
        world.action(1, 2, *other, 900 + at as i64, 20, Some(10));
    }
}

fn actions(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(12) {
        world.action(
            1,
            1,
            cast.alone,
            100 + 20 * number,
            30,
            (number % 2 == 0).then_some(20 + number),
        );
    }
}

fn completeness(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(6) {
        let event_id = exercise(world, 1, 100 + number, &[cast.alone]);
        world.area(event_id, 1, 1, None);
    }
    for other in &cast.others {
        exercise(world, 1, 100, &[*other]);
    }
}

fn gap(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(12) {
        let kind = if number % 2 == 0 { "EXERCISE" } else { "INCIDENT" };
        let event_id = event(world, kind, 1, 100 + number, &[cast.alone]);
        world.rating(event_id, 1, (number % 4) as usize, None);
    }
    for other in &cast.others {
        let planned_event = event(world, "PLANNED_EVENT", 1, 90, &[*other]);
        (0..3).for_each(|rating| world.rating(planned_event, 1, rating, None));
    }
}

fn elements(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(10) {
        let event_id = exercise(world, 1, 100 + number, &[cast.alone]);
        world.area(event_id, 2, 1 + (number % 3) as u8, None);
    }
    for other in &cast.others {
        let canceled_event = exercise(world, 1, 90, &[*other]);
        (1..4).for_each(|element| world.area(canceled_event, 2, element, None));
        world.cancel(canceled_event);
    }
}

fn named(world: &mut World, cast: &Cast, secret: Secret) {
    let three = [cast.alone, cast.others[0], cast.others[1]];
    for number in secret.times(10) {
        let event_id = exercise(world, 1, 100 + 30 * number, &three);
        world.rating(event_id, 2, (number % 4) as usize, Some(cast.alone));
        world.area(event_id, 2, 1, Some(cast.alone));
    }
}

fn requirements(world: &mut World, cast: &Cast, secret: Secret) {
    world.discipline(cast.alone, "hospice");
    cast.others.iter().for_each(|other| world.discipline(*other, "hospice"));
    for year in 0..5 {
        exercise(world, 1, 30 + 365 * year, &cast.others);
    }
    for _ in secret.times(1) {
        world.discipline(cast.alone, "acute_care_hospital");
        exercise(world, 1, 60, &[cast.alone]);
    }
}

fn state(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(6) {
        let event_id = exercise(world, 1, 100 + number, &[cast.alone]);
        world.rating(event_id, 5, (number % 4) as usize, None);
        world.area(event_id, 5, 1, None);
    }
}

fn gap_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        let event_id = exercise(world, 1, 100, &[*other]);
        (0..4).for_each(|rating| world.rating(event_id, 1, rating, None));
    }
    for _ in secret.times(1) {
        let incident_id = event(world, "INCIDENT", 1, 90, &[cast.alone]);
        world.rating(incident_id, 1, 3, None);
    }
}

fn one_open_action(world: &mut World, cast: &Cast, secret: Secret) {
    for (at, other) in cast.others.iter().enumerate() {
        let event_id = exercise(world, 1, 100, &[*other]);
        (0..4).for_each(|rating| world.rating(event_id, 1, rating, None));
        (0..3)
            .for_each(|number| world.action(1, 1, *other, 900 + at as i64, 20, Some(10 + number)));
    }
    for _ in secret.times(1) {
        world.action(1, 1, cast.alone, 200, 20, None);
    }
}

fn open_actions_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        let event_id = exercise(world, 1, 100, &[*other]);
        (0..4).for_each(|rating| world.rating(event_id, 1, rating, None));
    }
    for number in secret.times(8) {
        world.action(1, 1, cast.alone, 200 + number, 20, None);
    }
}

fn slippage_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        (0..4).for_each(|number| world.action(1, 1, *other, 500 + number, 20, None));
    }
    for _ in secret.times(1) {
        world.action(1, 1, cast.alone, 500, 20, None);
        world.move_due_date(77);
    }
}

fn inherent_risk_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    let more: Vec<usize> = (0..4).map(|_| world.organization(1)).collect();
    for other in cast.others.iter().chain(&more) {
        world.assessment(*other, 1, 100, &[(1, 0.6), (2, 0.5)]);
        world.without_inherent_risk();
    }
    for _ in secret.times(1) {
        world.assessment(cast.alone, 1, 100, &[(1, 0.777), (2, 0.111)]);
    }
}

fn answered_request_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for number in 0..3 {
        let event_id = exercise(world, 1, 100 + number, &cast.others);
        world.request(event_id, &cast.others);
        world.unanswered();
    }
    for _ in secret.times(1) {
        let event_id = exercise(world, 1, 90, &[cast.alone]);
        world.request(event_id, &[cast.alone]);
    }
}

fn hazard_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        world.assessment(*other, 1, 100, &[(1, 0.6), (2, 0.5), (3, 0.4), (4, 0.3), (5, 0.2)]);
    }
    for _ in secret.times(1) {
        world.assessment(cast.alone, 1, 100, &[(6, 0.777)]);
    }
}

fn rank_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        world.assessment(*other, 1, 100, &[(1, 0.6), (2, 0.5)]);
        world.without_ranks();
        let further = world.organization(1);
        world.assessment(further, 1, 100, &[(1, 0.6), (2, 0.5)]);
        world.without_ranks();
    }
    for _ in secret.times(1) {
        world.assessment(cast.alone, 1, 100, &[(2, 0.777), (1, 0.111)]);
    }
}

fn change_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        // Two organizations left the hazard out this time, and a third assessed it for the first
        // time.
        for organization in [*other, world.organization(1)] {
            world.assessment(organization, 1, 400, &[(1, 0.6)]);
            world.assessment(organization, 1, 100, &[(2, 0.5)]);
        }
        for organization in [world.organization(1), world.organization(1)] {
            world.assessment(organization, 1, 100, &[(1, 0.6)]);
        }
    }
    for _ in secret.times(1) {
        world.assessment(cast.alone, 1, 400, &[(1, 0.111)]);
        world.assessment(cast.alone, 1, 100, &[(1, 0.777)]);
    }
}

fn exposure_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        for number in 0..3 {
            let event_id = exercise(world, 1, 100 + number, &[*other]);
            world.rating(event_id, 1, number as usize, None);
        }
        let further = world.organization(1);
        for organization in [*other, further] {
            world.assessment(organization, 1, 100, &[(3, 0.3), (2, 0.2)]);
        }
    }
    // Events of hazard 6 rated the capability in another region.
    for organization in &cast.crowds[2] {
        for number in 0..2 {
            let event_id = event_of_hazard(world, 6, 4, 100 + number, &[*organization]);
            world.rating(event_id, 1, 0, None);
        }
    }
    for _ in secret.times(1) {
        world.assessment(cast.alone, 1, 100, &[(6, 0.777)]);
    }
}

fn median_of_one_report(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        (0..3).for_each(|number| {
            exercise(world, 1, 62 + number, &[*other]);
        });
    }
    for _ in secret.times(1) {
        let event_id = exercise(world, 1, 130, &[cast.alone]);
        world.milestone(event_id, "aar_final", 119 * 24 * 60);
    }
}

fn closure_among_young_actions(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        (0..4).for_each(|number| world.action(1, 1, *other, 20 + number, 90, None));
    }
    for _ in secret.times(1) {
        world.action(1, 1, cast.alone, 500, 20, Some(317));
    }
}

/// The curve stays above one half until the only action that is old enough is closed.
fn late_closure_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        (0..2).for_each(|number| world.action(1, 1, *other, 500 + number, 20, Some(10)));
        (0..4).for_each(|number| world.action(1, 1, *other, 20 + number, 90, None));
    }
    for _ in secret.times(1) {
        world.action(1, 1, cast.alone, 500, 20, Some(317));
    }
}

/// The first closures are those of one organization: the lower limit of the median is one of them.
fn early_closures_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        (0..3).for_each(|_| world.action(1, 1, *other, 500, 20, Some(200)));
    }
    for number in secret.times(7) {
        world.action(1, 1, cast.alone, 500, 20, Some(31 + number));
    }
}

fn late_report_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        for number in 0..2 {
            let event_id = exercise(world, 1, 200 + number, &[*other]);
            world.milestone(event_id, "aar_final", 10 * 24 * 60);
            (0..2).for_each(|further| {
                exercise(world, 1, 61 + number + 2 * further, &[*other]);
            });
        }
    }
    for _ in secret.times(1) {
        let event_id = exercise(world, 1, 200, &[cast.alone]);
        world.milestone(event_id, "aar_final", 119 * 24 * 60);
    }
}

fn late_response_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        for number in 0..2 {
            let event_id = exercise(world, 1, 100 + number, &[*other]);
            respond(world, event_id, 0);
        }
        for number in 0..4 {
            let event_id = exercise(world, 1, 110 + number, &[*other]);
            world.milestone(event_id, "notified", 200);
        }
    }
    for _ in secret.times(1) {
        let event_id = exercise(world, 1, 90, &[cast.alone]);
        world.milestone(event_id, "notified", 10);
        world.milestone(event_id, "activated", 257);
    }
}

fn late_supplies_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        (0..2).for_each(|number| world.resource_request(1, *other, 90 + number, 5, Some(60)));
        (0..4).for_each(|number| world.resource_request(1, *other, 1 + number, 5, None));
    }
    for _ in secret.times(1) {
        world.resource_request(1, cast.alone, 90, 5, Some(20_000));
    }
}

fn response_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        for number in 0..4 {
            let event_id = exercise(world, 1, 100 + number, &[*other]);
            world.milestone(event_id, "notified", 280);
        }
    }
    for _ in secret.times(1) {
        let event_id = exercise(world, 1, 90, &[cast.alone]);
        world.milestone(event_id, "notified", 10);
        world.milestone(event_id, "activated", 47);
    }
}

fn supplies_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        (0..4).for_each(|number| world.resource_request(1, *other, 1 + number, 5, None));
    }
    for _ in secret.times(1) {
        world.resource_request(1, cast.alone, 90, 5, Some(20_000));
    }
}

fn closure_of_one(world: &mut World, cast: &Cast, secret: Secret) {
    for other in &cast.others {
        (0..4).for_each(|number| world.action(1, 1, *other, 500, 20, Some(10 + number)));
    }
    for _ in secret.times(1) {
        world.action(1, 1, cast.alone, 500, 20, Some(317));
    }
}

fn shares_of_fewer(world: &mut World, cast: &Cast, secret: Secret) {
    for (at, other) in cast.others.iter().enumerate() {
        for number in 0..3 {
            let event_id = exercise(world, 1, 62 + number, &[*other]);
            world.milestone(event_id, "aar_final", (30 + at as i64) * 24 * 60);
        }
    }
    for _ in secret.times(1) {
        let event_id = exercise(world, 1, 130, &[cast.alone]);
        world.milestone(event_id, "aar_final", 119 * 24 * 60);
    }
}

fn core(world: &mut World, cast: &Cast, secret: Secret) {
    for _ in 0..4 {
        world.organization(1);
    }
    for _ in secret.times(1) {
        exercise(world, 1, 90, &[cast.alone]);
    }
}

fn young_event(world: &mut World, cast: &Cast, secret: Secret) {
    for _ in secret.times(1) {
        let event_id = exercise(world, 1, 10, &[cast.alone]);
        world.milestone(event_id, "aar_final", 6 * 24 * 60);
    }
}

fn not_applicable(world: &mut World, cast: &Cast, secret: Secret) {
    for _ in secret.times(1) {
        world.assessment_of_none(cast.alone, 1, 100, &[1, 2, 3, 4, 5, 6]);
    }
}

fn all_done(world: &mut World, cast: &Cast, secret: Secret) {
    for _ in secret.times(1) {
        world.action(1, 1, cast.alone, 100, 50, Some(10));
    }
}

fn exercises(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(6) {
        exercise(world, 1, 100 + 20 * number, &[cast.alone]);
    }
    for other in &cast.others {
        let canceled_event = exercise(world, 1, 90, &[*other]);
        world.cancel(canceled_event);
    }
}

fn incidents(world: &mut World, cast: &Cast, secret: Secret) {
    for number in secret.times(6) {
        event(world, "INCIDENT", 1, 100 + 20 * number, &[cast.alone]);
    }
    for other in &cast.others {
        world.event(&crate::world::PlantedEvent {
            region: 1,
            kind: "INCIDENT",
            days_ago: 90,
            hazard: 3,
            participants: &[*other],
            public: true,
        });
    }
}

#[rstest]
#[case::timed_responses(response_times, &[rows("response_time"), rows("response_control")])]
#[case::old_ratings(priorities, &[rows("improvement_priority")])]
#[case::old_assessments(coverage, &[rows("hazard_coverage"), rows("risk_profile")])]
#[case::young_reports(timeliness, &[rows("aar_timeliness")])]
#[case::reports_of_canceled_events(information, &[rows("information_response")])]
#[case::closed_actions(forecast, &[rows("action_forecast"), rows("action_backlog"), rows("action_overdue")])]
#[case::no_others(actions, &[
    rows("action_closure"), rows("action_on_time"), rows("action_slippage"), rows("action_overdue"), rows("action_backlog"),
    rows("action_forecast"), rows("action_time_to_close"),
])]
#[case::missing_reports(completeness, &[rows("aar_completeness")])]
#[case::planned_events(gap, &[rows("exercise_incident_gap")])]
#[case::elements(elements, &[rows("poete_mix")])]
#[case::named_organization(named, &[
    rows("capability_performance"), rows("capability_trend"), rows("poete_mix"), rows("repeat_findings"),
])]
#[case::only_hospital(requirements, &[rows("requirement_compliance")])]
#[case::only_rater_of_the_state(state, &[rows("capability_performance"), rows("poete_mix")])]
#[case::gap_of_one(gap_of_one, &[rows("exercise_incident_gap")])]
#[case::one_open_action(one_open_action, &[rows("improvement_priority"), rows("action_overdue"), rows("action_forecast")])]
#[case::open_actions_of_one(open_actions_of_one, &[rows("improvement_priority"), rows("action_overdue")])]
#[case::slippage_of_one(slippage_of_one, &[extras("action_slippage", &["medianMoved"])])]
#[case::inherent_risk_of_one(inherent_risk_of_one, &[extras("risk_profile", &["inherent"])])]
#[case::answered_request_of_one(answered_request_of_one, &[extras("information_response", &["minutesTo90", "reached90"])])]
#[case::hazard_of_one(hazard_of_one, &[extras("hazard_coverage", &["hazards"])])]
#[case::rank_of_one(rank_of_one, &[extras("risk_profile", &["meanRank"])])]
#[case::change_of_one(change_of_one, &[extras("risk_profile", &["change"])])]
#[case::exposure_of_one(exposure_of_one, &[rows("improvement_priority")])]
#[case::median_of_one_report(median_of_one_report, &[extras("aar_timeliness", &["medianDays", "medianLow", "medianHigh"])])]
#[case::closure_among_young_actions(closure_among_young_actions, &[rows("action_time_to_close")])]
#[case::late_closure_of_one(late_closure_of_one, &[value_and_extras("action_time_to_close", &["survival90", "survival180", "survival365"])])]
#[case::early_closures_of_one(early_closures_of_one, &[value_and_extras("action_time_to_close", &["survival365"])])]
#[case::late_report_of_one(late_report_of_one, &[extras("aar_timeliness", &["medianDays", "medianLow", "medianHigh"])])]
#[case::late_response_of_one(late_response_of_one, &[value_and_extras("response_time", &["p90"])])]
#[case::late_supplies_of_one(late_supplies_of_one, &[extras("resource_fill", &["medianMinutes"])])]
#[case::response_of_one(response_of_one, &[rows("response_time")])]
#[case::supplies_of_one(supplies_of_one, &[extras("resource_fill", &["medianMinutes"])])]
#[case::closure_of_one(closure_of_one, &[extras("action_time_to_close", &["curve"])])]
#[case::shares_of_fewer(shares_of_fewer, &[extras("aar_timeliness", &["share90", "share120", "curve"])])]
#[case::core_disciplines_of_one_event(core, &[extras("participation", &["events", "stateCore", "hppCore"])])]
#[case::young_event(young_event, &[rows("aar_timeliness")])]
#[case::no_hazard_applies(not_applicable, &[rows("risk_profile")])]
#[case::all_done(all_done, &[rows("action_forecast"), rows("action_backlog"), rows("action_overdue")])]
#[case::exercises_held(exercises, &[rows("exercise_cadence")])]
#[case::incidents_answered(incidents, &[rows("incident_burden")])]
#[tokio::test(flavor = "multi_thread")]
async fn records_of_one_organization_stay_secret_when_other_records_do_not_count(
    #[case] plant: Plant,
    #[case] claims: &[SecrecyClaim],
) {
    let database = TestDatabase::new().await;
    let [live, without] = with_and_without(plant, database.url()).await;
    let released = released(&live, Rules::default());
    for claim in claims {
        check(claim, &released, &without);
    }
    check_published(&released);
}

/// Loads the warehouse with the secret records, and without them.
async fn with_and_without(plant: Plant, url: &str) -> [Snapshot; 2] {
    let load = async |planted| {
        let mut world = World::default();
        let cast = cast(&mut world);
        backdrop(&mut world, &cast);
        plant(&mut world, &cast, Secret(planted));
        world.load(url).await
    };
    [load(true).await, load(false).await]
}

/// Without the rules about small cells, the change of one organization's risk is published.
#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "risk_profile states change")]
async fn the_change_of_one_organization_shows_without_the_rules_about_small_cells() {
    let database = TestDatabase::new().await;
    let [live, without] = with_and_without(change_of_one, database.url()).await;
    let rules = Rules { minimum_n: false, contributors: false, ..Rules::default() };
    check(&extras("risk_profile", &["change"]), &released(&live, rules), &without);
}

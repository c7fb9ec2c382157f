//! Builds warehouses to attack: random ones, and planted ones in which one region's records come
//! from one organization.

use std::fmt::Write as _;

use hotwash_metrics::Snapshot;
use hotwash_schema::connect::connect;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// As-of day of every release: the last day of a month.
pub const AS_OF: &str = "2026-06-30";
/// Regions of the scheme, by id and code.
pub const REGIONS: [&str; 6] = ["1", "2", "3", "4AB", "4C", "5"];

/// Statements that fill an empty warehouse.
#[derive(Default)]
pub struct World {
    sql: String,
    organizations: usize,
    events: usize,
    actions: usize,
    others: usize,
}

/// Event to plant.
pub struct PlantedEvent<'a> {
    pub region: usize,
    pub kind: &'a str,
    pub days_ago: i64,
    pub hazard: u8,
    pub participants: &'a [usize],
    pub public: bool,
}

impl World {
    /// Plants an organization of a region (1 to 6); returns its id.
    pub fn organization(&mut self, region: usize) -> usize {
        self.organizations += 1;
        let id = self.organizations;
        let _ = writeln!(
            self.sql,
            "insert into warehouse.organization (organization_id, source, source_id, name, \
             normalized_name, region_id, discipline_id) \
             values ({id}, 'hotwash', 'o{id}', 'Organization {id}', 'organization {id}', (select \
             region_id from warehouse.region join warehouse.region_scheme s using \
             (region_scheme_id) where s.code = 'HMCC' and region.code = '{}'), 1 + {id} % 4);",
            REGIONS[region - 1]
        );
        id
    }

    /// Plants an event with its participants; returns its id.
    pub fn event(&mut self, event: &PlantedEvent<'_>) -> usize {
        self.events += 1;
        let id = self.events;
        let day = format!("(date '{AS_OF}' - {})", event.days_ago);
        let sensitivity = if event.public { "PUBLIC" } else { "RESTRICTED" };
        let _ = writeln!(
            self.sql,
            "insert into warehouse.event (event_id, kind, name, start_at, end_at, local_date, \
             end_local_date, owes_aar, hazard_id, sensitivity, source, source_id, batch_id, \
             file_id, source_row, content_hash) \
             values ({id}, '{}', 'E{id}', {day}, {day} + interval '5 hours', {day}, {day}, true, \
             {}, '{sensitivity}', 'hotwash', '{id}', 1, 1, {id}, '\\x00');",
            event.kind, event.hazard
        );
        let _ = match event.kind {
            "EXERCISE" => writeln!(
                self.sql,
                "insert into warehouse.exercise (event_id, exercise_type_id) values ({id}, {});",
                1 + id % 7
            ),
            "INCIDENT" => {
                writeln!(
                    self.sql,
                    "insert into warehouse.incident (event_id, response) values ({id}, \
                     'RESPONDED');"
                )
            }
            _ => Ok(()),
        };
        self.in_region(id, event.region);
        for organization in event.participants {
            let number = self.next();
            let _ = writeln!(
                self.sql,
                "insert into warehouse.participation (event_id, organization_id, role, source, \
                 source_id, batch_id, file_id, source_row, content_hash) \
                 values ({id}, {organization}, 'PLAYER', 'hotwash', 'p{number}', 1, 1, 1, '\\x00');"
            );
        }
        id
    }

    /// Adds a further region to an event.
    pub fn in_region(&mut self, event: usize, region: usize) {
        let _ = writeln!(
            self.sql,
            "insert into warehouse.event_region (event_id, region_id) select {event}, region_id \
             from warehouse.region \
             join warehouse.region_scheme s using (region_scheme_id) where s.code = 'HMCC' and \
             region.code = '{}';",
            REGIONS[region - 1]
        );
    }

    fn next(&mut self) -> usize {
        self.others += 1;
        self.others
    }

    /// Plants a rating (0 to 3 for P, S, M, U), optionally of an organization.
    pub fn rating(
        &mut self,
        event: usize,
        capability: u8,
        rating: usize,
        organization: Option<usize>,
    ) {
        let number = self.next();
        let organization = organization.map_or(-1, |one| one as i64);
        let _ = writeln!(
            self.sql,
            "insert into warehouse.capability_rating (event_id, capability_id, organization_id, \
             rating_scale_id, rating, source, source_id, batch_id, file_id, source_row, \
             content_hash) \
             values ({event}, {capability}, {organization}, 1, '{}', 'hotwash', 'r{number}', 1, 1, \
             1, '\\x00');",
            ["P", "S", "M", "U"][rating]
        );
    }

    /// Cancels an event.
    pub fn cancel(&mut self, event: usize) {
        let _ = writeln!(
            self.sql,
            "update warehouse.event set status = 'CANCELLED' where event_id = {event};"
        );
    }

    /// Sets the discipline of an organization.
    pub fn discipline(&mut self, organization: usize, code: &str) {
        let _ = writeln!(
            self.sql,
            "update warehouse.organization set discipline_id = (select discipline_id from \
             warehouse.discipline where code = '{code}') \
             where organization_id = {organization};"
        );
    }

    /// Plants a request for information that these organizations answered after half an hour.
    pub fn request(&mut self, event: usize, organizations: &[usize]) {
        let number = self.next();
        let _ = writeln!(
            self.sql,
            "insert into warehouse.information_request (information_request_id, event_id, label, \
             asked_at, due_at, source, source_id, batch_id, file_id, source_row, content_hash) \
             select {number}, {event}, 'Request', start_at, start_at + interval '1 hour', \
             'hotwash', 'q{number}', 1, 1, 1, '\\x00' from warehouse.event where event_id = \
             {event};"
        );
        for organization in organizations {
            let _ = writeln!(
                self.sql,
                "insert into warehouse.information_report (information_request_id, \
                 organization_id, received_at) \
                 select {number}, {organization}, asked_at + interval '30 minutes' from \
                 warehouse.information_request where information_request_id = {number};"
            );
        }
    }

    /// Plants an area for improvement with one element, optionally of an organization.
    pub fn area(&mut self, event: usize, capability: u8, element: u8, organization: Option<usize>) {
        let number = self.next();
        let organization = organization.map_or(-1, |one| one as i64);
        let _ = writeln!(
            self.sql,
            "insert into warehouse.finding (finding_id, event_id, kind, capability_id, \
             organization_id, text, source, source_id, batch_id, file_id, source_row, content_hash) \
             values ({number}, {event}, 'AREA_FOR_IMPROVEMENT', {capability}, {organization}, \
             'Area', 'hotwash', 'f{number}', 1, 1, 1, '\\x00'); \
             insert into warehouse.finding_element (finding_id, element_id, weight) values \
             ({number}, {element}, 1);"
        );
    }

    /// Divides the latest area for improvement among its element and another one.
    pub fn also_of_element(&mut self, element: u8) {
        let number = self.others;
        let _ = writeln!(
            self.sql,
            "update warehouse.finding_element set weight = 0.5 where finding_id = {number}; \
             insert into warehouse.finding_element (finding_id, element_id, weight) values \
             ({number}, {element}, 0.5);"
        );
    }

    /// Plants a corrective action with its owner, its opening day, and the days from then to its
    /// due date and completion.
    pub fn action(
        &mut self,
        region: usize,
        capability: u8,
        owner: usize,
        opened: i64,
        due: i64,
        completed: Option<i64>,
    ) {
        self.actions += 1;
        let id = self.actions;
        let day = |after: i64| format!("date '{AS_OF}' - {opened} + {after}");
        let (status, on) = match completed {
            Some(after) => ("COMPLETED", day(after)),
            None => ("OPEN", "null".to_owned()),
        };
        let _ = writeln!(
            self.sql,
            "insert into warehouse.corrective_action (corrective_action_id, region_id, \
             capability_id, owner_organization_id, text, status, opened_on, due_original_on, \
             due_current_on, completed_on, source, source_id, batch_id, file_id, source_row, \
             content_hash) \
             select {id}, region_id, {capability}, {owner}, 'Action', '{status}', {}, {due}, \
             {due}, {on}, 'hotwash', 'a{id}', 1, 1, {id}, '\\x00' from warehouse.region \
             join warehouse.region_scheme s using (region_scheme_id) where s.code = 'HMCC' and \
             region.code = '{}'; \
             insert into warehouse.action_status_history (corrective_action_id, changed_on, \
             sequence, change, status, due_on, batch_id, file_id, source_row) \
             values ({id}, {}, 1, 'OPENED', 'OPEN', {due}, 1, 1, 1);",
            day(0),
            REGIONS[region - 1],
            day(0),
            due = day(due),
        );
        if completed.is_some() {
            let _ = writeln!(
                self.sql,
                "insert into warehouse.action_status_history (corrective_action_id, changed_on, \
                 sequence, change, status, batch_id, file_id, source_row) \
                 values ({id}, {on}, 2, 'COMPLETED', 'COMPLETED', 1, 1, 1);"
            );
        }
    }

    /// Moves the due date of the latest action by some days.
    pub fn move_due_date(&mut self, days: i64) {
        let _ = writeln!(
            self.sql,
            "update warehouse.corrective_action set due_current_on = due_original_on + {days} \
             where corrective_action_id = {};",
            self.actions
        );
    }

    /// Removes the answers to the latest request for information.
    pub fn unanswered(&mut self) {
        let _ = writeln!(
            self.sql,
            "update warehouse.information_report set received_at = null where \
             information_request_id = {};",
            self.others
        );
    }

    /// Removes the inherent risks of the latest risk assessment.
    pub fn without_inherent_risk(&mut self) {
        let _ = writeln!(
            self.sql,
            "update warehouse.risk_score set inherent_risk = null where risk_assessment_id = {};",
            self.others
        );
    }

    /// Removes the ranks of the latest risk assessment.
    pub fn without_ranks(&mut self) {
        let _ = writeln!(
            self.sql,
            "update warehouse.risk_score set rank_in_assessment = null where risk_assessment_id = \
             {};",
            self.others
        );
    }

    /// Plants a request for ten items on a day, and the minutes after which all of them arrived.
    pub fn resource_request(
        &mut self,
        region: usize,
        organization: usize,
        days_ago: i64,
        needed_after: i64,
        filled_after: Option<i64>,
    ) {
        let number = self.next();
        let after =
            |minutes: i64| format!("date '{AS_OF}' - {days_ago} + interval '{minutes} minutes'");
        let (status, filled, at) = match filled_after {
            Some(minutes) => ("FILLED", 10, after(minutes)),
            None => ("OPEN", 0, "null".to_owned()),
        };
        let _ = writeln!(
            self.sql,
            "insert into warehouse.resource_request (resource_request_id, region_id, \
             organization_id, kind, status, quantity_requested, quantity_filled, requested_at, \
             needed_by, filled_at, source, source_id, batch_id, file_id, source_row, content_hash) \
             select {number}, region_id, {organization}, 'masks', '{status}', 10, {filled}, {}, {}, \
             {at}, 'hotwash', 'x{number}', 1, 1, 1, '\\x00' from warehouse.region \
             join warehouse.region_scheme s using (region_scheme_id) where s.code = 'HMCC' and \
             region.code = '{}';",
            after(0),
            after(needed_after),
            REGIONS[region - 1]
        );
    }

    /// Plants a milestone, in minutes after the event's day began.
    pub fn milestone(&mut self, event: usize, code: &str, minutes: i64) {
        let number = self.next();
        let _ = writeln!(
            self.sql,
            "insert into warehouse.milestone (event_id, milestone_type_id, occurred_at, source, \
             source_id, batch_id, file_id, source_row, content_hash) \
             select {event}, milestone_type_id, e.start_at + interval '{minutes} minutes', \
             'hotwash', 'm{number}', 1, 1, 1, '\\x00' \
             from warehouse.milestone_type, warehouse.event e where code = '{code}' and e.event_id \
             = {event};"
        );
    }

    /// Plants a risk assessment in which none of these hazards applies.
    pub fn assessment_of_none(
        &mut self,
        organization: usize,
        region: usize,
        days_ago: i64,
        hazards: &[u8],
    ) {
        let risks: Vec<(u8, f64)> = hazards.iter().map(|hazard| (*hazard, 0.0)).collect();
        self.assessment(organization, region, days_ago, &risks);
        let _ = writeln!(
            self.sql,
            "update warehouse.risk_score set applicable = false, rank_in_assessment = null where \
             risk_assessment_id = {};",
            self.others
        );
    }

    /// Plants a risk assessment with the inherent and residual risks of some hazards.
    pub fn assessment(
        &mut self,
        organization: usize,
        region: usize,
        days_ago: i64,
        hazards: &[(u8, f64)],
    ) {
        let number = self.next();
        let _ = writeln!(
            self.sql,
            "insert into warehouse.risk_assessment (risk_assessment_id, organization_id, \
             region_id, assessment_method_id, assessed_on, source, source_id, batch_id, file_id, \
             source_row, content_hash) \
             select {number}, {organization}, region_id, 1, date '{AS_OF}' - {days_ago}, \
             'hotwash', 'v{number}', 1, 1, 1, '\\x00' from warehouse.region \
             join warehouse.region_scheme s using (region_scheme_id) where s.code = 'HMCC' and \
             region.code = '{}';",
            REGIONS[region - 1]
        );
        for (rank, (hazard, risk)) in hazards.iter().enumerate() {
            let _ = writeln!(
                self.sql,
                "insert into warehouse.risk_score (risk_assessment_id, hazard_id, label, \
                 applicable, risk, inherent_risk, rank_in_assessment, source, source_id, batch_id, \
                 file_id, source_row, content_hash) \
                 values ({number}, {hazard}, 'Hazard', true, {risk}, {risk}, {}, 'hotwash', \
                 's{number}-{hazard}', 1, 1, 1, '\\x00');",
                rank + 1
            );
        }
    }

    /// Creates a random warehouse.
    pub fn random(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut world = Self::default();
        let mut organizations_of_region: Vec<Vec<usize>> = vec![Vec::new(); 7];
        for (region, own) in organizations_of_region.iter_mut().enumerate().skip(1) {
            for _ in 0..random.random_range(1..=6) {
                own.push(world.organization(region));
            }
        }
        for _ in 0..random.random_range(30..90) {
            let region = random.random_range(1..=6);
            let own = &organizations_of_region[region];
            let participants: Vec<usize> =
                own.iter().copied().filter(|_| random.random_bool(0.5)).collect();
            let kind = if random.random_bool(0.6) { "EXERCISE" } else { "INCIDENT" };
            let event = world.event(&PlantedEvent {
                region,
                kind,
                days_ago: random.random_range(0..900),
                hazard: random.random_range(1..6),
                participants: &participants,
                public: random.random_bool(0.1),
            });
            if random.random_bool(0.1) {
                world.in_region(event, region % 6 + 1);
            }
            for _ in 0..random.random_range(0..6) {
                let named = random.random_bool(0.3).then(|| own[random.random_range(0..own.len())]);
                world.rating(event, random.random_range(1..4), random.random_range(0..4), named);
            }
            for _ in 0..random.random_range(0..4) {
                world.area(event, random.random_range(1..4), random.random_range(1..6), None);
            }
            if random.random_bool(0.7) {
                world.milestone(event, "notified", 10);
                if random.random_bool(0.7) {
                    world.milestone(event, "activated", random.random_range(20..200));
                }
            }
            if random.random_bool(0.6) {
                world.milestone(event, "aar_final", random.random_range(10..150) * 24 * 60);
            }
        }
        for _ in 0..random.random_range(40..160) {
            let region = random.random_range(1..=6);
            let own = &organizations_of_region[region];
            let owner = own[random.random_range(0..own.len())];
            let opened = random.random_range(0..900);
            let completed = random.random_bool(0.6).then(|| random.random_range(0..=opened.max(1)));
            world.action(
                region,
                random.random_range(1..4),
                owner,
                opened,
                random.random_range(1..300),
                completed,
            );
        }
        for (region, own) in organizations_of_region.iter().enumerate().skip(1) {
            for organization in own {
                if random.random_bool(0.7) {
                    let hazards: Vec<(u8, f64)> = (1..6)
                        .map(|hazard| (hazard, f64::from(random.random_range(1..100)) / 100.0))
                        .collect();
                    world.assessment(*organization, region, random.random_range(0..900), &hazards);
                }
            }
        }
        world
    }

    /// Loads the records into the warehouse at this address, which is emptied first.
    pub async fn load(&self, url: &str) -> Snapshot {
        let client = connect(url).await.unwrap();
        client
            .batch_execute(
                "truncate warehouse.event, warehouse.corrective_action, \
                 warehouse.risk_assessment, warehouse.resource_request cascade; \
                 delete from warehouse.organization_version where organization_id > 0; \
                 delete from warehouse.organization where organization_id > 0; truncate \
                 meta.release; \
                 insert into meta.batch (tool_version) select 'test' where not exists (select from \
                 meta.batch); \
                 insert into meta.file (batch_id, name, source) select 1, 'r', 'hotwash' where not \
                 exists (select from meta.file);",
            )
            .await
            .unwrap();
        client.batch_execute(&self.sql).await.unwrap();
        Snapshot::load(url).await.unwrap()
    }
}

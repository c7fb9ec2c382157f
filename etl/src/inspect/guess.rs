//! Usual meanings of table headings, by record type.

use crate::template::normalize_heading;

/// A record type and the headings that usually feed its fields.
pub struct Guess {
    /// Record type of a layout.
    pub record: &'static str,
    /// Headings that only such tables have.
    pub signs: &'static [&'static str],
    /// Headings of ids.
    pub ids: &'static [&'static str],
    /// Field with its headings, the most likely first.
    pub fields: &'static [(&'static str, &'static [&'static str])],
    /// Fields whose column contains names of organizations or events.
    pub by_name: &'static [&'static str],
}

const DATES: &[&str] = &[
    "alarm_date_time",
    "alarm_datetime",
    "call_datetime",
    "call_date_time",
    "incident_date_time",
    "date_time",
    "datetime",
    "received_at",
    "received_date",
    "received",
    "started_at",
    "start_at",
    "call_received",
    "alarm_date",
    "call_date",
    "incident_date",
    "event_date",
    "dispatch_date",
    "date_of_incident",
    "start_date",
    "begin_date",
    "date_reported",
    "occurred",
    "occurred_on",
    "start",
    "date",
];
const REGIONS: &[&str] = &[
    "region",
    "regions",
    "coalition_region",
    "coalition",
    "city",
    "town",
    "municipality",
    "community",
];
const DEATHS: &[&str] =
    &["deaths", "fatalities", "civilian_deaths", "deaths_direct", "killed", "fatal"];
const INJURIES: &[&str] = &["injuries", "civilian_injuries", "injured", "injuries_direct"];
const DAMAGE: &[&str] =
    &["property_loss", "property_damage", "dollar_loss", "total_loss", "loss", "damage"];
const OWNERS: &[&str] = &[
    "responsible_organization",
    "responsible_agency",
    "lead_agency",
    "owner",
    "organization",
    "agency",
    "responsible",
    "assigned_to",
];

/// Headings for a time of day whose date is in another column.
pub const START_TIMES: &[&str] = &[
    "alarm_time",
    "call_time",
    "incident_time",
    "dispatch_time",
    "received_time",
    "start_time",
    "begin_time",
    "time",
];
/// Headings for end times.
pub const END_TIMES: &[&str] = &[
    "cleared_time",
    "closed_time",
    "end_time",
    "time_cleared",
    "last_unit_cleared",
    "cleared",
    "controlled_time",
    "in_service",
];

/// All record types that can be guessed.
pub static GUESSES: [Guess; 5] = [
    Guess {
        record: "incidents",
        signs: &[
            "incident_type",
            "call_type",
            "alarm_date",
            "alarm_time",
            "nature",
            "nature_of_call",
            "incident_number",
            "call_number",
            "dispatch_time",
            "call_received",
            "units_responding",
            "incident_name",
            "run_number",
            "call_date",
            "call_time",
        ],
        ids: &[
            "incident_number",
            "incident_no",
            "incident_id",
            "incident",
            "call_number",
            "call_no",
            "call_id",
            "run_number",
            "case_number",
            "cad_number",
            "event_id",
            "event_number",
            "id",
            "number",
        ],
        fields: &[
            (
                "name",
                &[
                    "incident_name",
                    "event_name",
                    "incident_type",
                    "call_type",
                    "nature_of_call",
                    "nature",
                    "type_of_incident",
                    "event_type",
                    "problem",
                    "incident",
                    "event",
                    "title",
                    "type",
                    "description",
                ],
            ),
            ("start_at", DATES),
            ("end_at", &["end_at", "end_date", "closed_at", "cleared_at", "end"]),
            ("regions", REGIONS),
            (
                "hazards",
                &[
                    "hazard",
                    "hazards",
                    "incident_type",
                    "call_type",
                    "nature_of_call",
                    "nature",
                    "type_of_incident",
                    "event_type",
                    "problem",
                    "type",
                    "cause",
                ],
            ),
            ("deaths_direct", DEATHS),
            ("injuries_direct", INJURIES),
            ("damage_property_usd", DAMAGE),
            (
                "patients",
                &["patients", "pt_count", "patient_count", "patients_transported", "transported"],
            ),
            ("evacuated", &["evacuated", "persons_evacuated"]),
        ],
        by_name: &[],
    },
    Guess {
        record: "exercises",
        signs: &[
            "exercise",
            "exercise_name",
            "exercise_type",
            "exercise_date",
            "drill",
            "drill_name",
            "sponsor",
        ],
        ids: &["exercise_id", "exercise_number", "event_id", "id", "number", "no"],
        fields: &[
            (
                "name",
                &[
                    "exercise_name",
                    "drill_name",
                    "exercise",
                    "drill",
                    "event_name",
                    "title",
                    "name",
                ],
            ),
            (
                "start_at",
                &[
                    "exercise_date",
                    "drill_date",
                    "held_on",
                    "held",
                    "start_date",
                    "event_date",
                    "start",
                    "date",
                ],
            ),
            ("end_at", &["end_date", "end"]),
            ("regions", REGIONS),
            ("hazards", &["hazard", "hazards", "threat", "scenario_hazard"]),
            ("exercise_type", &["exercise_type", "type_of_exercise", "drill_type", "type"]),
            (
                "sponsor_organization_id",
                &["sponsor", "sponsoring_organization", "lead_agency", "organization"],
            ),
            ("status", &["status"]),
        ],
        by_name: &["sponsor_organization_id"],
    },
    Guess {
        record: "actions",
        signs: &[
            "corrective_action",
            "action_item",
            "due_date",
            "action",
            "recommendation",
            "responsible_organization",
            "target_date",
            "task",
        ],
        ids: &["action_id", "action_number", "item_number", "item", "id", "number", "no"],
        fields: &[
            (
                "text",
                &[
                    "corrective_action",
                    "action_item",
                    "action",
                    "recommendation",
                    "task",
                    "improvement",
                    "description",
                ],
            ),
            (
                "event_id",
                &["event_id", "exercise_id", "incident_id", "event", "exercise", "incident"],
            ),
            ("owner_organization_id", OWNERS),
            ("status", &["status", "state", "progress"]),
            ("priority", &["priority"]),
            (
                "opened_on",
                &[
                    "opened_on",
                    "date_opened",
                    "opened",
                    "created",
                    "date_created",
                    "date_identified",
                    "start_date",
                    "date",
                ],
            ),
            ("due_on", &["due_on", "due_date", "target_date", "target", "deadline", "due"]),
            (
                "completed_on",
                &["completed_on", "completion_date", "date_completed", "completed", "closed_on"],
            ),
            ("region", &["region", "coalition_region"]),
            ("capability", &["capability", "core_capability"]),
        ],
        by_name: &["owner_organization_id"],
    },
    Guess {
        record: "ratings",
        signs: &["rating", "capability", "core_capability", "score", "psmu", "performance_rating"],
        ids: &["rating_id"],
        fields: &[
            (
                "event_id",
                &["event_id", "exercise_id", "event", "exercise", "exercise_name", "event_name"],
            ),
            ("capability", &["capability", "core_capability", "target_capability"]),
            ("rating", &["rating", "performance_rating", "score", "psmu", "result"]),
            ("organization_id", &["organization_id", "organization", "agency", "facility"]),
            ("subject", &["objective", "target", "subject"]),
            ("framework", &["framework"]),
        ],
        by_name: &["organization_id"],
    },
    Guess {
        record: "risks",
        signs: &[
            "likelihood",
            "impact",
            "risk",
            "risk_description",
            "risk_score",
            "severity",
            "consequence",
            "hazard",
            "probability",
        ],
        ids: &[],
        fields: &[
            (
                "hazard",
                &[
                    "hazard",
                    "risk",
                    "risk_name",
                    "risk_description",
                    "threat",
                    "risk_title",
                    "title",
                ],
            ),
            ("category", &["category", "risk_category", "type"]),
            ("likelihood", &["likelihood", "probability", "likelihood_score"]),
            ("impact", &["impact", "severity", "consequence", "impact_score"]),
            ("organization_id", &["organization", "agency", "facility", "department"]),
            (
                "assessed_on",
                &[
                    "assessed_on",
                    "assessment_date",
                    "date_assessed",
                    "review_date",
                    "reviewed",
                    "date",
                ],
            ),
        ],
        by_name: &["organization_id"],
    },
];

/// Returns a heading for comparison, without text in brackets: `Likelihood (1-5)` becomes
/// `likelihood`.
pub fn plain(heading: &str) -> String {
    let outside =
        heading.split(['(', '[']).next().filter(|text| !text.trim().is_empty()).unwrap_or(heading);
    let last = outside.rsplit('.').next().unwrap_or(outside);
    normalize_heading(&last.replace('#', " number ").replace('$', " "))
}

impl Guess {
    /// Returns the evidence for this record type.
    pub fn weight(&self, headings: &[String]) -> usize {
        let has = |known: &&str| headings.iter().any(|heading| plain(heading) == *known);
        let fields = self.fields.iter().filter(|(_, names)| names.iter().any(&has)).count();
        fields + 2 * self.signs.iter().filter(|sign| has(sign)).count()
    }

    /// Returns the column of a field.
    pub fn column(names: &[&str], headings: &[String]) -> Option<usize> {
        names.iter().find_map(|name| headings.iter().position(|heading| plain(heading) == *name))
    }
}

/// Returns how many of these texts can be headings of any record type.
pub fn known(headings: &[String]) -> usize {
    GUESSES.iter().map(|guess| guess.weight(headings)).max().unwrap_or_default()
}

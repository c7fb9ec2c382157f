//! The templates, column by column. Their example rows refer to each other. They load in this order
//! once they have real ids.

use super::ColumnKind::{Choice, Date, Identifier, Integer, List, Moment, Number, Text, YesNo};
use super::{Template, TemplateColumn};

const fn column(
    heading: &'static str,
    kind: super::ColumnKind,
    about: &'static str,
    example: &'static str,
) -> TemplateColumn {
    TemplateColumn::new(heading, kind, about, example)
}

/// Prefix of ids in example rows; rows that still have it are rejected.
pub const EXAMPLE_ID: &str = "EXAMPLE-";

/// All templates, in the recommended order of loading.
pub const TEMPLATES: &[Template] = &[
    ORGANIZATIONS,
    EVENTS,
    PARTICIPATION,
    RATINGS,
    FINDINGS,
    ACTIONS,
    RISK_SCORES,
    MILESTONES,
    RESOURCE_REQUESTS,
    INFORMATION_REQUESTS,
];

const FRAMEWORKS: &[&str] = &["PHEP", "HPP", "HPP-2012", "FEMA", "TCL"];
const SENSITIVITIES: &[&str] = &["RESTRICTED", "PUBLIC"];
const SCORES: &[&str] = &["0", "1", "2", "3"];

const FRAMEWORK: TemplateColumn = column(
    "framework",
    Choice,
    "Capability framework; may be empty if the capability's name implies it",
    "PHEP",
)
.one_of(FRAMEWORKS);
const CAPABILITY: TemplateColumn =
    column("capability", Text, "Capability by number or name", "10 Medical Surge").required();
const ELEMENTS: TemplateColumn = column(
    "elements",
    List,
    "Capability elements: planning, organization, equipment, training, exercises",
    "planning; training",
);

const ORGANIZATIONS: Template = Template {
    name: "organizations",
    about: "One organization of the coalition per row.",
    columns: &[
        column(
            "organization_id",
            Identifier,
            "Organization ID, used in the other templates",
            "EXAMPLE-ORG-1",
        )
        .required(),
        column("name", Text, "Name of the organization", "Example Valley Hospital").required(),
        column(
            "discipline",
            Text,
            "Discipline code or name, e.g. acute_care_hospital, long_term_care",
            "acute_care_hospital",
        )
        .required(),
        column("region", Text, "Region code, e.g. 1 or 4AB", "1").required(),
        column("municipality", Text, "City or town where it is located", "Greenfield"),
        column("staffed_beds", Integer, "Staffed beds", "120"),
        column("active", YesNo, "Still operating; yes if empty", "yes"),
    ],
};

const EVENTS: Template = Template {
    name: "events",
    about: "One incident, exercise or planned event per row.",
    columns: &[
        column("event_id", Identifier, "Event ID, used in the other templates", "EXAMPLE-EVENT-1")
            .required(),
        column("kind", Choice, "Kind of event", "exercise").required().one_of(&[
            "incident",
            "exercise",
            "planned_event",
        ]),
        column("name", Text, "Name of the event", "Example surge functional exercise").required(),
        column(
            "start_at",
            Moment,
            "Start; local time in time_zone unless it has an offset",
            "2025-03-14 09:00",
        )
        .required(),
        column("end_at", Moment, "End; empty while it is ongoing", "2025-03-14 13:30"),
        column(
            "time_zone",
            Text,
            "Time zone of local times; that of the county or the state if empty",
            "America/Chicago",
        ),
        column("status", Choice, "Status; HELD if empty", "HELD").one_of(&[
            "PLANNED",
            "HELD",
            "CANCELLED",
        ]),
        column("regions", List, "Region codes; leave empty if statewide is yes", "1"),
        column(
            "counties",
            List,
            "Counties by FIPS code or name; they decide regions and time zone left empty",
            "",
        ),
        column("statewide", YesNo, "Affects the entire state", "no"),
        column(
            "hazards",
            List,
            "Hazards, the primary one first",
            "mass_casualty_trauma; patient_surge",
        ),
        column(
            "sensitivity",
            Choice,
            "PUBLIC, or RESTRICTED to the participating regions; RESTRICTED if empty",
            "RESTRICTED",
        )
        .one_of(SENSITIVITIES),
        column(
            "owes_aar",
            YesNo,
            "An after-action report is due; if empty, yes for exercises and incidents with a \
             response",
            "yes",
        ),
        column(
            "narrative",
            Text,
            "What happened",
            "Functional exercise of regional patient distribution with four hospitals.",
        ),
        column("exercise_type", Choice, "Exercises: type", "FE")
            .one_of(&["SEM", "WKS", "TTX", "GAME", "DRL", "FE", "FSE"]),
        column(
            "sponsor_organization_id",
            Identifier,
            "Exercises: ID of the sponsoring organization",
            "EXAMPLE-ORG-1",
        ),
        column("program", Text, "Exercises: grant program that requires it, e.g. HPP", "HPP"),
        column(
            "scope",
            Text,
            "Exercises: scope",
            "Four hours in four facilities; movement of patients simulated.",
        ),
        column(
            "scenario",
            Text,
            "Exercises: scenario",
            "A bus accident brings 60 injured persons to the region's hospitals.",
        ),
        column(
            "time_limit_minutes",
            Integer,
            "Exercises: time limit for its targets, in minutes",
            "240",
        ),
        column("response", Choice, "Incidents: response of the coalition", "").one_of(&[
            "NONE",
            "MONITORED",
            "RESPONDED",
        ]),
        column("activation_level", Text, "Incidents: none, monitoring, partial or full", ""),
        column("deaths_direct", Integer, "Incidents: direct deaths", ""),
        column("injuries_direct", Integer, "Incidents: people directly injured", ""),
        column("damage_property_usd", Integer, "Incidents: property damage in US dollars", ""),
        column("evacuated", Integer, "Incidents: people evacuated", ""),
        column("patients", Integer, "Incidents: patients", ""),
        column("hospitals_involved", Integer, "Incidents: hospitals involved", ""),
    ],
};

const PARTICIPATION: Template = Template {
    name: "participation",
    about: "One organization's participation in one event per row.",
    columns: &[
        column(
            "participation_id",
            Identifier,
            "Row ID; if empty, made from event, organization and role",
            "",
        ),
        column("event_id", Identifier, "Event ID", "EXAMPLE-EVENT-1").required(),
        column("organization_id", Identifier, "Organization ID", "EXAMPLE-ORG-1").required(),
        column("role", Choice, "Role in the event", "player").required().one_of(&[
            "player",
            "controller",
            "evaluator",
            "observer",
            "sponsor",
            "responder",
        ]),
        column("executive_present", YesNo, "An executive took part", "yes"),
        column("participant_count", Integer, "Number of participants", "24"),
    ],
};

const RATINGS: Template = Template {
    name: "ratings",
    about: "One rating of one capability in one event per row.",
    columns: &[
        column(
            "rating_id",
            Identifier,
            "Rating ID; if empty, made from event, capability, organization, level and subject",
            "",
        ),
        column("event_id", Identifier, "Event ID", "EXAMPLE-EVENT-1").required(),
        FRAMEWORK,
        CAPABILITY,
        column(
            "organization_id",
            Identifier,
            "ID of the rated organization; empty for the entire event",
            "",
        ),
        column("level", Choice, "What is rated; CAPABILITY if empty", "CAPABILITY").one_of(&[
            "CAPABILITY",
            "TARGET",
            "TASK",
        ]),
        column(
            "subject",
            Text,
            "Objective, target or task rated",
            "Place 60 patients within four hours.",
        ),
        column("scale", Choice, "Rating scale; PSMU if empty", "PSMU").one_of(&["PSMU", "FPN"]),
        column("rating", Text, "P, S, M or U (or FULLY, PARTIALLY, NOT); NOT_OBSERVED", "S")
            .required(),
        column(
            "note",
            Text,
            "Explanation of the rating",
            "All patients were placed; two transfers waited for transport.",
        ),
    ],
};

const FINDINGS: Template = Template {
    name: "findings",
    about: "One strength or area for improvement of one event per row.",
    columns: &[
        column(
            "finding_id",
            Identifier,
            "Finding ID, used in the template actions",
            "EXAMPLE-FINDING-1",
        )
        .required(),
        column("event_id", Identifier, "Event ID", "EXAMPLE-EVENT-1").required(),
        column("number", Integer, "Number within the event", "1"),
        column("kind", Choice, "Kind of finding", "AREA_FOR_IMPROVEMENT")
            .required()
            .one_of(&["STRENGTH", "AREA_FOR_IMPROVEMENT"]),
        FRAMEWORK,
        column("capability", Text, "Capability by number or name", "10 Medical Surge"),
        column(
            "organization_id",
            Identifier,
            "ID of the organization concerned; empty for the entire event",
            "",
        ),
        ELEMENTS,
        column(
            "text",
            Text,
            "The observation",
            "Transport assumptions of two surge plans rest on the same ambulances.",
        )
        .required(),
        column(
            "reference",
            Text,
            "Plan, policy or procedure it refers to",
            "Regional Medical Surge Plan, section 5",
        ),
        column("analysis", Text, "Analysis or root cause", "Each plan was reviewed by itself."),
        column("recommendation", Text, "Recommendation", "Compare the plans of all members."),
    ],
};

const ACTIONS: Template = Template {
    name: "actions",
    about: "One corrective action of an improvement plan per row.",
    columns: &[
        column("action_id", Identifier, "Action ID", "EXAMPLE-ACTION-1").required(),
        column("event_id", Identifier, "ID of the event it came from", "EXAMPLE-EVENT-1"),
        column("finding_id", Identifier, "ID of the finding it addresses", "EXAMPLE-FINDING-1"),
        column("region", Text, "Responsible region; if empty, the owner's, else the event's", "1"),
        FRAMEWORK,
        column("capability", Text, "Capability by number or name", "10 Medical Surge"),
        column(
            "owner_organization_id",
            Identifier,
            "ID of the responsible organization",
            "EXAMPLE-ORG-1",
        ),
        ELEMENTS,
        column(
            "text",
            Text,
            "What must be done",
            "Compare transport assumptions of all surge plans and publish the conflicts.",
        )
        .required(),
        column("priority", Choice, "Priority", "HIGH").one_of(&["HIGH", "MEDIUM", "LOW"]),
        column("status", Choice, "Current status", "IN_PROGRESS").required().one_of(&[
            "PROPOSED",
            "OPEN",
            "IN_PROGRESS",
            "COMPLETED",
            "VALIDATED",
            "DEFERRED",
            "CANCELLED",
        ]),
        column("opened_on", Date, "Date it was opened", "2025-04-10").required(),
        column("start_on", Date, "Planned start date", "2025-04-15"),
        column("due_original_on", Date, "First due date", "2025-09-30"),
        column("due_on", Date, "Current due date; the first due date if empty", "2025-12-31"),
        column("due_changed_on", Date, "Date on which the due date last changed", "2025-09-15"),
        column("completed_on", Date, "Date it was completed", ""),
        column("cancelled_on", Date, "Date it was canceled", ""),
        column("validated_on", Date, "Date a later event validated it", ""),
        column("validated_event_id", Identifier, "ID of the event that validated it", ""),
        column(
            "reported_on",
            Date,
            "Date the row describes; the latest date in the row if empty",
            "",
        ),
        column(
            "sensitivity",
            Choice,
            "PUBLIC, or RESTRICTED to its region even if its event is shared, statewide or public; \
             RESTRICTED if empty",
            "RESTRICTED",
        )
        .one_of(SENSITIVITIES),
    ],
};

const RISK_SCORES: Template = Template {
    name: "risk_scores",
    about: "One hazard in one organization's hazard vulnerability assessment per row.",
    columns: &[
        column(
            "assessment_id",
            Identifier,
            "Assessment ID; the same in all rows of the assessment",
            "EXAMPLE-HVA-1",
        )
        .required(),
        column("organization_id", Identifier, "ID of the assessing organization", "EXAMPLE-ORG-1")
            .required(),
        column("assessed_on", Date, "Date of the assessment", "2025-10-01").required(),
        column("method", Choice, "Method; kaiser_hva if empty", "kaiser_hva").one_of(&[
            "kaiser_hva",
            "ashe",
            "matrix",
            "regional",
        ]),
        column("edition", Text, "Edition of the form", "2017"),
        column("hazard", Text, "Hazard as the form names it", "Ice Storm").required(),
        column("category", Text, "Category as the form names it", "Natural"),
        column("probability", Integer, "0 not applicable, 1 low, 2 moderate, 3 high", "2")
            .one_of(SCORES),
        column("human_impact", Integer, "Death or injury, 0 to 3", "1").one_of(SCORES),
        column("property_impact", Integer, "Physical losses, 0 to 3", "2").one_of(SCORES),
        column("business_impact", Integer, "Interruption of services, 0 to 3", "2").one_of(SCORES),
        column("preparedness", Integer, "Preplanning: 1 high to 3 low or none", "1").one_of(SCORES),
        column("internal_response", Integer, "Internal response: 1 high to 3 low or none", "2")
            .one_of(SCORES),
        column("external_response", Integer, "Community response: 1 high to 3 low or none", "2")
            .one_of(SCORES),
        column("alerts", Integer, "Alerts during the year", "3"),
        column("activations", Integer, "Activations during the year", "1"),
        column(
            "likelihood",
            Number,
            "Risk registers: likelihood on their own scale, instead of probability",
            "",
        ),
        column(
            "impact",
            Number,
            "Risk registers: impact on the same scale; risk is likelihood times impact, as a share \
             of \
             the maximum",
            "",
        ),
        column("scale_maximum", Number, "Risk registers: highest score of that scale, e.g. 5", ""),
        column(
            "risk_printed",
            Number,
            "Risk printed on the form, 0 to 1; recomputed on loading",
            "",
        ),
        column(
            "sensitivity",
            Choice,
            "PUBLIC, or RESTRICTED to its region; RESTRICTED if empty",
            "RESTRICTED",
        )
        .one_of(SENSITIVITIES),
    ],
};

const MILESTONES: Template = Template {
    name: "milestones",
    about: "One time stamp of an event per row.",
    columns: &[
        column(
            "milestone_id",
            Identifier,
            "Time stamp ID; if empty, made from event, milestone and organization",
            "",
        ),
        column("event_id", Identifier, "Event ID", "EXAMPLE-EVENT-1").required(),
        column(
            "milestone",
            Text,
            "notified, acknowledged, activated, first_sitrep, eei_collected, resource_requested, \
             resource_filled, demobilized, hotwash_held, aar_draft, aar_final and others",
            "aar_final",
        )
        .required(),
        column(
            "occurred_at",
            Moment,
            "Date and time; Eastern time unless it has an offset",
            "2025-05-02 12:00",
        )
        .required(),
        column("precision", Choice, "Precision of the time; minute if empty", "day")
            .one_of(&["minute", "hour", "day"]),
        column("organization_id", Identifier, "ID of the organization concerned, if any", ""),
    ],
};

const RESOURCE_REQUESTS: Template = Template {
    name: "resource_requests",
    about: "One line of a resource request (ICS-213RR) per row.",
    columns: &[
        column("resource_request_id", Identifier, "Request line ID", "EXAMPLE-REQUEST-1")
            .required(),
        column("event_id", Identifier, "Event ID", "EXAMPLE-EVENT-1"),
        column("region", Text, "Requesting region", "1"),
        column("organization_id", Identifier, "ID of the requesting organization", "EXAMPLE-ORG-1"),
        column("resource", Text, "Generic kind of resource", "Ambulance, basic life support")
            .required(),
        column("priority", Choice, "Priority", "URGENT").one_of(&["URGENT", "ROUTINE", "LOW"]),
        column("status", Choice, "Status; OPEN if empty", "FILLED").one_of(&[
            "OPEN",
            "FILLED",
            "PARTIAL",
            "CANCELLED",
        ]),
        column("quantity_requested", Number, "Quantity requested", "6").required(),
        column("quantity_filled", Number, "Quantity delivered", "6"),
        column("requested_at", Moment, "Date and time of the request", "2025-03-14 09:40")
            .required(),
        column("needed_by", Moment, "Date and time by which it was needed", "2025-03-14 11:00"),
        column("assigned_at", Moment, "Date and time it was assigned", "2025-03-14 09:55"),
        column("filled_at", Moment, "Date and time the last item arrived", "2025-03-14 10:50"),
    ],
};

const INFORMATION_REQUESTS: Template = Template {
    name: "information_requests",
    about: "One organization in one request for essential elements of information per row.",
    columns: &[
        column(
            "information_request_id",
            Identifier,
            "Request ID; the same for all organizations in the request",
            "EXAMPLE-EEI-1",
        )
        .required(),
        column("event_id", Identifier, "Event ID", "EXAMPLE-EVENT-1").required(),
        column("label", Text, "Information requested", "Available beds by type").required(),
        column("platform", Text, "Platform of the request", "web form"),
        column("asked_at", Moment, "Date and time of the request", "2025-03-14 09:15").required(),
        column("due_at", Moment, "Date and time the answer was due", "2025-03-14 10:15"),
        column(
            "organization_id",
            Identifier,
            "ID of the organization that must answer",
            "EXAMPLE-ORG-1",
        )
        .required(),
        column(
            "received_at",
            Moment,
            "Date and time of its answer; empty if none",
            "2025-03-14 09:50",
        ),
    ],
};

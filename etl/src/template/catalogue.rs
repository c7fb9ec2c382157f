//! The templates, column by column. Their example rows refer to each other, and load in this order
//! once they have ids of their own.

use super::ColumnKind::{Choice, Date, Identifier, Integer, List, Moment, Number, Text, YesNo};
use super::{Column, Template};

const fn column(
    heading: &'static str,
    kind: super::ColumnKind,
    about: &'static str,
    example: &'static str,
) -> Column {
    Column::new(heading, kind, about, example)
}

/// Beginning of the ids of example rows: a row that still bears one is rejected.
pub const EXAMPLE_ID: &str = "EXAMPLE-";

/// Every template, in the order in which their files are best loaded.
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

const FRAMEWORK: Column = column(
    "framework",
    Choice,
    "Capability framework; may stay empty when the capability's name says it",
    "PHEP",
)
.one_of(FRAMEWORKS);
const CAPABILITY: Column =
    column("capability", Text, "Capability by number or name", "10 Medical Surge").required();
const ELEMENTS: Column = column(
    "elements",
    List,
    "Capability elements: planning, organization, equipment, training, exercises",
    "planning; training",
);

const ORGANIZATIONS: Template = Template {
    name: "organizations",
    about: "One row is one organisation of the coalition.",
    columns: &[
        column(
            "organization_id",
            Identifier,
            "Id of the organisation, used in the other templates",
            "EXAMPLE-ORG-1",
        )
        .required(),
        column("name", Text, "Name of the organisation", "Example Valley Hospital").required(),
        column(
            "discipline",
            Text,
            "Kind of organisation, code or name, e.g. acute_care_hospital, long_term_care",
            "acute_care_hospital",
        )
        .required(),
        column("region", Text, "Region code, e.g. 1 or 4AB", "1").required(),
        column("municipality", Text, "City or town of its seat", "Greenfield"),
        column("staffed_beds", Integer, "Staffed beds", "120"),
        column("active", YesNo, "Still in operation; yes when empty", "yes"),
    ],
};

const EVENTS: Template = Template {
    name: "events",
    about: "One row is one incident, exercise or planned event.",
    columns: &[
        column(
            "event_id",
            Identifier,
            "Id of the event, used in the other templates",
            "EXAMPLE-EVENT-1",
        )
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
        column("end_at", Moment, "End; empty when it is not over", "2025-03-14 13:30"),
        column(
            "time_zone",
            Text,
            "Zone of local times, e.g. America/New_York, which is assumed when empty",
            "America/New_York",
        ),
        column("status", Choice, "HELD when empty", "HELD").one_of(&[
            "PLANNED",
            "HELD",
            "CANCELLED",
        ]),
        column("regions", List, "Region codes; empty with statewide = yes", "1"),
        column("statewide", YesNo, "Concerns the whole state", "no"),
        column(
            "hazards",
            List,
            "Hazards, the primary one first",
            "mass_casualty_trauma; patient_surge",
        ),
        column(
            "sensitivity",
            Choice,
            "RESTRICTED to the regions taking part when empty",
            "RESTRICTED",
        )
        .one_of(SENSITIVITIES),
        column(
            "owes_aar",
            YesNo,
            "An after-action report is owed; when empty: yes for exercises and for incidents \
             responded to",
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
            "Exercises: organisation that sponsors it",
            "EXAMPLE-ORG-1",
        ),
        column("programme", Text, "Exercises: programme that asks for it, e.g. HPP", "HPP"),
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
        column("response", Choice, "Incidents: what the coalition did", "").one_of(&[
            "NONE",
            "MONITORED",
            "RESPONDED",
        ]),
        column("activation_level", Text, "Incidents: none, monitoring, partial or full", ""),
        column("deaths_direct", Integer, "Incidents: deaths", ""),
        column("injuries_direct", Integer, "Incidents: injured persons", ""),
        column("damage_property_usd", Integer, "Incidents: property damage in US dollars", ""),
        column("evacuated", Integer, "Incidents: persons evacuated", ""),
        column("patients", Integer, "Incidents: patients", ""),
        column("hospitals_involved", Integer, "Incidents: hospitals involved", ""),
    ],
};

const PARTICIPATION: Template = Template {
    name: "participation",
    about: "One row is one organisation taking part in one event.",
    columns: &[
        column(
            "participation_id",
            Identifier,
            "Id of the row; when empty: event and organisation and role",
            "",
        ),
        column("event_id", Identifier, "The event", "EXAMPLE-EVENT-1").required(),
        column("organization_id", Identifier, "The organisation", "EXAMPLE-ORG-1").required(),
        column("role", Choice, "What it did", "player").required().one_of(&[
            "player",
            "controller",
            "evaluator",
            "observer",
            "sponsor",
            "responder",
        ]),
        column("executive_present", YesNo, "An executive took part", "yes"),
        column("participant_count", Integer, "How many people took part", "24"),
    ],
};

const RATINGS: Template = Template {
    name: "ratings",
    about: "One row is one rating of one capability in one event.",
    columns: &[
        column(
            "rating_id",
            Identifier,
            "Id of the rating; when empty: event, capability, organisation, level and subject",
            "",
        ),
        column("event_id", Identifier, "The event", "EXAMPLE-EVENT-1").required(),
        FRAMEWORK,
        CAPABILITY,
        column("organization_id", Identifier, "Organisation rated; empty for the whole event", ""),
        column("level", Choice, "What is rated; CAPABILITY when empty", "CAPABILITY").one_of(&[
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
        column("scale", Choice, "Rating scale; PSMU when empty", "PSMU").one_of(&["PSMU", "FPN"]),
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
    about: "One row is one strength or area for improvement of one event.",
    columns: &[
        column(
            "finding_id",
            Identifier,
            "Id of the finding, used in the template actions",
            "EXAMPLE-FINDING-1",
        )
        .required(),
        column("event_id", Identifier, "The event", "EXAMPLE-EVENT-1").required(),
        column("number", Integer, "Number within the event", "1"),
        column("kind", Choice, "Kind of finding", "AREA_FOR_IMPROVEMENT")
            .required()
            .one_of(&["STRENGTH", "AREA_FOR_IMPROVEMENT"]),
        FRAMEWORK,
        column("capability", Text, "Capability by number or name", "10 Medical Surge"),
        column(
            "organization_id",
            Identifier,
            "Organisation it is about; empty for the whole event",
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
            "Plan, policy or procedure referred to",
            "Regional Medical Surge Plan, section 5",
        ),
        column("analysis", Text, "Analysis or root cause", "Each plan was reviewed by itself."),
        column("recommendation", Text, "Recommendation", "Compare the plans of all members."),
    ],
};

const ACTIONS: Template = Template {
    name: "actions",
    about: "One row is one corrective action of an improvement plan.",
    columns: &[
        column("action_id", Identifier, "Id of the action", "EXAMPLE-ACTION-1").required(),
        column("event_id", Identifier, "Event it came from", "EXAMPLE-EVENT-1"),
        column("finding_id", Identifier, "Finding it answers", "EXAMPLE-FINDING-1"),
        column(
            "region",
            Text,
            "Region that owes it; when empty: the owner's, else the event's",
            "1",
        ),
        FRAMEWORK,
        column("capability", Text, "Capability by number or name", "10 Medical Surge"),
        column("owner_organization_id", Identifier, "Organisation responsible", "EXAMPLE-ORG-1"),
        ELEMENTS,
        column(
            "text",
            Text,
            "What is to be done",
            "Compare transport assumptions of all surge plans and publish the conflicts.",
        )
        .required(),
        column("priority", Choice, "Priority", "HIGH").one_of(&["HIGH", "MEDIUM", "LOW"]),
        column("status", Choice, "Present status", "IN_PROGRESS").required().one_of(&[
            "PROPOSED",
            "OPEN",
            "IN_PROGRESS",
            "COMPLETED",
            "VALIDATED",
            "DEFERRED",
            "CANCELLED",
        ]),
        column("opened_on", Date, "Day it was opened", "2025-04-10").required(),
        column("start_on", Date, "Day work was to start", "2025-04-15"),
        column("due_original_on", Date, "First due date", "2025-09-30"),
        column("due_on", Date, "Present due date; the first when empty", "2025-12-31"),
        column("due_changed_on", Date, "Day the due date was moved last", "2025-09-15"),
        column("completed_on", Date, "Day it was completed", ""),
        column("cancelled_on", Date, "Day it was cancelled", ""),
        column("validated_on", Date, "Day its effect was proved", ""),
        column("validated_event_id", Identifier, "Event that proved it", ""),
        column(
            "reported_on",
            Date,
            "Day the row speaks for; the latest of its days when empty",
            "",
        ),
        column(
            "sensitivity",
            Choice,
            "PUBLIC, or RESTRICTED to its region even if its event is shared, statewide or public; \
             RESTRICTED when empty",
            "RESTRICTED",
        )
        .one_of(SENSITIVITIES),
    ],
};

const RISK_SCORES: Template = Template {
    name: "risk_scores",
    about: "One row is one hazard within one organisation's hazard vulnerability analysis.",
    columns: &[
        column(
            "assessment_id",
            Identifier,
            "Id of the assessment; the same in all its rows",
            "EXAMPLE-HVA-1",
        )
        .required(),
        column("organization_id", Identifier, "Organisation that assessed", "EXAMPLE-ORG-1")
            .required(),
        column("assessed_on", Date, "Day of the assessment", "2025-10-01").required(),
        column("method", Choice, "Method; kaiser_hva when empty", "kaiser_hva").one_of(&[
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
        column("internal_response", Integer, "Own response: 1 high to 3 low or none", "2")
            .one_of(SCORES),
        column("external_response", Integer, "Community response: 1 high to 3 low or none", "2")
            .one_of(SCORES),
        column("alerts", Integer, "Alerts in the year", "3"),
        column("activations", Integer, "Activations in the year", "1"),
        column(
            "likelihood",
            Number,
            "Risk registers: likelihood on a scale of its own, instead of probability",
            "",
        ),
        column(
            "impact",
            Number,
            "Risk registers: impact on the same scale; risk is their product as a share",
            "",
        ),
        column("scale_maximum", Number, "Risk registers: highest score of that scale, e.g. 5", ""),
        column(
            "risk_printed",
            Number,
            "Risk as the form printed it, 0 to 1; recomputed on loading",
            "",
        ),
        column("sensitivity", Choice, "RESTRICTED to its region when empty", "RESTRICTED")
            .one_of(SENSITIVITIES),
    ],
};

const MILESTONES: Template = Template {
    name: "milestones",
    about: "One row is one time stamp in the life of an event.",
    columns: &[
        column(
            "milestone_id",
            Identifier,
            "Id of the stamp; when empty: event, milestone and \
            organisation",
            "",
        ),
        column("event_id", Identifier, "The event", "EXAMPLE-EVENT-1").required(),
        column(
            "milestone",
            Text,
            "notified, acknowledged, activated, first_sitrep, eei_collected, resource_requested, \
             resource_filled, demobilised, hotwash_held, aar_draft, aar_final and others",
            "aar_final",
        )
        .required(),
        column(
            "occurred_at",
            Moment,
            "When; Eastern time unless it has an offset",
            "2025-05-02 \
            12:00",
        )
        .required(),
        column("precision", Choice, "How exactly it is known; minute when empty", "day")
            .one_of(&["minute", "hour", "day"]),
        column("organization_id", Identifier, "Organisation it is about, if one", ""),
    ],
};

const RESOURCE_REQUESTS: Template = Template {
    name: "resource_requests",
    about: "One row is one line of a resource request (ICS-213RR).",
    columns: &[
        column("resource_request_id", Identifier, "Id of the request line", "EXAMPLE-REQUEST-1")
            .required(),
        column("event_id", Identifier, "The event", "EXAMPLE-EVENT-1"),
        column("region", Text, "Region that asked", "1"),
        column("organization_id", Identifier, "Organisation that asked", "EXAMPLE-ORG-1"),
        column("resource", Text, "Kind of resource, generic", "Ambulance, basic life support")
            .required(),
        column("priority", Choice, "Priority", "URGENT").one_of(&["URGENT", "ROUTINE", "LOW"]),
        column("status", Choice, "OPEN when empty", "FILLED").one_of(&[
            "OPEN",
            "FILLED",
            "PARTIAL",
            "CANCELLED",
        ]),
        column("quantity_requested", Number, "Quantity asked for", "6").required(),
        column("quantity_filled", Number, "Quantity delivered", "6"),
        column("requested_at", Moment, "When it was asked for", "2025-03-14 09:40").required(),
        column("needed_by", Moment, "When it was needed", "2025-03-14 11:00"),
        column("assigned_at", Moment, "When it was assigned", "2025-03-14 09:55"),
        column("filled_at", Moment, "When the last of it arrived", "2025-03-14 10:50"),
    ],
};

const INFORMATION_REQUESTS: Template = Template {
    name: "information_requests",
    about: "One row is one organisation asked in one request for essential elements of \
        information.",
    columns: &[
        column(
            "information_request_id",
            Identifier,
            "Id of the request; the same for all organisations asked",
            "EXAMPLE-EEI-1",
        )
        .required(),
        column("event_id", Identifier, "The event", "EXAMPLE-EVENT-1").required(),
        column("label", Text, "What was asked for", "Available beds by type").required(),
        column("platform", Text, "How it was asked", "web form"),
        column("asked_at", Moment, "When it was asked", "2025-03-14 09:15").required(),
        column("due_at", Moment, "By when an answer was wanted", "2025-03-14 10:15"),
        column("organization_id", Identifier, "Organisation asked", "EXAMPLE-ORG-1").required(),
        column(
            "received_at",
            Moment,
            "When its answer came; empty for no answer",
            "2025-03-14 09:50",
        ),
    ],
};

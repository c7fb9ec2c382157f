//! What record types have in addition to their descriptions: relations through link tables, and
//! fields, filters and group keys that SQL computes. One entry per table.

use hotwash_schema::access::visible;
use hotwash_schema::formula::Formula::{self, Column, Condition, Parts, Sql};
use hotwash_schema::formula::{of, own};
use hotwash_schema::vocabulary::{ActionChange, ActionStatus, ExerciseClass};

use super::code_lists::{self, ELEMENTS, SOURCES};
use super::filters::{IN_COUNTY, IN_HAZARD, IN_HAZARD_CATEGORY, IN_REGION};
use super::keys;
use crate::entity::{Entity, EntityField, GroupKey, Relation, Timeline, field, join, list, within};
use crate::scalar::ScalarKind;

/// Addition to a record type.
pub struct Addition {
    /// Table of the type in the schema `warehouse`.
    pub table: &'static str,
    /// Condition that is true for each of its rows.
    pub only: Option<Formula>,
    /// Fields and filters.
    pub fields: &'static [EntityField],
    /// Relations.
    pub relations: &'static [Relation],
    /// Group keys.
    pub group_keys: &'static [GroupKey],
    /// Times between which aggregates measure minutes.
    pub timeline: Option<Timeline>,
    /// True if the rows of a further table state a file and a row of their own.
    pub has_lineage: bool,
}

impl Addition {
    /// Creates an empty addition.
    pub const fn to(table: &'static str) -> Self {
        Self {
            table,
            only: None,
            fields: &[],
            relations: &[],
            group_keys: &[],
            timeline: None,
            has_lineage: false,
        }
    }
}

/// Creates a column about the event that the newest report names, if that event is not loaded.
macro_rules! named_event {
    ($part:literal) => {
        Parts(&[
            Sql("case when "),
            Column("", "event_id"),
            Sql(" is null then (select "),
            Sql($part),
            Sql(" from (select s.report ->> 'event_ref' as ref from \
                 warehouse.corrective_action_source s where s.corrective_action_id = "),
            Column("", "corrective_action_id"),
            Sql(" and s.report ->> 'event_ref' is not null order by s.reported_on desc nulls \
                 last, s.batch_id desc limit 1) as named) end"),
        ])
    };
}

/// Creates the field with the elements of a record, which a link table has.
macro_rules! elements {
    ($table:literal, $key:literal) => {
        field(
            "elements",
            Parts(&[
                Sql("array(select x.code from "),
                Sql($table),
                Sql(" k join warehouse.element x using (element_id) where k."),
                Sql($key),
                Sql(" = "),
                Column("", $key),
                Sql(" order by x.sort_order)"),
            ]),
            ScalarKind::Texts,
            "Capability elements (POETE).",
        )
        .required()
    };
}

/// Creates the filter by one of the elements of a record.
macro_rules! one_element {
    ($table:literal, $key:literal) => {
        within(
            "element",
            Sql("x.code"),
            ScalarKind::Text,
            Parts(&[
                Sql("exists (select 1 from "),
                Sql($table),
                Sql(" k join warehouse.element x using (element_id) where k."),
                Sql($key),
                Sql(" = "),
                Column("", $key),
                Sql(" and "),
                Condition,
                Sql(")"),
            ]),
            "Code of one of its capability elements, e.g. `training`.",
        )
        .listed_in(ELEMENTS)
    };
}

/// Creates the minutes between two times.
macro_rules! minutes {
    ($from:expr, $to:expr) => {
        Parts(&[
            Sql("(extract(epoch from "),
            $to,
            Sql(" - "),
            $from,
            Sql(")::double precision / 60)"),
        ])
    };
}

/// Creates the days between two dates.
macro_rules! days {
    ($from:literal, $to:literal) => {
        Parts(&[Sql("("), Column("", $to), Sql(" - "), Column("", $from), Sql(")")])
    };
}

/// All additions.
pub static ADDITIONS: &[Addition] = &[
    Addition {
        only: Some(Parts(&[Column("", "municipality_id"), Sql(" > 0")])),
        relations: &[
            list("regions", "Region", "municipality_id", "Regions that it belongs to.")
                .through("warehouse.municipality_region", "region_id")
                .only(Parts(&[Column("", "valid_to"), Sql(" is null")])),
            list("events", "Event", "county_id", "Events that affected its county.")
                .through("warehouse.event_county", "event_id")
                .to("", "county_id"),
        ],
        ..Addition::to("municipality")
    },
    Addition {
        only: Some(Parts(&[Column("", "organization_id"), Sql(" > 0")])),
        fields: &[
            field(
                "stateCore",
                of("_discipline", "state_core"),
                ScalarKind::Boolean,
                "Whether the discipline is one of the core disciplines of the state.",
            )
            .required(),
            field(
                "hppCore",
                of("_discipline", "hpp_core"),
                ScalarKind::Boolean,
                "One of the Hospital Preparedness Program's four core members.",
            )
            .required(),
        ],
        relations: &[list(
            "requirements",
            "Requirement",
            "discipline_id",
            "Requirements that apply to its discipline.",
        )],
        ..Addition::to("organization")
    },
    Addition {
        fields: &[
            field(
                "sourceName",
                own("source"),
                ScalarKind::Text,
                "Source of the record, e.g. `noaa_storm_events`.",
            )
            .required()
            .listed_in(SOURCES),
            field("sourceId", own("source_id"), ScalarKind::Text, "Its id in the source.")
                .required(),
            IN_REGION,
            IN_COUNTY,
            // An index of `event_hazard` finds the events of a hazard.
            IN_HAZARD,
            IN_HAZARD_CATEGORY,
            field(
                "durationHours",
                Parts(&[
                    Sql("(extract(epoch from "),
                    Column("", "end_at"),
                    Sql(" - "),
                    Column("", "start_at"),
                    Sql(")::double precision / 3600)"),
                ]),
                ScalarKind::Float,
                "Hours from start to end; empty if the end is unknown.",
            ),
        ],
        relations: &[
            list("hazards", "Hazard", "event_id", "All hazards.")
                .through("warehouse.event_hazard", "hazard_id"),
            list("regions", "Region", "event_id", "Regions that were affected or took part.")
                .through("warehouse.event_region", "region_id"),
            list("counties", "County", "event_id", "Counties affected.")
                .through("warehouse.event_county", "county_id"),
        ],
        group_keys: &[keys::EVENT_REGION, keys::EVENT_COUNTY],
        timeline: Some(MILESTONES),
        ..Addition::to("event")
    },
    Addition {
        relations: &[list("regions", "Region", "event_id", "Regions affected.")
            .through("warehouse.event_region", "region_id")],
        group_keys: &[keys::EVENT_COUNTY],
        ..Addition::to("incident")
    },
    Addition {
        fields: &[
            field(
                "daysToDraft",
                Parts(&[Sql("("), Column("", "draft_on"), Sql(" - "), LAST_DAY, Sql(")")]),
                ScalarKind::Int,
                "Days from the last day of the event to the draft.",
            ),
            field(
                "daysToFinal",
                Parts(&[Sql("("), Column("", "final_on"), Sql(" - "), LAST_DAY, Sql(")")]),
                ScalarKind::Int,
                "Days from the last day of the event to the final report.",
            ),
        ],
        has_lineage: true,
        ..Addition::to("after_action_report")
    },
    Addition {
        fields: &[field(
            "class",
            CLASS,
            ScalarKind::Code(ExerciseClass::VOCABULARY),
            "Class of the type; empty if the type is unmapped.",
        )],
        group_keys: &[keys::code(
            "CLASS",
            "class",
            CLASS,
            ExerciseClass::VOCABULARY,
            "Class of the type; empty if the type is unmapped.",
        )],
        ..Addition::to("exercise")
    },
    Addition {
        fields: &[
            field(
                "askedCount",
                Parts(&[
                    Sql("(select count(*) from warehouse.information_report k where \
            k.information_request_id = "),
                    Column("", "information_request_id"),
                    Sql(")::int"),
                ]),
                ScalarKind::Int,
                "Number of organizations asked.",
            )
            .required(),
            field(
                "answeredInTimeCount",
                Parts(&[
                    Sql("(select count(*) from warehouse.information_report k \
            where k.information_request_id = "),
                    Column("", "information_request_id"),
                    Sql(" and k.received_at <= "),
                    Column("", "due_at"),
                    Sql(")::int"),
                ]),
                ScalarKind::Int,
                "Number of organizations that answered by the due time.",
            )
            .required(),
        ],
        ..Addition::to("information_request")
    },
    Addition {
        fields: &[
            field(
                "minutesToAnswer",
                minutes!(Column("p", "asked_at"), own("received_at")),
                ScalarKind::Float,
                "Minutes from the request to the answer; empty without one.",
            ),
            field(
                "minutesLate",
                minutes!(Column("p", "due_at"), own("received_at")),
                ScalarKind::Float,
                "Minutes from the due time to the answer, negative if it came before; empty \
                 without one of them.",
            ),
        ],
        ..Addition::to("information_report")
    },
    Addition {
        fields: &[
            field(
                "minutesToAssign",
                minutes!(own("requested_at"), own("assigned_at")),
                ScalarKind::Float,
                "Minutes from the request to the assignment; empty while unassigned.",
            ),
            field(
                "minutesToFill",
                minutes!(own("requested_at"), own("filled_at")),
                ScalarKind::Float,
                "Minutes from the request to the last delivery; empty while unfilled.",
            ),
            field(
                "minutesLate",
                minutes!(own("needed_by"), own("filled_at")),
                ScalarKind::Float,
                "Minutes from the needed-by time to the last delivery, negative if it came before; \
                 empty without one of them.",
            ),
        ],
        ..Addition::to("resource_request")
    },
    Addition {
        fields: &[
            field(
                "minutesSinceStart",
                Parts(&[
                    Sql("case when "),
                    Column("", "time_precision"),
                    Sql(" <> 'DAY' then "),
                    minutes!(Column("e", "start_at"), own("occurred_at")),
                    Sql(" end"),
                ]),
                ScalarKind::Float,
                "Minutes since the start of the event; empty if known to the day only.",
            ),
            field(
                "daysSinceEnd",
                Parts(&[
                    Sql("(("),
                    Column("", "occurred_at"),
                    Sql(" at time zone (select z.time_zone from meta.event_time_zone z where \
                         z.event_id = "),
                    Column("", "event_id"),
                    Sql("))::date - "),
                    LAST_DAY,
                    Sql(")"),
                ]),
                ScalarKind::Int,
                "Days from the last day of the event, or its first if it has no other, by local \
                 dates of the event.",
            ),
        ],
        ..Addition::to("milestone")
    },
    Addition {
        fields: &[
            elements!("warehouse.finding_element", "finding_id"),
            one_element!("warehouse.finding_element", "finding_id"),
        ],
        group_keys: &[GroupKey {
            joins: &[
                join("kk", "warehouse.finding_element", "finding_id").optional(),
                join("kx", "warehouse.element", "element_id").to("kk", "element_id").optional(),
            ],
            ..ELEMENT
        }],
        ..Addition::to("finding")
    },
    Addition {
        fields: &[
            elements!("warehouse.corrective_action_element", "corrective_action_id"),
            one_element!("warehouse.corrective_action_element", "corrective_action_id"),
            field(
                "daysToComplete",
                days!("opened_on", "completed_on"),
                ScalarKind::Int,
                "Days from opening to completion; empty unless completed.",
            ),
            field(
                "daysLate",
                days!("due_original_on", "completed_on"),
                ScalarKind::Int,
                "Days from the original due date to completion, negative if it was earlier; empty \
                 without one of them.",
            ),
            field(
                "daysMoved",
                days!("due_original_on", "due_current_on"),
                ScalarKind::Int,
                "Days from the original to the current due date; empty without a due date.",
            ),
            field(
                "namedEvent",
                named_event!(
                    "nullif(split_part(ref, chr(31), case when ref like 'id%' then 2 else 4 end), \
                     '')"
                ),
                ScalarKind::Text,
                "Name or id of an event that the documents name but that is not loaded.",
            ),
            field(
                "namedEventDate",
                named_event!(
                    "case when ref like 'name%' then nullif(split_part(ref, chr(31), 3), '')::date \
                     end"
                ),
                ScalarKind::Date,
                "Date of that event as stated in the documents.",
            ),
        ],
        relations: &[list(
            "statusHistory",
            "ActionStatusChange",
            "corrective_action_id",
            "Its dated changes.",
        )],
        group_keys: &[GroupKey {
            joins: &[
                join("kk", "warehouse.corrective_action_element", "corrective_action_id")
                    .optional(),
                join("kx", "warehouse.element", "element_id").to("kk", "element_id").optional(),
            ],
            ..ELEMENT
        }],
        ..Addition::to("corrective_action")
    },
    Addition {
        fields: &[field(
            "daysLate",
            days!("due_on", "answered_on"),
            ScalarKind::Int,
            "Days from the due date to the answer, negative if it came before; empty while \
             unanswered.",
        )],
        ..Addition::to("tracker_request")
    },
];

/// Last day of the event of a record, which is joined as `e`.
const LAST_DAY: Formula = Parts(&[
    Sql("coalesce("),
    Column("e", "end_local_date"),
    Sql(", "),
    Column("e", "local_date"),
    Sql(")"),
]);

/// Milestones of an event, without those known to the day only.
const MILESTONES: Timeline = Timeline {
    first: Parts(&[
        Sql("(select min(m.occurred_at) from warehouse.milestone m join warehouse.milestone_type \
             y using (milestone_type_id) where m.time_precision <> 'DAY' and m.event_id = "),
        Column("", "event_id"),
        Sql(" and "),
        Condition,
        Sql(")"),
    ]),
    code: Sql("y.code"),
    codes: code_lists::column("a known milestone type", "warehouse.milestone_type", "code"),
    start: own("start_at"),
    description: "Minutes between the first milestones of two types, without those known to the \
        day only. Negative if the second came first.",
    from: "Type of the first milestone, e.g. `notified`; the start of the event unless given.",
    to: "Type of the second milestone, e.g. `activated`.",
};

/// Class of an exercise. The unmapped type has none.
const CLASS: Formula = Parts(&[Sql("nullif("), Column("_type", "class"), Sql(", 'UNMAPPED')")]);

/// A capability element of a record, joined as `kx`.
const ELEMENT: GroupKey = keys::key(
    "ELEMENT",
    "element",
    Parts(&[Sql("coalesce("), Column("kx", "code"), Sql(", 'unmapped')")]),
    "Code of a capability element, e.g. `training`; a record of two elements counts in each.",
)
.listed_in(ELEMENTS);

pub static STATUS_CHANGE: Entity = Entity {
    name: "ActionStatusChange",
    list: "",
    connection: false,
    table: "warehouse.action_status_history",
    joins: &[join("a", "warehouse.corrective_action", "corrective_action_id")],
    only: None,
    id: "action_status_history_id",
    description: "A dated change of an action; its state on a day is the last change up to it.",
    fields: &[
        field("changedOn", own("changed_on"), ScalarKind::Date, "Day of the change.").required(),
        field(
            "change",
            own("change"),
            ScalarKind::Code(ActionChange::VOCABULARY),
            "Kind of change.",
        )
        .required(),
        field(
            "status",
            own("status"),
            ScalarKind::Code(ActionStatus::VOCABULARY),
            "Status after the change.",
        )
        .required(),
        field("dueOn", own("due_on"), ScalarKind::Date, "Due date after the change."),
    ],
    relations: &[],
    group_keys: &[],
    lineage: Some(""),
    visible: Some(visible::OF_ACTION),
    order: &["changedOn"],
    search: None,
    timeline: None,
};

//! Ratings, findings, corrective actions.

use hotwash_schema::access::visible;

use super::keys;
use super::sql::{EVENT_COUNTY, EVENT_HAZARD, EVENT_REGION};
use crate::graphql::entity::{Entity, GroupKey, Many, Relation, ScalarKind, field, hidden, within};

pub static CAPABILITY_RATING: Entity = Entity {
    name: "CapabilityRating",
    list: "capabilityRatings",
    connection: true,
    from: "warehouse.capability_rating {t} join warehouse.event {t}e on {t}e.event_id = \
        {t}.event_id join warehouse.rating_scale {t}s on {t}s.rating_scale_id = \
        {t}.rating_scale_id",
    only: "true",
    id: "{t}.capability_rating_id",
    description: "A rating of a capability in an event. Scales are never converted into each \
        other.",
    fields: &[
        field("scale", "{t}s.code", ScalarKind::Text, "Scale: PSMU or FPN."),
        field("rating", "{t}.rating", ScalarKind::Text, "Value on the scale, e.g. P, S, M, U."),
        field(
            "level",
            "{t}.level",
            ScalarKind::Text,
            "CAPABILITY, TARGET or TASK; only CAPABILITY enters headline metrics.",
        ),
        field("subject", "{t}.subject", ScalarKind::Text, "Objective, target or task rated."),
        field("note", "{t}.note", ScalarKind::Text, "Explanation."),
        hidden("localDate", "{t}e.local_date", ScalarKind::Date, "Local date of the event.")
            .required(),
        hidden("eventKind", "{t}e.kind", ScalarKind::Text, "INCIDENT, EXERCISE or PLANNED_EVENT."),
        hidden("sourceName", "{t}e.source", ScalarKind::Text, "Source of the record."),
        within(
            "region",
            "g.code",
            ScalarKind::Text,
            EVENT_REGION,
            "Code of a region that was affected or took part.",
        ),
        within(
            "county",
            "c.fips",
            ScalarKind::Text,
            EVENT_COUNTY,
            "Five-digit FIPS code of an affected county.",
        ),
        within("hazard", "h.code", ScalarKind::Text, EVENT_HAZARD, "Code of the primary hazard."),
        within(
            "hazardCategory",
            "h.category",
            ScalarKind::Text,
            EVENT_HAZARD,
            "Category of the primary hazard.",
        ),
        within(
            "capability",
            "c.code",
            ScalarKind::Text,
            "exists (select 1 from warehouse.capability c where c.capability_id = \
             {t}.capability_id and {condition})",
            "Code of the capability within its framework.",
        ),
        within(
            "framework",
            "f.code",
            ScalarKind::Text,
            "exists (select 1 from warehouse.capability c join warehouse.capability_framework f \
             using (capability_framework_id) where c.capability_id = {t}.capability_id and \
             {condition})",
            "Framework of the capability.",
        ),
    ],
    relations: &[
        Relation {
            name: "event",
            target: "Event",
            many: Many::One,
            through: "",
            on: "{u}.event_id = {t}.event_id",
            description: "The event.",
        },
        Relation {
            name: "capability",
            target: "Capability",
            many: Many::One,
            through: "",
            on: "{u}.capability_id = {t}.capability_id",
            description: "The capability.",
        },
        Relation {
            name: "organization",
            target: "Organization",
            many: Many::One,
            through: "",
            on: "{u}.organization_id = {t}.organization_id and {u}.organization_id > 0",
            description: "Organization rated; empty for the whole event.",
        },
    ],
    group_keys: &[
        &[keys::EVENT_REGION],
        keys::OF_CAPABILITY,
        &[
            keys::key("RATING", "rating", "{t}.rating", "Value on the scale."),
            keys::key("SCALE", "scale", "{t}s.code", "Scale."),
            keys::EVENT_KIND,
        ],
        keys::EVENT_HAZARD,
        &[keys::SOURCE],
        keys::EVENT_DAY,
    ],
    lineage: "{t}",
    visible: visible::OF_EVENT,
    order: &["-localDate"],
};

pub static FINDING: Entity = Entity {
    name: "Finding",
    list: "findings",
    connection: true,
    from: "warehouse.finding {t} join warehouse.event {t}e on {t}e.event_id = {t}.event_id",
    only: "true",
    id: "{t}.finding_id",
    description: "A strength or an area for improvement.",
    fields: &[
        field("kind", "{t}.kind", ScalarKind::Text, "STRENGTH or AREA_FOR_IMPROVEMENT."),
        field("number", "{t}.number", ScalarKind::Int, "Number within the event."),
        field("text", "{t}.text", ScalarKind::Text, "The observation."),
        field(
            "reference",
            "{t}.reference",
            ScalarKind::Text,
            "Plan, policy or procedure referred to.",
        ),
        field("analysis", "{t}.analysis", ScalarKind::Text, "Analysis or root cause."),
        field("recommendation", "{t}.recommendation", ScalarKind::Text, "Recommendation."),
        field(
            "elements",
            "(select string_agg(x.code, ',' order by x.sort_order) from warehouse.finding_element \
             k join warehouse.element x using (element_id) where k.finding_id = {t}.finding_id)",
            ScalarKind::Text,
            "Capability elements (POETE), separated by commas.",
        ),
        hidden("localDate", "{t}e.local_date", ScalarKind::Date, "Local date of the event.")
            .required(),
        hidden("eventKind", "{t}e.kind", ScalarKind::Text, "INCIDENT, EXERCISE or PLANNED_EVENT."),
        hidden("sourceName", "{t}e.source", ScalarKind::Text, "Source of the record."),
        within(
            "region",
            "g.code",
            ScalarKind::Text,
            EVENT_REGION,
            "Code of a region that was affected or took part.",
        ),
        within(
            "county",
            "c.fips",
            ScalarKind::Text,
            EVENT_COUNTY,
            "Five-digit FIPS code of an affected county.",
        ),
        within("hazard", "h.code", ScalarKind::Text, EVENT_HAZARD, "Code of the primary hazard."),
        within(
            "hazardCategory",
            "h.category",
            ScalarKind::Text,
            EVENT_HAZARD,
            "Category of the primary hazard.",
        ),
        within(
            "capability",
            "c.code",
            ScalarKind::Text,
            "exists (select 1 from warehouse.capability c where c.capability_id = \
             {t}.capability_id and {condition})",
            "Code of the capability within its framework.",
        ),
        within(
            "framework",
            "f.code",
            ScalarKind::Text,
            "exists (select 1 from warehouse.capability c join warehouse.capability_framework f \
             using (capability_framework_id) where c.capability_id = {t}.capability_id and \
             {condition})",
            "Framework of the capability.",
        ),
    ],
    relations: &[
        Relation {
            name: "event",
            target: "Event",
            many: Many::One,
            through: "",
            on: "{u}.event_id = {t}.event_id",
            description: "The event.",
        },
        Relation {
            name: "capability",
            target: "Capability",
            many: Many::One,
            through: "",
            on: "{u}.capability_id = {t}.capability_id",
            description: "The capability.",
        },
        Relation {
            name: "organization",
            target: "Organization",
            many: Many::One,
            through: "",
            on: "{u}.organization_id = {t}.organization_id and {u}.organization_id > 0",
            description: "Organization concerned.",
        },
        Relation {
            name: "correctiveActions",
            target: "CorrectiveAction",
            many: Many::List,
            through: "",
            on: "{u}.finding_id = {t}.finding_id",
            description: "Corrective actions that address the finding.",
        },
    ],
    group_keys: &[
        &[keys::EVENT_REGION],
        keys::OF_CAPABILITY,
        &[
            keys::key("KIND", "kind", "{t}.kind", "Strength or area for improvement."),
            GroupKey {
                join: "left join warehouse.finding_element kk on kk.finding_id = {t}.finding_id \
                    left join warehouse.element kx on kx.element_id = kk.element_id",
                ..keys::key(
                    "ELEMENT",
                    "element",
                    "coalesce(kx.code, 'unmapped')",
                    "Capability element.",
                )
            },
        ],
        keys::EVENT_HAZARD,
        &[keys::SOURCE],
        keys::EVENT_DAY,
    ],
    lineage: "{t}",
    visible: visible::OF_EVENT,
    order: &["-localDate"],
};

/// Part of the reference to an event that is not loaded, from the newest report that names one.
macro_rules! named_event {
    ($part:literal) => {
        concat!(
            "case when {t}.event_id is null then (select ",
            $part,
            " from (select s.report ->> 'event_ref' as ref from warehouse.corrective_action_source \
             s \
                where s.corrective_action_id = {t}.corrective_action_id and s.report ->> \
                'event_ref' is not null \
                order by s.reported_on desc nulls last, s.batch_id desc limit 1) as named) end"
        )
    };
}

pub static CORRECTIVE_ACTION: Entity = Entity {
    name: "CorrectiveAction",
    list: "correctiveActions",
    connection: true,
    from: "warehouse.corrective_action {t} join warehouse.region {t}r on {t}r.region_id = \
        {t}.region_id left join warehouse.event {t}e on {t}e.event_id = {t}.event_id",
    only: "true",
    id: "{t}.corrective_action_id",
    description: "A corrective action of an improvement plan in its current state; overdue is \
        derived, never stored.",
    fields: &[
        field("text", "{t}.text", ScalarKind::Text, "Description of the action."),
        field(
            "issue",
            "{t}.issue",
            ScalarKind::Text,
            "Area for improvement that it addresses, as worded in the report.",
        ),
        field(
            "status",
            "{t}.status",
            ScalarKind::Text,
            "PROPOSED, OPEN, IN_PROGRESS, COMPLETED, VALIDATED, DEFERRED or CANCELLED.",
        ),
        field("priority", "{t}.priority", ScalarKind::Text, "HIGH, MEDIUM or LOW."),
        field("externalId", "{t}.external_id", ScalarKind::Text, "Id in a tracker."),
        field("openedOn", "{t}.opened_on", ScalarKind::Date, "Day it was opened.").required(),
        field("startOn", "{t}.start_on", ScalarKind::Date, "Day work was to start."),
        field("dueOriginalOn", "{t}.due_original_on", ScalarKind::Date, "First due date."),
        field("dueCurrentOn", "{t}.due_current_on", ScalarKind::Date, "Present due date."),
        field(
            "duePrecision",
            "{t}.due_precision",
            ScalarKind::Text,
            "day, month, quarter or year.",
        ),
        field("completedOn", "{t}.completed_on", ScalarKind::Date, "Day it was completed."),
        field("cancelledOn", "{t}.cancelled_on", ScalarKind::Date, "Day it was canceled."),
        field("validatedOn", "{t}.validated_on", ScalarKind::Date, "Day its effect was validated."),
        field(
            "namedEvent",
            named_event!(
                "nullif(split_part(ref, chr(31), case when ref like 'id%' then 2 else 4 end), '')"
            ),
            ScalarKind::Text,
            "Name or id of an event that the documents name but that is not loaded.",
        ),
        field(
            "namedEventDate",
            named_event!(
                "case when ref like 'name%' then nullif(split_part(ref, chr(31), 3), '')::date end"
            ),
            ScalarKind::Date,
            "Date of that event as stated in the documents.",
        ),
        field(
            "sensitivity",
            "{t}.sensitivity",
            ScalarKind::Text,
            "PUBLIC, or RESTRICTED to its region, even where its event is shared, statewide or \
             public.",
        ),
        hidden("regionCode", "{t}r.code", ScalarKind::Text, "Code of the responsible region."),
        within(
            "capability",
            "c.code",
            ScalarKind::Text,
            "exists (select 1 from warehouse.capability c where c.capability_id = \
             {t}.capability_id and {condition})",
            "Code of the capability within its framework.",
        ),
        within(
            "framework",
            "f.code",
            ScalarKind::Text,
            "exists (select 1 from warehouse.capability c join warehouse.capability_framework f \
             using (capability_framework_id) where c.capability_id = {t}.capability_id and \
             {condition})",
            "Framework of the capability.",
        ),
    ],
    relations: &[
        Relation {
            name: "event",
            target: "Event",
            many: Many::One,
            through: "",
            on: "{u}.event_id = {t}.event_id",
            description: "The event.",
        },
        Relation {
            name: "finding",
            target: "Finding",
            many: Many::One,
            through: "",
            on: "{u}.finding_id = {t}.finding_id",
            description: "Finding that it addresses.",
        },
        Relation {
            name: "capability",
            target: "Capability",
            many: Many::One,
            through: "",
            on: "{u}.capability_id = {t}.capability_id",
            description: "The capability.",
        },
        Relation {
            name: "region",
            target: "Region",
            many: Many::One,
            through: "",
            on: "{u}.region_id = {t}.region_id",
            description: "Responsible region.",
        },
        Relation {
            name: "ownerOrganization",
            target: "Organization",
            many: Many::One,
            through: "",
            on: "{u}.organization_id = {t}.owner_organization_id and {u}.organization_id > 0",
            description: "Organization responsible.",
        },
        Relation {
            name: "statusHistory",
            target: "ActionStatusChange",
            many: Many::List,
            through: "",
            on: "{u}.corrective_action_id = {t}.corrective_action_id",
            description: "Its dated changes.",
        },
    ],
    group_keys: &[
        &[keys::key("REGION", "region", "{t}r.code", "Responsible region.")],
        keys::OF_CAPABILITY,
        &[
            keys::key("STATUS", "status", "{t}.status", "Present status."),
            keys::key("PRIORITY", "priority", "{t}.priority", "Priority."),
            GroupKey {
                join: "left join warehouse.corrective_action_element kk on kk.corrective_action_id \
                    = {t}.corrective_action_id left join warehouse.element kx on kx.element_id = \
                    kk.element_id",
                ..keys::key(
                    "ELEMENT",
                    "element",
                    "coalesce(kx.code, 'unmapped')",
                    "Capability element.",
                )
            },
            keys::SOURCE,
            keys::year!("{t}.opened_on"),
            keys::quarter!("{t}.opened_on"),
            keys::month!("{t}.opened_on"),
            keys::fiscal_year!("{t}.opened_on"),
        ],
    ],
    lineage: "{t}",
    visible: visible::ACTION,
    order: &["dueCurrentOn"],
};

pub static STATUS_CHANGE: Entity = Entity {
    name: "ActionStatusChange",
    list: "",
    connection: false,
    from: "warehouse.action_status_history {t} join warehouse.corrective_action {t}a on \
        {t}a.corrective_action_id = {t}.corrective_action_id",
    only: "true",
    id: "{t}.action_status_history_id",
    description: "A dated change of an action; its state on a day is the last change up to it.",
    fields: &[
        field("changedOn", "{t}.changed_on", ScalarKind::Date, "Day of the change.").required(),
        field(
            "change",
            "{t}.change",
            ScalarKind::Text,
            "OPENED, STATUS, DUE_DATE, COMPLETED, REOPENED, CANCELLED or VALIDATED.",
        ),
        field("status", "{t}.status", ScalarKind::Text, "Status after the change."),
        field("dueOn", "{t}.due_on", ScalarKind::Date, "Due date after the change."),
    ],
    relations: &[],
    group_keys: &[],
    lineage: "{t}",
    visible: visible::OF_ACTION,
    order: &["changedOn"],
};

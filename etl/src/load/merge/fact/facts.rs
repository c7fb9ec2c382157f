//! The description of each fact: its table, references and columns.

use super::{Fact, Need};
use crate::load::merge::{ALL_KNOWN, risk};
use crate::record::RecordTable;

const OWN_REGION: &str = "coalesce(nullif(f.region_id, -1), \
    (select o.region_id from warehouse.organization o where o.organization_id = \
    f.organization_id), -1)";

/// All facts with the shared merge, referenced ones first.
pub const FACTS: &[Fact] = &[
    Fact {
        table: RecordTable::Participation,
        name: "participation",
        event: Need::Must,
        organization: ("organization_ref", Need::Must),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("organization_id", "f.organization_id"),
            ("region_id", OWN_REGION),
            ("role", "f.role"),
            ("executive_present", "f.executive_present"),
            ("participant_count", "f.participant_count"),
        ],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: RecordTable::Milestone,
        name: "milestone",
        event: Need::Must,
        organization: ("organization_ref", Need::May),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("milestone_type_id", "f.milestone_type_id"),
            ("sequence", "f.sequence"),
            ("occurred_at", "f.occurred_at"),
            ("time_precision", "f.time_precision"),
            ("organization_id", "f.organization_id"),
        ],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: RecordTable::InformationRequest,
        name: "information_request",
        event: Need::Must,
        organization: ("", Need::No),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("label", "f.label"),
            ("platform", "f.platform"),
            ("asked_at", "f.asked_at"),
            ("due_at", "f.due_at"),
        ],
        children: &["information_report"],
        fill: &[
            "insert into warehouse.information_report (information_request_id, organization_id, \
             received_at) \
             select f.id, o.organization_id, min((report ->> 'at')::timestamptz) from {merging} f \
             cross join lateral jsonb_array_elements(f.reports) as report join ref_organization o \
             on o.ref = report ->> 'organization' \
             where o.organization_id is not null group by 1, 2 order by 1, 2",
        ],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: RecordTable::ResourceRequest,
        name: "resource_request",
        event: Need::May,
        organization: ("organization_ref", Need::May),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("region_id", OWN_REGION),
            ("organization_id", "coalesce(f.organization_id, -1)"),
            ("kind", "f.kind"),
            ("priority", "f.priority"),
            ("status", "f.status"),
            ("quantity_requested", "f.quantity_requested"),
            ("quantity_filled", "f.quantity_filled"),
            ("requested_at", "f.requested_at"),
            ("needed_by", "f.needed_by"),
            ("assigned_at", "f.assigned_at"),
            ("filled_at", "f.filled_at"),
        ],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: RecordTable::CapabilityRating,
        name: "capability_rating",
        event: Need::Must,
        organization: ("organization_ref", Need::May),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("capability_id", "f.capability_id"),
            ("organization_id", "coalesce(f.organization_id, -1)"),
            ("level", "f.level"),
            ("subject", "f.subject"),
            ("rating_scale_id", "f.rating_scale_id"),
            ("rating", "f.rating"),
            ("note", "f.note"),
        ],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: RecordTable::Finding,
        name: "finding",
        event: Need::Must,
        organization: ("organization_ref", Need::May),
        parent: None,
        columns: &[
            ("event_id", "f.event_id"),
            ("number", "f.number"),
            ("kind", "f.kind"),
            ("capability_id", "f.capability_id"),
            ("organization_id", "coalesce(f.organization_id, -1)"),
            ("text", "f.text"),
            ("reference", "f.reference"),
            ("analysis", "f.analysis"),
            ("recommendation", "f.recommendation"),
        ],
        children: &["finding_element"],
        fill: &["insert into warehouse.finding_element (finding_id, element_id, weight) \
             select f.id, element, 1.0 / count(*) over (partition by f.id) from {merging} f \
             cross join lateral (select distinct unnest(f.elements) as element) as e order by 1, \
             2"],
        unknown: "select count(*) from (select distinct unnest(f.elements) as id from {merging} f) \
            s \
            where not exists (select from warehouse.element e where e.element_id = s.id)",
    },
    Fact {
        table: RecordTable::ActionReport,
        name: "corrective_action",
        event: Need::May,
        organization: ("owner_ref", Need::May),
        parent: None,
        columns: &[],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: RecordTable::RiskAssessment,
        name: "risk_assessment",
        event: Need::No,
        organization: ("organization_ref", Need::May),
        parent: None,
        columns: &[
            ("organization_id", "coalesce(f.organization_id, -1)"),
            ("region_id", OWN_REGION),
            ("assessment_method_id", "f.assessment_method_id"),
            ("assessed_on", "f.assessed_on"),
            ("edition", "f.edition"),
            ("scale", "f.scale"),
            ("sensitivity", "f.sensitivity"),
        ],
        children: &[],
        fill: &[],
        unknown: ALL_KNOWN,
    },
    Fact {
        table: RecordTable::RiskScore,
        name: "risk_score",
        event: Need::No,
        organization: ("", Need::No),
        parent: Some(("assessment_source_id", "risk_assessment")),
        columns: risk::COLUMNS,
        children: &[],
        fill: risk::FILL,
        unknown: ALL_KNOWN,
    },
];

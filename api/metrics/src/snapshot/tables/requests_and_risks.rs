//! Resource and information requests, and risks.

use super::{Dated, FieldKind::*, TableDefinition, grows, refers};

/// Owner of a risk, as a number: the organization, or below zero the region.
macro_rules! owner {
    ($table:literal) => {
        concat!(
            "case when ",
            $table,
            ".organization_id > 0 then ",
            $table,
            ".organization_id else -1000000 - ",
            $table,
            ".region_id end"
        )
    };
}

/// Requests and risks.
pub static TABLES: &[TableDefinition] = &[
    // Quantities in thousandths, so that sums are exact.
    TableDefinition {
        name: "resource_requests",
        sources: &[
            grows(
                "warehouse.resource_request",
                "select t.resource_request_id from warehouse.resource_request t where {new}",
            ),
            refers("warehouse.event"),
        ],
        by: "request_id",
        sql: "select r.resource_request_id, r.event_id, r.organization_id, r.region_id, \
            coalesce(e.local_date, (r.requested_at at time zone (select \
            meta.time_zone()))::date), \
            coalesce(e.hazard_id, -1), round(r.quantity_requested * 1000)::bigint, \
            round(r.quantity_filled * 1000)::bigint, \
            (extract(epoch from r.requested_at) / 60)::bigint, (extract(epoch from r.needed_by) / \
            60)::bigint, (extract(epoch from r.filled_at) / 60)::bigint \
            from warehouse.resource_request r left join warehouse.event e using (event_id) where \
            {r.resource_request_id} and r.status <> 'CANCELLED'",
        columns: &[
            ("request_id", Key),
            ("event_id", Key),
            ("organization_id", Key),
            ("regions", Region),
            ("local_date", Day),
            ("hazard_id", Id),
            ("asked", Key),
            ("filled", Key),
            ("asked_minute", Key),
            ("needed_minute", Key),
            ("filled_minute", Key),
        ],
        only: None,
        event: &["public"],
        dated: Dated {
            rows: &["local_date", "asked_minute"],
            values: &["filled_minute"],
            with: &[("filled", "filled_minute")],
        },
    },
    TableDefinition {
        name: "information_reports",
        sources: &[
            refers("warehouse.information_request"),
            grows(
                "warehouse.information_report",
                "select t.information_request_id from warehouse.information_report t where {new}",
            ),
            refers("warehouse.organization"),
        ],
        by: "request_id",
        sql: "select q.information_request_id, q.event_id, (extract(epoch from q.asked_at) / \
            60)::bigint, (extract(epoch from q.due_at) / 60)::bigint, \
            (extract(epoch from r.received_at) / 60)::bigint, r.organization_id, d.code \
            from warehouse.information_request q join warehouse.information_report r using \
            (information_request_id) \
            join warehouse.organization o using (organization_id) join warehouse.discipline d \
            using (discipline_id) where {q.information_request_id}",
        columns: &[
            ("request_id", Key),
            ("event_id", Key),
            ("asked_minute", Key),
            ("due_minute", Key),
            ("received_minute", Key),
            ("organization_id", Key),
            ("discipline", Label),
        ],
        only: None,
        event: &["local_date", "hazard_id", "event_kind", "held", "public", "regions"],
        dated: Dated {
            rows: &["local_date", "asked_minute"],
            values: &["received_minute"],
            with: &[],
        },
    },
    // Scores, with the days of the same organization's next two assessments. They decide which
    // assessment is the latest on a day. An assessment without an organization represents its
    // region.
    TableDefinition {
        name: "risks",
        sources: &[
            grows(
                "warehouse.risk_assessment",
                concat!("select ", owner!("t"), " from warehouse.risk_assessment t where {new}"),
            ),
            grows(
                "warehouse.risk_score",
                concat!(
                    "select ",
                    owner!("a"),
                    " from warehouse.risk_score t join warehouse.risk_assessment a using \
                     (risk_assessment_id) where {new}"
                ),
            ),
            refers("warehouse.organization"),
        ],
        by: "organization_id",
        sql: concat!(
            "with assessment as (select a.risk_assessment_id, a.assessed_on, a.region_id, \
             a.sensitivity, \
                ",
            owner!("a"),
            " as owner, \
                case when a.organization_id > 0 then d.code else 'unmapped' end as discipline, \
                lead(a.assessed_on) over w as next_on, lead(a.assessed_on, 2) over w as second_on \
                from warehouse.risk_assessment a join warehouse.organization o using \
                (organization_id) join warehouse.discipline d using (discipline_id) \
                where {",
            owner!("a"),
            "} and exists (select from warehouse.risk_score s where s.risk_assessment_id = \
             a.risk_assessment_id) \
                window w as (partition by ",
            owner!("a"),
            " order by a.assessed_on, a.risk_assessment_id)) \
            select a.risk_assessment_id, a.owner, a.region_id, a.region_id, a.discipline, \
            a.assessed_on, a.next_on, a.second_on, s.hazard_id, s.applicable, s.risk, \
            s.inherent_risk, s.rank_in_assessment, s.risk_assessment_id * 65536 + s.hazard_id + 1, \
            a.sensitivity = 'PUBLIC' from warehouse.risk_score s join assessment a using \
            (risk_assessment_id)"
        ),
        columns: &[
            ("assessment_id", Key),
            ("organization_id", Key),
            ("regions", Region),
            ("region_id", Id),
            ("discipline", Label),
            ("assessed_on", Day),
            ("next_on", Day),
            ("second_on", Day),
            ("hazard_id", Id),
            ("applicable", Flag),
            ("risk", Number),
            ("inherent", Number),
            ("rank", Id),
            // Assessment and hazard in one number: grouping by one key is fast.
            ("score", Key),
            ("public", Flag),
        ],
        only: None,
        event: &[],
        dated: Dated { rows: &["assessed_on"], values: &["next_on", "second_on"], with: &[] },
    },
];

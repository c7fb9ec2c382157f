//! Rows of other tables that belong to a record, and totals that follow from it. They differ by
//! nature from one record type to the next.

use hotwash_schema::record::RecordType;

use crate::load::merge::risk;

/// Rows that belong to the records of a type.
pub struct Parts {
    /// Their tables, keyed by the record's id.
    pub tables: &'static [&'static str],
    /// Statements that fill these tables; `{merging}` has the new and changed records, with `id`.
    pub fill: &'static [&'static str],
    /// Query that counts missing references of these tables.
    pub unknown: Option<&'static str>,
}

/// Returns the parts of a record type.
pub fn parts_of(record: &RecordType) -> Parts {
    match record.name {
        "information_request" => Parts {
            tables: &["information_report"],
            fill: &["insert into warehouse.information_report (information_request_id, \
                 organization_id, received_at) \
                 select f.id, o.organization_id, min((report ->> 'at')::timestamptz) from \
                 {merging} f \
                 cross join lateral jsonb_array_elements(f.reports) as report join \
                 ref_organization o on o.ref = report ->> 'organization' \
                 where o.organization_id is not null group by 1, 2 order by 1, 2"],
            unknown: None,
        },
        "finding" => Parts {
            tables: &["finding_element"],
            fill: &["insert into warehouse.finding_element (finding_id, element_id, weight) \
                 select f.id, element, 1.0 / count(*) over (partition by f.id) from {merging} f \
                 cross join lateral (select distinct unnest(f.elements) as element) as e order \
                 by 1, 2"],
            unknown: Some(
                "select count(*) from (select distinct unnest(f.elements) as id from \
                {merging} f) s where not exists (select from warehouse.element e where \
                e.element_id = s.id)",
            ),
        },
        "risk_score" => Parts { tables: &[], fill: risk::FILL, unknown: None },
        _ => Parts { tables: &[], fill: &[], unknown: None },
    }
}

//! Conditions shared by several types.

use hotwash_schema::formula::Formula::{self, Column, Condition, Parts, Sql};

/// Condition on the event's regions.
pub const EVENT_REGION: Formula = Parts(&[
    Sql(
        "exists (select 1 from warehouse.event_region r join warehouse.region g using (region_id) \
         where r.event_id = ",
    ),
    Column("", "event_id"),
    Sql(" and "),
    Condition,
    Sql(")"),
]);
/// Condition on the event's counties.
pub const EVENT_COUNTY: Formula = Parts(&[
    Sql(
        "exists (select 1 from warehouse.event_county k join warehouse.county c using (county_id) \
         where k.event_id = ",
    ),
    Column("", "event_id"),
    Sql(" and "),
    Condition,
    Sql(")"),
]);
/// Condition on the event's primary hazard.
pub const EVENT_HAZARD: Formula = Parts(&[
    Sql(
        "exists (select 1 from warehouse.event_hazard k join warehouse.hazard h using (hazard_id) \
         where k.event_id = ",
    ),
    Column("", "event_id"),
    Sql(" and k.is_primary and "),
    Condition,
    Sql(")"),
]);

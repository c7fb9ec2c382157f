//! Conditions that several types share.

use hotwash_schema::formula::Formula::{self, Column, Condition, Parts, Sql};

/// Some region of the event.
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
/// Some county of the event.
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
/// The primary hazard of the event.
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

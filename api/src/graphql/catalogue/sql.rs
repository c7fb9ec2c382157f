//! Conditions that several types share.

/// Some region of the event.
pub const EVENT_REGION: &str = "exists (select 1 from warehouse.event_region r join \
    warehouse.region g using (region_id) where r.event_id = {t}.event_id and {condition})";
/// Some county of the event.
pub const EVENT_COUNTY: &str = "exists (select 1 from warehouse.event_county k join \
    warehouse.county c using (county_id) where k.event_id = {t}.event_id and {condition})";
/// The primary hazard of the event.
pub const EVENT_HAZARD: &str = "exists (select 1 from warehouse.event_hazard k join \
    warehouse.hazard h using (hazard_id) where k.event_id = {t}.event_id and k.is_primary and \
    {condition})";

-- Ratings of capabilities.
select r.capability_rating_id, r.event_id, r.organization_id, r.capability_id, r.rating_scale_id,
    r.rating
from warehouse.capability_rating r
where r.level = 'CAPABILITY' and {r.capability_rating_id}

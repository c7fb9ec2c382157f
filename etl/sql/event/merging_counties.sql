-- Counties that have rows of their own.
-- reads: merging, stage_event_county, warehouse.event, warehouse.event_county
-- fills: merging_county
-- binds: source
select s.weight, e.event_id, s.county_id, m.is_new as event_is_new, c.event_id is not null as
    is_known
from stage_event_county s
join warehouse.event e on e.source = $1 and e.source_id = s.event_source_id
left join merging m on m.event_id = e.event_id
left join warehouse.event_county c on c.event_id = e.event_id and c.county_id = s.county_id

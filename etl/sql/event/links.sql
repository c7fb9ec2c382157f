-- Links of events to others.
-- reads: merging, ref_event
-- fills: merging_link
select m.event_id, r.event_id as linked_event_id, link ->> 'relation' as relation,
    m.source_row, coalesce(nullif(split_part(link ->> 'event', chr(31), 4), ''), split_part(
            link ->> 'event', chr(31), 2)) as shown
from merging m
cross join lateral jsonb_array_elements(m.detail -> 'links') as link
left join ref_event r on r.ref = link ->> 'event'
where m.detail is not null

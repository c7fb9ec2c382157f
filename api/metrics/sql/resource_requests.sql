-- Resource requests; quantities in thousandths, so that sums are exact.
select r.resource_request_id, r.event_id, r.organization_id, r.region_id,
    coalesce(e.local_date, (r.requested_at at time zone (select meta.time_zone()))::date),
    coalesce(e.hazard_id, -1), round(r.quantity_requested * 1000)::bigint,
    round(r.quantity_filled * 1000)::bigint, (extract(epoch from r.requested_at) / 60)::bigint,
    (extract(epoch from r.needed_by) / 60)::bigint, (extract(epoch from r.filled_at) / 60)::bigint
from warehouse.resource_request r
left join warehouse.event e using (event_id)
where {r.resource_request_id} and r.status <> 'CANCELLED'

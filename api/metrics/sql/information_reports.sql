-- Reports that answer information requests, with the discipline of the organization.
select q.information_request_id, q.event_id, (extract(epoch from q.asked_at) / 60)::bigint,
    (extract(epoch from q.due_at) / 60)::bigint, (extract(epoch from r.received_at) / 60)::bigint,
    r.organization_id, d.code
from warehouse.information_request q
join warehouse.information_report r using (information_request_id)
join warehouse.organization o using (organization_id)
join warehouse.discipline d using (discipline_id)
where {q.information_request_id}

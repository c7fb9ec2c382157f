-- Stores the first report of each organization to an information request.
-- reads: merging_information_request, ref_organization
-- writes: warehouse.information_report
insert into warehouse.information_report (information_request_id, organization_id, received_at)
select f.id, o.organization_id, min((report ->> 'at')::timestamptz)
from merging_information_request f
cross join lateral jsonb_array_elements(f.reports) as report
join ref_organization o on o.ref = report ->> 'organization'
where o.organization_id is not null
group by 1, 2
order by 1, 2

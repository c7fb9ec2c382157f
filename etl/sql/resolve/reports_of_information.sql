-- References to organizations in the reports of information requests.
-- reads: stage_information_request
select report ->> 'organization' as ref
from stage_information_request
cross join lateral jsonb_array_elements(reports) as report

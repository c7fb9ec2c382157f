-- Stores the day of the first answer to each request.
-- reads: {found}
-- writes: warehouse.tracker_request
update warehouse.tracker_request t
set answered_on = f.answered_on
from {found} f
where t.tracker_request_id = f.tracker_request_id

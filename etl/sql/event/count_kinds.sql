-- Counts new events, changed events, and events with details.
-- reads: merging
select count(*) filter (where is_new), count(*) filter (where not is_new), count(*) filter (
        where detail is not null)
from merging

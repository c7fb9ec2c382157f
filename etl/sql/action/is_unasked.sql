-- Condition that no request with an action in the warehouse has the id that a staged report answers.
-- reads: warehouse.tracker_request
f.request_id is not null and not exists (
    select
    from warehouse.tracker_request t
    where t.source_id = f.request_id and t.corrective_action_id is not null)

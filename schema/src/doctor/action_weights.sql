-- Reads: warehouse.corrective_action_element.
-- Counts: the actions whose weights of elements do not sum to 1.
select count(*) as broken
from (
    select
    from warehouse.corrective_action_element
    group by corrective_action_id
    having abs(sum(weight) - 1) > 1e-6
) as wrong

-- Reads: warehouse.finding_element.
-- Counts: the findings whose weights of elements do not sum to 1.
select count(*) as broken
from (
    select
    from warehouse.finding_element
    group by finding_id
    having abs(sum(weight) - 1) > 1e-6
) as wrong

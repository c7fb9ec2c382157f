-- Reads: warehouse.hazard_alias.
-- Counts: the hazard labels whose weights do not sum to 1.
select count(*) as broken
from (
    select
    from warehouse.hazard_alias
    group by scheme, normalized_label
    having abs(sum(weight) - 1) > 1e-6
) as wrong

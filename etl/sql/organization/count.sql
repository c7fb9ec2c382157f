-- Counts new and changed organizations, the rows to write, and all staged organizations.
-- reads: merging_organization, stage_organization
select coalesce(sum(weight) filter (where is_new), 0)::bigint, coalesce(sum(weight) filter (
            where not is_new), 0)::bigint, count(*), (select coalesce(sum(weight), 0)::bigint
    from stage_organization)
from merging_organization

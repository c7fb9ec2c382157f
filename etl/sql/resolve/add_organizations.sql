-- Adds references to organizations, split into kind, key, region and name.
-- reads: {references}, ref_organization
-- writes: ref_organization
insert into ref_organization (ref, how, key, region_id, name)
select distinct ref, split_part(ref, chr(31), 1), split_part(ref, chr(31), 2),
    coalesce(nullif(split_part(ref, chr(31), 3), '')::int, -1), split_part(ref, chr(31), 4)
from {references} n
where ref is not null and not exists (
    select
    from ref_organization o
    where o.ref = n.ref)

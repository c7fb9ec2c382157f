-- Counts sponsors that earlier documents named and that are not resolved.
-- reads: merging, ref_organization
select count(*)
from merging m
where m.detail -> 'exercise' ->> 'sponsor' is not null and not exists (select
    from ref_organization o
    where o.ref = m.detail -> 'exercise' ->> 'sponsor')

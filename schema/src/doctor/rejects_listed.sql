-- Reads: meta.file, meta.reject.
-- Counts: the loaded files that list none of their rejected rows, or more rows than they rejected.
select count(*) as broken
from (
    select
    from meta.file f
    left join meta.reject r using (file_id)
    where f.status = 'LOADED'
    group by f.file_id, f.rejected
    having count(distinct r.reject_id) > f.rejected
        or (f.rejected > 0 and count(r.reject_id) = 0)
) as wrong

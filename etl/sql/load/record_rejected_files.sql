-- Records files that no source recognizes, all in one statement.
-- writes: meta.file
-- binds: batch, names, bytes, errors
insert into meta.file (batch_id, name, bytes, status, error, finished_at)
select $1, f.name, f.bytes, 'FAILED', f.error, now()
from unnest($2::text[], $3::bigint[], $4::text[]) as f (name, bytes, error)

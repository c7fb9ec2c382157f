-- Contents of loaded files, by the day of loading.
select f.file_id::bigint, coalesce(f.source, 'unrecognized'), f.read::bigint,
    (f.inserted + f.updated)::bigint, f.unchanged::bigint, f.rejected::bigint, f.warnings::bigint,
    f.unmapped::bigint, f.redacted::bigint, f.finished_at::date
from meta.file f
where f.status = 'LOADED'

-- Claims without a stated id in earlier files of the same name and source, with the number of incidents and exercises
-- in those files, how many of them this file has too, and whether those files have another one of the same name.
-- reads: meta.file, stage_event, warehouse.event_source
-- binds: source, file
with earlier as (
    select o.*, exists (select from stage_event s where s.source_id = o.source_id) as is_here,
        count(*) over (partition by lower(o.claim ->> 'name')) > 1 as is_series
    from warehouse.event_source o
    join meta.file f on f.file_id = o.file_id
    where o.source = $1 and o.file_id <> $2 and f.name = (select own.name from meta.file own
        where own.file_id = $2))
select e.source_id, e.claim ->> 'kind', e.claim ->> 'name', (e.claim ->> 'start_at')::timestamptz,
    (e.claim ->> 'end_at')::timestamptz, e.claim ->> 'regions', (select count(*) from earlier),
    (select count(*) from earlier h where h.is_here), e.is_series
from earlier e
where not e.is_here and e.source_id ~ '^[0-9a-f]{24}$'
order by e.source_id

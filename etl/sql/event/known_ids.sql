-- Events of this file whose id a stored claim of the same source has under another name and day, with that claim's name,
-- day and file.
-- reads: meta.file, stage_event, warehouse.event_source
-- binds: source, file
select s.source_id, s.name, s.local_date, o.claim ->> 'name', (o.claim ->> 'local_date')::date, f.name,
    f.name = (select own.name from meta.file own where own.file_id = $2)
from stage_event s
join warehouse.event_source o on o.source = $1 and o.source_id = s.source_id
join meta.file f on f.file_id = o.file_id
where s.source_id !~ '^[0-9a-f]{24}$' and s.name <> o.claim ->> 'name'
    and s.local_date <> (o.claim ->> 'local_date')::date

-- Claims of other sources near the dates of this file.
-- reads: stage_event, warehouse.event_source
-- binds: source, near
select o.event_id, o.claim ->> 'name', (o.claim ->> 'local_date')::date, coalesce(o.claim ->>
        'end_local_date', o.claim ->> 'local_date')::date, nullif(split_part(o.claim ->
            'detail' -> 'exercise' ->> 'sponsor', chr(31), 4), ''), (select array_agg(r::int)
    from jsonb_array_elements_text(o.claim -> 'regions') as r
    where r::int > 0), o.source_id !~ '^[0-9a-f]{24}$', o.source, o.source_id, o.claim ->>
    'kind'
from warehouse.event_source o
where o.source <> $1 and (o.claim ->> 'local_date')::date between (select min(local_date)
    from stage_event) - 60 and (select max(coalesce(end_local_date, local_date))
    from stage_event) + $2 and not exists (select
    from warehouse.event_source own
    where own.event_id = o.event_id and own.source = $1)

-- Events that a file names, found by id in the same source, by any id, then by name and date.
-- reads: warehouse.event, warehouse.event_source
-- binds: ids, names, days, source, near
select k.place, f.known_as
from unnest($1, $2, $3) with ordinality k(id, name, day, place)
join lateral ( select concat_ws(', ', e.name, e.local_date, e.source) as known_as
    from ( select e.event_id, 1 as rank
        from warehouse.event_source e
        where k.id <> '' and e.source = $4 and e.source_id = k.id
        union all
        select e.event_id, 1
        from warehouse.event e
        where k.id <> '' and e.source = $4 and e.source_id = k.id
        union all
        select e.event_id, 2
        from warehouse.event e
        where k.id <> '' and k.name = '' and e.source_id = k.id
        union all
        select e.event_id, 2
        from warehouse.event_source e
        where k.id <> '' and k.name = '' and e.source_id = k.id
        union all
        select e.event_id, 3
        from warehouse.event e
        where k.name <> '' and k.day <> '' and e.local_date between k.day::date - 60 and
            k.day::date + $5 and coalesce(e.end_local_date, e.local_date) >= k.day::date - $5
            and meta.normalized_label(e.name) = k.name and (k.id = '' or e.source <> $4)
        union all
        select e.event_id, 4
        from warehouse.event e
        where k.id = '' and k.day = '' and k.name <> '' and
            meta.normalized_label(e.name) = k.name ) found
    join warehouse.event e using (event_id)
    order by found.rank, e.local_date desc, e.event_id limit 1) f on true

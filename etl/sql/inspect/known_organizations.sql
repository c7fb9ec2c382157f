-- Organizations that a file names, found by id in the same source, by any id, then by name.
-- reads: warehouse.organization, warehouse.organization_alias
-- binds: ids, names, source
select k.place, f.name
from unnest($1, $2) with ordinality k(id, name, place)
join lateral ( select o.name
    from ( select o.organization_id, 1 as rank
        from warehouse.organization o
        where k.id <> '' and o.source = $3 and o.source_id = k.id
        union all
        select o.organization_id, 2
        from warehouse.organization o
        where k.id <> '' and k.name = '' and o.source_id = k.id
        union all
        select o.organization_id, 3
        from warehouse.organization o
        where k.name <> '' and o.normalized_name = k.name
        union all
        select a.organization_id, 4
        from warehouse.organization_alias a
        where k.name <> '' and a.normalized_name = k.name ) found
    join warehouse.organization o using (organization_id)
    where o.organization_id > 0
    order by found.rank, o.organization_id limit 1) f on true

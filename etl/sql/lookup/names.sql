-- Codes and names of the rows of a list.
-- reads: warehouse.{list}
select coalesce(l.row ->> 'code', l.row ->> 'geoid', ''), l.row ->> 'name', l.id
from (
    select to_jsonb(t) as row, {key} as id
    from warehouse.{list} t) l
where l.id > 0
order by l.id

-- Reads: stage. Writes: the table of a list that is merged by its codes.
insert into warehouse.{{table}} as known ({{table}}_id, {{columns}})
select coalesce(t.{{table}}_id, (
        select greatest(coalesce(max({{table}}_id), 0), 0)
        from warehouse.{{table}}) + row_number() over (
        partition by t.{{table}}_id is null
        order by s.row_number)), {{values}}
from stage s
left join warehouse.{{table}} t on t.code = s.code
order by s.row_number
on conflict (code) do update set {{changes}}
where ({{known}}) is distinct from ({{excluded}})

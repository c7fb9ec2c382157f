-- Writes: the unmapped member of a list that is merged by its codes.
insert into warehouse.{{table}} ({{table}}_id, {{columns}})
values (-1, {{values}})
on conflict do nothing

-- Deletes records that the current version no longer contains.
-- reads: {found}
-- writes: warehouse.{table}
delete from warehouse.{table} t using {found} f
where t.{key} = f.id

-- Deletes rows that belong to changed records, and are stored again.
-- reads: {merging}
-- writes: warehouse.{part}
delete from warehouse.{part} c using {merging} f
where not f.is_new and c.{key} = f.id

-- Fires the trigger that raises the version of a table, without a row.
-- writes: warehouse.{table}
delete from warehouse.{table}
where false

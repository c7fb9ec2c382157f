-- Gives records that begin with the id of an event the id of the event's later edition.
-- writes: warehouse.{table}
-- binds: source, earlier, later
update warehouse.{table}
set source_id = $3 || substr(source_id, length($2) + 1)
where source = $1 and starts_with(source_id, $2 || '|')

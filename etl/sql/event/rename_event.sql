-- Gives an event the id of its claim in the later edition of a file.
-- writes: warehouse.event
-- binds: source, earlier, later
update warehouse.event
set source_id = $3
where source = $1 and source_id = $2

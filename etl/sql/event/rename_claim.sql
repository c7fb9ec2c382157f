-- Gives a stored claim the id that the later edition of its file derives.
-- writes: warehouse.event_source
-- binds: source, earlier, later
update warehouse.event_source
set source_id = $3
where source = $1 and source_id = $2

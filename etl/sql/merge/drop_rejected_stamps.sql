-- Drops the time stamps of rejected log rows.
-- writes: stage_milestone
-- binds: rows
delete from stage_milestone
where weight = 0 and source_row = any($1)

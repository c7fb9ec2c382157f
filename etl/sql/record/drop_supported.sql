-- Drops records that rejected rows report besides an event.
-- writes: {stage}
-- binds: rows
delete from {stage}
where weight = 0 and source_row = any($1)

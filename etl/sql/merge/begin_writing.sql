-- Notes that inserts without triggers begin to write a table.
-- binds: table
select meta.begin_writing($1::text::regclass)

-- Adds an index to the key of a temporary table.
create index on {temporary} ({key})

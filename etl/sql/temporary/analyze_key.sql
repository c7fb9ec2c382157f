-- Gathers statistics about the key of a temporary table.
analyze {temporary} ({key})

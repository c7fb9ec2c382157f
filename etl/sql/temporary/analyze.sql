-- Gathers statistics about a temporary table.
analyze {temporary}

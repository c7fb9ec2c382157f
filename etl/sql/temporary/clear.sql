-- Empties a temporary table.
-- writes: {temporary}
delete from {temporary}

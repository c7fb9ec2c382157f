-- Drops temporary tables.
drop table {tables}

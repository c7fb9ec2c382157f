-- Reads: the catalogs. Returns the name of each object only, so that Postgres computes no definition.
select name
from ({{definitions}}) d

-- Stores new records.
-- reads: {merging}
-- writes: warehouse.{table}
-- binds: source, batch, file
insert into warehouse.{table} ({key}, {targets}, source, source_id, batch_id, file_id, source_row,
    content_hash)
select f.id, {values}, $1, f.source_id, $2, $3, f.source_row, f.content_hash
from {merging} f
where f.is_new
order by f.id

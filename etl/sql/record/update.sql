-- Stores changes of records.
-- reads: {merging}
-- writes: warehouse.{table}
-- binds: batch, file
update warehouse.{table} t
set ({targets}, batch_id, file_id, source_row, content_hash) = row({values}, $1, $2, f.source_row,
    f.content_hash)
from {merging} f
where not f.is_new and t.{key} = f.id

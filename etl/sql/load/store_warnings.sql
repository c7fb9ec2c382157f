-- Stores the warnings of a file.
-- writes: meta.warning
-- binds: file, batch, codes, columns, values, messages, first_rows, occurrences
insert into meta.warning (file_id, batch_id, code, column_name, value, message, first_row,
        occurrences)
select $1, $2, w.*
from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[]) as w

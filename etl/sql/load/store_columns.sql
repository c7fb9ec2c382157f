-- Stores how each column of a file was read.
-- writes: meta.file_column
-- binds: file, sheets, positions, headings, fates, fields, filled, samples, nearest, read_instead
insert into meta.file_column (file_id, number, sheet, position, heading, fate, field, filled,
        samples, nearest, read_instead)
select $1, c.number, nullif(c.sheet, ''), c.position, c.heading, c.fate, c.field, c.filled,
    case c.samples when '' then '{}' else string_to_array(c.samples, chr(10)) end, c.nearest,
    c.read_instead
from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::bigint[],
        $8::text[], $9::text[], $10::int[]) with ordinality as c(sheet, position, heading,
        fate, field, filled, samples, nearest, read_instead, number)

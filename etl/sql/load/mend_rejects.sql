-- Marks the rejected rows that this file brings in corrected form. A file of the same name and source that repeats records
-- of an earlier one is its next edition. A file written by `hotwash rejects` names the file and row of each of its rows.
-- writes: meta.reject
-- reads: meta.file, meta.reject
-- binds: file, corrected_files, corrected_rows, rows
update meta.reject as r set mended_at = now()
from meta.file as own, meta.file as earlier
where own.file_id = $1 and earlier.file_id = r.file_id and earlier.file_id < own.file_id and r.mended_at is null
    and (
        (earlier.name = own.name and earlier.source = own.source
            and (own.unchanged + own.updated > 0 or earlier.read = earlier.rejected))
        or exists (
            select from unnest($2::text[], $3::bigint[], $4::bigint[]) as c (corrected_file, corrected_row, row_number)
            where c.corrected_file = earlier.name and c.corrected_row = r.row_number
                and not exists (
                    select from meta.reject as again where again.file_id = own.file_id
                        and again.row_number = c.row_number)))

-- Marks the rejected rows that this file brings in corrected form. A file of the same name and source that contains at
-- least as many known records as an earlier one loaded is its next edition. A file written by `hotwash rejects` names the
-- file and row that each of its rows corrects. A row that is rejected again refers to the first reject.
-- writes: meta.reject
-- reads: meta.file, meta.reject
-- binds: file, corrected_files, corrected_rows, rows
with correction as (
    select c.row_number, r.reject_id, coalesce(r.original_reject_id, r.reject_id) as original
    from unnest($2::text[], $3::bigint[], $4::bigint[]) as c (corrected_file, corrected_row, row_number)
    join meta.file as f on f.name = c.corrected_file and f.file_id < $1
    join meta.reject as r on r.file_id = f.file_id and r.row_number = c.corrected_row and r.corrected_at is null
), again as (
    update meta.reject as r set original_reject_id = c.original
    from correction as c
    where r.file_id = $1 and r.row_number = c.row_number
    returning r.row_number
)
update meta.reject as r set corrected_at = now()
from meta.file as own, meta.file as earlier
where own.file_id = $1 and earlier.file_id = r.file_id and earlier.file_id < own.file_id and r.corrected_at is null
    and (
        (earlier.name = own.name and earlier.source = own.source
            and earlier.inserted + earlier.updated + earlier.unchanged > 0
            and own.updated + own.unchanged >= earlier.inserted + earlier.updated + earlier.unchanged)
        or coalesce(r.original_reject_id, r.reject_id) in (
            select c.original from correction as c
            where c.row_number not in (select a.row_number from again as a)))

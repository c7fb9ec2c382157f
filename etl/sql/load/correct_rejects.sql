-- Marks the rejected rows that this file brings in corrected form. A file of the same name and source that contains at
-- least as many known records as an earlier one loaded is its next edition. Of any other file of the same name and
-- source, a reject is corrected if this file brings its row: a record whose id one of the cells states, or the row of
-- the same number with at most one other cell, or with two thirds of the filled cells alike, among them the longest one
-- that was not rejected. Rows of a document have no cells; they are corrected together, if the document has a record at
-- the position of each. A row that is rejected here too is listed for this file instead. A file written by `hotwash
-- rejects` names the file and row that each of its rows corrects. A row that is rejected again refers to the first
-- reject.
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
), earlier as materialized (
    select r.reject_id, r.file_id, r.row_number, r.column_name, r.row_content as content,
        f.loaded,
        f.loaded > 0 and own.updated + own.unchanged >= f.loaded as is_edition
    from meta.file as own
    join (
        select file_id, name, source, inserted + updated + unchanged as loaded
        from meta.file) as f on f.name = own.name and f.source = own.source and f.file_id < own.file_id
    join meta.reject as r on r.file_id = f.file_id and r.corrected_at is null
    where own.file_id = $1
), brought (row_number, id, content) as (
    select r.row_number, null::text, r.row_content
    from meta.reject as r
    where r.file_id = $1
    {brought}
), corrected as (
    select reject_id from earlier where is_edition
    union
    select e.reject_id
    from earlier as e
    cross join jsonb_each_text(e.content) as cell
    join brought as b on b.id = cell.value and coalesce(b.content ->> cell.key, b.id) = b.id
    where not e.is_edition
    union
    select e.reject_id
    from earlier as e
    join brought as b on b.row_number = e.row_number
    where not e.is_edition and (
        select count(*) filter (where c.own is distinct from c.value) <= 1
            and count(*) filter (where c.value <> '' and c.own = c.value) > 1
            or (array_agg(c.own = c.value order by c.is_wrong, length(c.value) desc))[1]
            and 3 * count(*) filter (where c.value <> '' and c.own = c.value)
                >= 2 * count(*) filter (where c.value <> '' or c.own <> '')
        from (
            select cell.value, b.content ->> cell.key as own, cell.key is not distinct from e.column_name as is_wrong
            from jsonb_each_text(e.content) as cell) as c)
    union
    select e.reject_id
    from earlier as e
    where e.loaded = 0 and not exists (
        select from earlier as other
        where other.file_id = e.file_id and (other.content is not null
            or other.row_number not in (select b.row_number from brought as b)))
)
update meta.reject as r set corrected_at = now()
from meta.file as own
where own.file_id = $1 and r.corrected_at is null and (
    r.reject_id in (select c.reject_id from corrected as c)
    or r.file_id < own.file_id and coalesce(r.original_reject_id, r.reject_id) in (
        select c.original from correction as c
        where c.row_number not in (select a.row_number from again as a)))

-- Records the load and the file of a dry run, which is rolled back.
-- writes: meta.batch, meta.file
-- binds: name, source
with batch as (
    insert into meta.batch (tool_version) values ('dry run')
    returning batch_id)
insert into meta.file (batch_id, name, source)
select batch_id, $1, $2
from batch
returning batch_id, file_id

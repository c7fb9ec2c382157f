-- Reads: meta.file.
-- Counts: the loaded files whose rows read are not the sum of what became of them.
select count(*) as broken
from meta.file
where status = 'LOADED'
    and read <> inserted + updated + unchanged + rejected

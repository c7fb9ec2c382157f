-- Records of an earlier version that the current version no longer contains.
-- reads: warehouse.{table}, {retained}, document
-- binds: source
select t.{key} as id
from warehouse.{table} t
join document d on d.event_id = t.event_id
where not d.is_old and t.source = $1 and not exists (
    select
    from {retained} f
    where f.source_id = t.source_id)

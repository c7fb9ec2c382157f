-- Claims of this file that are not known.
-- reads: source_claim, stage_event
-- binds: source
select null::bigint, s.name, s.local_date, coalesce(s.end_local_date, s.local_date), nullif(
        split_part(s.detail -> 'exercise' ->> 'sponsor', chr(31), 4), ''), array_remove(
        s.regions, -1), s.source_id !~ '^[0-9a-f]{24}$', $1, s.source_id, s.kind, s.source_row
from stage_event s
join source_claim t using (source_id)
where not t.is_known
order by s.source_row, s.source_id

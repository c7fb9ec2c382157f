-- Claims of this file without a stated id that are not known, with whether the file has another event of the same name.
-- reads: source_claim, stage_event
select s.source_id, s.kind, s.name, s.start_at, s.end_at, to_jsonb(s.regions)::text, s.source_row, s.is_series,
    s.time_zone
from (
    select *, count(*) over (partition by lower(name)) > 1 as is_series
    from stage_event) s
join source_claim t using (source_id)
where not t.is_known and s.source_id ~ '^[0-9a-f]{24}$'
order by s.source_id

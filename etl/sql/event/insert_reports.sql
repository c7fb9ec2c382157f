-- Stores after-action reports. The date of a draft is retained.
-- reads: merging
-- writes: warehouse.after_action_report
insert into warehouse.after_action_report (event_id, layout, has_overview, draft_on, final_on,
        participants_listed, batch_id, file_id, source_row, content_hash)
select m.event_id, a ->> 'layout', (a ->> 'has_overview')::boolean, (a ->> 'draft_on')::date,
        (a ->> 'final_on')::date, (a ->> 'participants_listed')::boolean, m.claim_batch,
    m.claim_file, m.source_row, m.content_hash
from merging m
cross join lateral (select nullif(m.detail -> 'after_action_report', 'null') as a) as part
where a is not null
order by 1
on conflict (event_id) do update set (layout, has_overview, draft_on, final_on,
        participants_listed, batch_id, file_id, source_row, content_hash) = row(
        excluded.layout, excluded.has_overview, coalesce(excluded.draft_on,
            after_action_report.draft_on), excluded.final_on, excluded.participants_listed,
        excluded.batch_id, excluded.file_id, excluded.source_row, excluded.content_hash)

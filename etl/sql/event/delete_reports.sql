-- Deletes reports that a changed event no longer has.
-- reads: merging
-- writes: warehouse.after_action_report
delete from warehouse.after_action_report a using merging m
where not m.is_new and a.event_id = m.event_id and nullif(m.detail -> 'after_action_report',
        'null') is null

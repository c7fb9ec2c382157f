drop trigger note_change on meta.batch;
drop index warehouse.corrective_action_source_report;
delete from warehouse.corrective_action_source s using warehouse.corrective_action_source newer
where s.source = newer.source and s.source_id = newer.source_id and s.content_hash = newer.content_hash
    and s.corrective_action_source_id < newer.corrective_action_source_id;
alter table warehouse.corrective_action_source drop column corrective_action_source_id;
alter table warehouse.corrective_action_source add primary key (source, source_id, content_hash);

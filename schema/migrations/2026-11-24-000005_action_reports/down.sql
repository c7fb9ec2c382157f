alter table warehouse.corrective_action_source drop constraint corrective_action_source_pkey;
delete from warehouse.corrective_action_source s using warehouse.corrective_action_source newer
where s.source = newer.source and s.source_id = newer.source_id and s.ctid < newer.ctid;
alter table warehouse.corrective_action_source drop column report;
alter table warehouse.corrective_action_source add primary key (source, source_id);
drop index warehouse.corrective_action_external_id_idx;
alter table warehouse.corrective_action drop column issue;

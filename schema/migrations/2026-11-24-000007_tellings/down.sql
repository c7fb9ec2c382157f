drop table warehouse.event_source;
alter table warehouse.corrective_action_source alter constraint corrective_action_source_corrective_action_id_fkey not deferrable;
drop index warehouse.corrective_action_source_without_event;
drop index warehouse.corrective_action_source_report;
create unique index corrective_action_source_report on warehouse.corrective_action_source
    (source, source_id, content_hash, reported_on) nulls not distinct;

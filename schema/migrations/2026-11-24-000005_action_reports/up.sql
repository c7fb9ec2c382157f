-- An action may be told of by many reports: each is kept, so that its state can be made anew from all of them in their order.
alter table warehouse.corrective_action add column issue text;
comment on column warehouse.corrective_action.issue is 'Area for improvement it answers, as its report words it; contact details redacted';
create index corrective_action_external_id_idx on warehouse.corrective_action (external_id) where external_id is not null;

alter table warehouse.corrective_action_source drop constraint corrective_action_source_pkey;
alter table warehouse.corrective_action_source add column report jsonb not null default '{}';
comment on column warehouse.corrective_action_source.report is 'What the report said, as it was merged';
alter table warehouse.corrective_action_source add primary key (source, source_id, content_hash);

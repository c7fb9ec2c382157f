-- The same words on another day are another report: a row may come back to what it said before.
alter table warehouse.corrective_action_source drop constraint corrective_action_source_pkey;
alter table warehouse.corrective_action_source add column corrective_action_source_id bigint generated always as identity primary key;
comment on column warehouse.corrective_action_source.corrective_action_source_id is 'Surrogate key';
create unique index corrective_action_source_report on warehouse.corrective_action_source
    (source, source_id, content_hash, reported_on) nulls not distinct;

-- Loads are versioned like what they load: whoever keeps an answer about them learns that it is old.
create trigger note_change after insert or update or delete or truncate on meta.batch
    for each statement execute function meta.note_change();

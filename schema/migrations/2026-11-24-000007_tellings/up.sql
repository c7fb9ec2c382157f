-- Of one row on one day the last word counts, so that a report mended and loaded again takes the place of the wrong one.
delete from warehouse.corrective_action_source s using warehouse.corrective_action_source later
where later.source = s.source and later.source_id = s.source_id and later.reported_on is not distinct from s.reported_on
    and later.corrective_action_source_id > s.corrective_action_source_id;
drop index warehouse.corrective_action_source_report;
create unique index corrective_action_source_report on warehouse.corrective_action_source
    (source, source_id, reported_on) nulls not distinct;

-- Reports that name an event which is not loaded yet are found when it comes.
create index corrective_action_source_without_event on warehouse.corrective_action_source ((report ->> 'event_ref'))
    where report ->> 'event_id' is null and report ->> 'event_ref' is not null;

-- An action is made from its reports: within a load they are there first.
alter table warehouse.corrective_action_source alter constraint corrective_action_source_corrective_action_id_fkey
    deferrable initially deferred;

-- Several documents may tell of one event: each telling is kept, and the event is made from all of them.
create table warehouse.event_source (
    source text not null,
    source_id text not null,
    event_id bigint not null references warehouse.event on delete cascade deferrable initially deferred,
    matched_by text not null check (matched_by in ('NEW','SIMILARITY','APART')),
    similarity double precision check (similarity between 0 and 1),
    source_version text not null default '',
    told jsonb not null,
    batch_id integer not null,
    file_id integer not null,
    source_row bigint not null,
    content_hash bytea not null,
    primary key (source, source_id)
);
create index event_source_event_id_idx on warehouse.event_source (event_id);
comment on table warehouse.event_source is 'What each of a coalition''s documents tells of an event.';
comment on column warehouse.event_source.source is 'Source, e.g. exercise_calendar.';
comment on column warehouse.event_source.source_id is 'Id of the event in the source.';
comment on column warehouse.event_source.event_id is 'The event.';
comment on column warehouse.event_source.matched_by is 'NEW: its own event; SIMILARITY: taken for one that another document tells of; APART: parted from it by hand.';
comment on column warehouse.event_source.similarity is 'Likeness of the names, 0 to 1, where it was matched by similarity.';
comment on column warehouse.event_source.source_version is 'Version the source states.';
comment on column warehouse.event_source.told is 'What it tells, as it was merged.';
comment on column warehouse.event_source.batch_id is 'Load.';
comment on column warehouse.event_source.file_id is 'File.';
comment on column warehouse.event_source.source_row is 'Row in the file.';
comment on column warehouse.event_source.content_hash is 'Hash of what it tells.';
create policy visible on warehouse.event_source for select using ((select access.sees_all_detail()) or exists
    (select 1 from access.visible_event v where v.event_id = event_source.event_id));
alter table warehouse.event_source enable row level security;
create trigger note_change after insert or update or delete or truncate on warehouse.event_source
    for each statement execute function meta.note_change();

-- Events loaded before have one telling each: what is known of them.
insert into warehouse.event_source (source, source_id, event_id, matched_by, source_version, told, batch_id, file_id, source_row, content_hash)
select e.source, e.source_id, e.event_id, 'NEW', e.source_version,
    jsonb_strip_nulls(jsonb_build_object(
        'kind', e.kind, 'name', e.name, 'start_at', e.start_at, 'end_at', e.end_at, 'local_date', e.local_date, 'end_local_date', e.end_local_date,
        'time_zone', e.time_zone, 'status', e.status, 'sensitivity', e.sensitivity, 'statewide', e.statewide, 'owes_aar', e.owes_aar,
        'latitude', e.latitude, 'longitude', e.longitude, 'narrative', e.narrative, 'response', coalesce(i.response, 'NONE'),
        'declaration_number', i.declaration_number, 'declaration_type', i.declaration_type, 'deaths_direct', i.deaths_direct,
        'deaths_indirect', i.deaths_indirect, 'injuries_direct', i.injuries_direct, 'injuries_indirect', i.injuries_indirect,
        'damage_property_usd', i.damage_property_usd, 'damage_crops_usd', i.damage_crops_usd, 'evacuated', i.evacuated,
        'hazards', (select coalesce(jsonb_agg(h.hazard_id order by h.is_primary desc, h.hazard_id), '[]') from warehouse.event_hazard h where h.event_id = e.event_id),
        'counties', (select coalesce(jsonb_agg(c.county_id), '[]') from warehouse.event_county c where c.event_id = e.event_id),
        'regions', (select coalesce(jsonb_agg(r.region_id order by r.region_id), '[]') from warehouse.event_region r where r.event_id = e.event_id),
        'weights', (select coalesce(jsonb_agg(r.allocation_weight order by r.region_id), '[]') from warehouse.event_region r where r.event_id = e.event_id),
        'label_fields', (select coalesce(jsonb_agg(l.field order by l.field, l.label), '[]') from warehouse.event_source_label l where l.event_id = e.event_id),
        'labels', (select coalesce(jsonb_agg(l.label order by l.field, l.label), '[]') from warehouse.event_source_label l where l.event_id = e.event_id),
        'detail', jsonb_build_object(
            'activation_level', i.activation_level, 'activation_ordinal', i.activation_ordinal, 'patients', i.patients, 'hospitals_involved', i.hospitals_involved,
            'exercise', case when x.event_id is not null then jsonb_build_object('type', x.exercise_type_id, 'programme', x.programme, 'scope', x.scope,
                'scenario', x.scenario, 'time_limit_minutes', x.time_limit_minutes, 'sponsor', (select concat_ws(chr(31), 'name', o.normalized_name, o.region_id, o.name)
                    from warehouse.organization o where o.organization_id = x.sponsor_organization_id and o.organization_id > 0)) end,
            'objectives', (select jsonb_agg(jsonb_build_object('number', b.number, 'text', b.text, 'capability', b.capability_id) order by b.number)
                from warehouse.objective b where b.event_id = e.event_id),
            'after_action_report', (select jsonb_build_object('layout', a.layout, 'has_overview', a.has_overview, 'draft_on', a.draft_on, 'final_on', a.final_on,
                'participants_listed', a.participants_listed) from warehouse.after_action_report a where a.event_id = e.event_id)))),
    e.batch_id, e.file_id, e.source_row, e.content_hash
from warehouse.event e left join warehouse.incident i using (event_id) left join warehouse.exercise x using (event_id)
where e.source in ('exercise_calendar', 'duty_officer_log', 'hseep_aar_docx', 'hotwash');

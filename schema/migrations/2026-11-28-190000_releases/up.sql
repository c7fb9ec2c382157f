-- Releases: what viewers are told about regions that are not theirs. Each is kept, so that the next one can be compared with it.

create table meta.release (
    release_id bigint generated always as identity primary key,
    as_of date not null,
    made_at timestamptz not null default now(),
    warehouse_version bigint not null,
    content jsonb not null
);
comment on table meta.release is 'Releases: fixed tables of every metric, as published about regions that are not the reader''s own.';
comment on column meta.release.release_id is 'Number of the release, from 1.';
comment on column meta.release.as_of is 'Day that it was computed for: the last of a month.';
comment on column meta.release.made_at is 'When it was made.';
comment on column meta.release.warehouse_version is 'Version of the warehouse that it was made from.';
comment on column meta.release.content is 'Its tables, and what contributors brought to each cell. Read by Hotwash alone.';
create trigger note_change after insert or update or delete or truncate on meta.release
    for each statement execute function meta.note_change();
create trigger note_beginning before insert or update or delete or truncate on meta.release
    for each statement execute function meta.note_beginning();

drop policy visible on bi.metric_value;
alter table bi.metric_value drop column withheld_from;
delete from bi.metric_value;
alter table bi.metric_value
    add column scope text not null default 'LIVE' check (scope in ('LIVE', 'RELEASED', 'OPEN')),
    add column partial boolean not null default false;
comment on column bi.metric_value.scope is 'Who reads the row: LIVE for its own region and for roles that see all detail, RELEASED for everybody else, OPEN for all.';
comment on column bi.metric_value.partial is 'Some row of the same released table is suppressed: readers of several regions do not see the table.';
create policy visible on bi.metric_value for select using (
    case when (select access.sees_all_detail()) then scope <> 'RELEASED'
         when scope = 'OPEN' then true
         when (select access.sees_detail()) and region_id = any ((select access.viewer_regions())::integer[]) then scope = 'LIVE'
         else scope = 'RELEASED' and not (partial and (select access.known_region()) = -2) end);

-- Multiplies the demo's coalition records inside Postgres. Loading them as files would measure the loader, not the
-- metrics. Each copy is a separate record with the dates, labels and regions of its original. psql variables: ratings,
-- actions, rest (copies of records that reference events), people (copies of organizations, their assessments and
-- participations).
set session_replication_role = replica;
set synchronous_commit = off;
set maintenance_work_mem = '512MB';
create schema if not exists bench;
-- Copy n of record x has the id x + n * step.
create table bench.step as select
    (select max(event_id) - min(event_id) + 1 from warehouse.event where source = 'hotwash') as event,
    -- The number of the first copy is higher than that of any existing event.
    (select 1 + (max(event_id) - min(event_id) filter (where source = 'hotwash'))
        / (max(event_id) filter (where source = 'hotwash') - min(event_id) filter (where source = 'hotwash') + 1) from warehouse.event) as first,
    (select max(capability_rating_id) from warehouse.capability_rating) as rating,
    (select max(finding_id) from warehouse.finding) as finding, (select max(corrective_action_id) from warehouse.corrective_action) as action,
    (select max(milestone_id) from warehouse.milestone) as milestone, (select max(participation_id) from warehouse.participation) as participation,
    (select max(organization_id) from warehouse.organization) as organization, (select max(risk_assessment_id) from warehouse.risk_assessment) as assessment,
    (select max(risk_score_id) from warehouse.risk_score) as score, (select max(resource_request_id) from warehouse.resource_request) as request,
    (select max(information_request_id) from warehouse.information_request) as information,
    (select max(information_report_id) from warehouse.information_report) as report,
    (select max(action_status_history_id) from warehouse.action_status_history) as history;

create function bench.multiply(named text, keys jsonb, copies integer, chosen text default 'true') returns bigint language plpgsql as $$
declare
    columns text; selected text; written bigint;
begin
    -- Keys increase by a step, and ids of the source end with the number of the copy. Other values are unchanged.
    select string_agg(format('%I', a.attname), ', ' order by a.attnum),
        string_agg(case
            when keys ? a.attname then format('t.%I + n * s.%I', a.attname, keys ->> a.attname)
            when a.attname = 'source_id' then '''x'' || n || ''-'' || t.source_id'
            else format('t.%I', a.attname) end, ', ' order by a.attnum)
    into columns, selected
    from pg_attribute a where a.attrelid = ('warehouse.' || named)::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
    execute format('insert into warehouse.%I (%s) select %s from bench.step s cross join generate_series(s.first, s.first + %s - 1) n cross join warehouse.%I t where %s',
        named, columns, selected, copies, named, chosen);
    get diagnostics written = row_count;
    return written;
end $$;

\set ours 't.event_id in (select event_id from warehouse.event where source = ''hotwash'')'
\set of_ours 't.finding_id in (select finding_id from warehouse.finding f join warehouse.event e using (event_id) where e.source = ''hotwash'')'
\set done_ours 't.corrective_action_id in (select corrective_action_id from warehouse.corrective_action a join warehouse.event e using (event_id) where e.source = ''hotwash'')'
\set asked_ours 't.information_request_id in (select information_request_id from warehouse.information_request r join warehouse.event e using (event_id) where e.source = ''hotwash'')'
select 'organization', bench.multiply('organization', '{"organization_id": "organization"}', :people, 't.organization_id > 0');
select 'risk_assessment', bench.multiply('risk_assessment', '{"risk_assessment_id": "assessment", "organization_id": "organization"}', :people, 't.organization_id > 0');
select 'risk_score', bench.multiply('risk_score', '{"risk_score_id": "score", "risk_assessment_id": "assessment"}', :people);
select 'participation', bench.multiply('participation', '{"participation_id": "participation", "event_id": "event", "organization_id": "organization"}', :people, :'ours');
select 'milestone', bench.multiply('milestone', '{"milestone_id": "milestone", "event_id": "event"}', :rest, :'ours');
select 'finding', bench.multiply('finding', '{"finding_id": "finding", "event_id": "event"}', :rest, :'ours');
select 'finding_element', bench.multiply('finding_element', '{"finding_id": "finding"}', :rest, :'of_ours');
select 'corrective_action', bench.multiply('corrective_action', '{"corrective_action_id": "action", "event_id": "event", "finding_id": "finding"}', :actions, :'ours');
select 'action_status_history', bench.multiply('action_status_history', '{"action_status_history_id": "history", "corrective_action_id": "action"}', :actions, :'done_ours');
select 'resource_request', bench.multiply('resource_request', '{"resource_request_id": "request", "event_id": "event"}', :rest, :'ours');
select 'information_request', bench.multiply('information_request', '{"information_request_id": "information", "event_id": "event"}', :people, :'ours');
select 'information_report', bench.multiply('information_report', '{"information_report_id": "report", "information_request_id": "information"}', :people, :'asked_ours');
select 'exercise', bench.multiply('exercise', '{"event_id": "event"}', :ratings, :'ours');
select 'incident', bench.multiply('incident', '{"event_id": "event"}', :ratings, :'ours');
select 'event_region', bench.multiply('event_region', '{"event_id": "event"}', :ratings, :'ours');
select 'event_hazard', bench.multiply('event_hazard', '{"event_id": "event"}', :ratings, :'ours');
select 'after_action_report', bench.multiply('after_action_report', '{"event_id": "event"}', :rest, :'ours');
select 'capability_rating', bench.multiply('capability_rating', '{"capability_rating_id": "rating", "event_id": "event"}', :ratings, :'ours');
select 'event', bench.multiply('event', '{"event_id": "event"}', :ratings, 't.source = ''hotwash''');
-- Keys of later loads must not collide with these.
select setval(pg_get_serial_sequence('warehouse.' || name, name || '_id'), 1000000000) from unnest(array['event', 'capability_rating', 'finding',
    'corrective_action', 'action_status_history', 'milestone', 'participation', 'organization', 'risk_assessment', 'risk_score', 'resource_request', 'information_request']) as name;
set session_replication_role = origin;
analyze;
-- The triggers were disabled, so raise the versions now.
delete from warehouse.event where false;
delete from warehouse.event_region where false;
delete from warehouse.capability_rating where false;
delete from warehouse.corrective_action where false;

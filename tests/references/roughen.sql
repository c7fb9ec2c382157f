-- Makes a generated warehouse as rough as real ones are: events of several regions and of none, planned and cancelled ones,
-- other scales, unrated and task ratings, actions reopened and without dates, stamps known to the day or out of order,
-- requests outside events, organizations closed or unknown, risks not applicable or tied, areas of several elements.
begin;
-- Deterministic: a record is chosen by a digest of its key.
create function pg_temp.pick(key bigint, salt text, one_in integer) returns boolean language sql immutable
    as $$ select ('x' || substr(md5(key || salt), 1, 7))::bit(28)::int % one_in = 0 $$;

insert into warehouse.event_region (event_id, region_id)
    select e.event_id, r.region_id from warehouse.event e join warehouse.region r on r.region_id between 1 and 6
    where e.source = 'hotwash' and pg_temp.pick(e.event_id, 'more', 5) and pg_temp.pick(e.event_id * 7 + r.region_id, 'which', 3) on conflict do nothing;
delete from warehouse.event_region where pg_temp.pick(event_id, 'nowhere', 23);
update warehouse.event set status = case when pg_temp.pick(event_id, 'plan', 2) then 'PLANNED' else 'CANCELLED' end where source = 'hotwash' and pg_temp.pick(event_id, 'status', 19);
update warehouse.event set end_at = null, end_local_date = null where source = 'hotwash' and pg_temp.pick(event_id, 'open', 9);
update warehouse.event set kind = 'PLANNED_EVENT' where source = 'hotwash' and kind = 'EXERCISE' and pg_temp.pick(event_id, 'parade', 17);
delete from warehouse.exercise where event_id in (select event_id from warehouse.event where kind = 'PLANNED_EVENT');
update warehouse.event set hazard_id = -1 where source = 'hotwash' and pg_temp.pick(event_id, 'hazard', 11);
delete from warehouse.event_hazard where event_id in (select event_id from warehouse.event where hazard_id = -1);
insert into warehouse.event_hazard (event_id, hazard_id, is_primary) select event_id, 30, false from warehouse.event
    where source = 'hotwash' and pg_temp.pick(event_id, 'second', 6) on conflict do nothing;
update warehouse.exercise set time_limit_minutes = 90 where pg_temp.pick(event_id, 'limit', 3);
update warehouse.incident set response = 'NONE' where response = 'MONITORED' and pg_temp.pick(event_id, 'none', 3);

update warehouse.capability_rating set rating = 'NOT_OBSERVED' where pg_temp.pick(capability_rating_id, 'unseen', 13);
update warehouse.capability_rating set level = 'TASK' where pg_temp.pick(capability_rating_id, 'task', 17);
update warehouse.capability_rating set rating_scale_id = 2, rating = case rating when 'P' then 'FULLY' when 'S' then 'PARTIALLY' when 'M' then 'PARTIALLY' else 'NOT' end
    where rating <> 'NOT_OBSERVED' and pg_temp.pick(capability_rating_id, 'scale', 12);
update warehouse.capability_rating set capability_id = 19 where pg_temp.pick(capability_rating_id, 'framework', 10);
update warehouse.capability_rating set organization_id = 1 + capability_rating_id % 100 where pg_temp.pick(capability_rating_id, 'owner', 4);

-- Reopened: a third of them closed again, some validated ones too.
insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, change, status, due_on, batch_id, file_id, source_row)
    select corrective_action_id, completed_on + 40, 90, 'REOPENED', 'OPEN', due_current_on, 1, 1, 1 from warehouse.corrective_action
    where completed_on < '2026-03-01' and validated_on is null and pg_temp.pick(corrective_action_id, 'reopen', 11);
insert into warehouse.action_status_history (corrective_action_id, changed_on, sequence, change, status, due_on, batch_id, file_id, source_row)
    select corrective_action_id, completed_on + 80, 91, 'COMPLETED', 'COMPLETED', due_current_on, 1, 1, 1 from warehouse.corrective_action
    where completed_on < '2026-03-01' and validated_on is null and pg_temp.pick(corrective_action_id, 'reopen', 11) and pg_temp.pick(corrective_action_id, 'again', 3);
update warehouse.corrective_action a set status = case when pg_temp.pick(corrective_action_id, 'again', 3) then 'COMPLETED' else 'OPEN' end,
    completed_on = case when pg_temp.pick(corrective_action_id, 'again', 3) then completed_on + 80 end
    where exists (select from warehouse.action_status_history h where h.corrective_action_id = a.corrective_action_id and h.change = 'REOPENED');
update warehouse.corrective_action set owner_organization_id = -1 where pg_temp.pick(corrective_action_id, 'nobody', 9);
update warehouse.corrective_action set region_id = -1 where pg_temp.pick(corrective_action_id, 'nowhere', 40);
update warehouse.corrective_action set capability_id = -1 where pg_temp.pick(corrective_action_id, 'unmapped', 25);
update warehouse.corrective_action set finding_id = null where pg_temp.pick(corrective_action_id, 'loose', 8);

insert into warehouse.finding_element (finding_id, element_id, weight) select finding_id, element_id % 5 + 1, 0.5 from warehouse.finding_element
    where pg_temp.pick(finding_id, 'two', 6) on conflict do nothing;
update warehouse.finding_element k set weight = 0.5 where (select count(*) from warehouse.finding_element o where o.finding_id = k.finding_id) = 2;
delete from warehouse.finding_element where pg_temp.pick(finding_id, 'no element', 14);

update warehouse.milestone set time_precision = 'DAY' where milestone_type_id in (select milestone_type_id from warehouse.milestone_type where code in ('activated', 'first_sitrep')) and pg_temp.pick(milestone_id, 'day', 12);
update warehouse.milestone set occurred_at = occurred_at - interval '9 hours' where milestone_type_id in (select milestone_type_id from warehouse.milestone_type where code = 'activated') and pg_temp.pick(milestone_id, 'early', 30);
delete from warehouse.milestone where milestone_type_id in (select milestone_type_id from warehouse.milestone_type where code = 'activated') and pg_temp.pick(milestone_id, 'gone', 8);

update warehouse.resource_request set event_id = null where pg_temp.pick(resource_request_id, 'loose', 12);
update warehouse.resource_request set status = 'CANCELLED' where pg_temp.pick(resource_request_id, 'cancelled', 15);
update warehouse.resource_request set quantity_filled = quantity_requested * 1.5 where status = 'FILLED' and pg_temp.pick(resource_request_id, 'much', 10);
update warehouse.resource_request set needed_by = null where pg_temp.pick(resource_request_id, 'no need', 7);
update warehouse.information_request set due_at = null where pg_temp.pick(information_request_id, 'no due', 9);

update warehouse.organization set active = false where organization_id > 0 and pg_temp.pick(organization_id, 'closed', 14);
update warehouse.organization set region_id = -1 where organization_id > 0 and pg_temp.pick(organization_id, 'nowhere', 20);
update warehouse.risk_score set applicable = false, risk = 0, inherent_risk = 0, rank_in_assessment = null where pg_temp.pick(risk_score_id, 'not here', 15);
update warehouse.risk_score set hazard_id = 56 where hazard_id = 57 and pg_temp.pick(risk_score_id, 'same', 2);
update warehouse.risk_assessment set organization_id = -1 where pg_temp.pick(risk_assessment_id, 'regional', 12);
insert into warehouse.after_action_report (event_id, layout, has_overview, final_on, participants_listed, batch_id, file_id, source_row, content_hash)
    select event_id, 'hseep_2013', pg_temp.pick(event_id, 'overview', 2), case when pg_temp.pick(event_id, 'final', 2) then local_date + 45 end, pg_temp.pick(event_id, 'listed', 2), 1, 1, 1, '\x00'
    from warehouse.event where source = 'hotwash' and owes_aar and pg_temp.pick(event_id, 'report', 3);
update warehouse.finding set reference = null where pg_temp.pick(event_id, 'reference', 3);
update warehouse.finding set analysis = 'Root cause: the plan was not known.' where pg_temp.pick(event_id, 'analysis', 2);
insert into warehouse.objective (event_id, number, text, capability_id) select event_id, 1, 'Share information', 6 from warehouse.event where source = 'hotwash' and pg_temp.pick(event_id, 'objective', 2) on conflict do nothing;
commit;

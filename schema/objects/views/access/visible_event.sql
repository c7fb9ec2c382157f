-- Runs with its owner's rights, so that the policies do not call each other recursively.
-- requires: functions/access/sees_detail
-- requires: functions/access/viewer_regions

create view access.visible_event as
select e.event_id from warehouse.event e
where (select access.sees_detail()) and {{public_event of e}}
union all
select w.event_id from warehouse.event_region w
where (select access.sees_detail()) and {{own of w}};

comment on view access.visible_event is
    'Events whose detail is open to a region viewer: public, state-wide, or of its own regions.';
comment on column access.visible_event.event_id is 'The event.';

-- requires: functions/meta/time_zone
-- requires: functions/meta/time_zones
-- requires: functions/meta/county_time_zones

create view meta.event_time_zone as
select
    e.event_id,
    coalesce(
        case when e.time_zone = any ((select meta.time_zones())::text[]) then e.time_zone end,
        (
            select coalesce((select meta.county_time_zones()) ->> c.fips, (select meta.time_zone()))
            from warehouse.event_county w
            join warehouse.county c using (county_id)
            join warehouse.municipality m using (county_id)
            where w.event_id = e.event_id
            order by c.fips
            limit 1
        ),
        (select meta.time_zone())
    ) as time_zone
from warehouse.event e;

comment on view meta.event_time_zone is
    'Time zone of each event: its own if the jurisdiction has it, else that of its first county, else the '
    'jurisdiction''s.';
comment on column meta.event_time_zone.event_id is 'The event.';
comment on column meta.event_time_zone.time_zone is 'Time zone, such as America/Chicago.';

-- Endings of reopened actions: each completion, cancellation and reopening on its day. Status before
-- and after each step: 0 open, 1 completed, 2 canceled.
with step as (
    select h.corrective_action_id, h.changed_on, s.standing,
        lag(s.standing, 1, 0) over (
            partition by h.corrective_action_id order by h.changed_on, h.sequence) as before
    from warehouse.action_status_history h
    cross join lateral (
        select case
            when h.status in ('COMPLETED', 'VALIDATED') then 1
            when h.status = 'CANCELLED' then 2
            else 0
        end as standing
    ) s
    where {h.corrective_action_id} and h.change <> 'DUE_DATE' and h.corrective_action_id in (
            select c.corrective_action_id
            from warehouse.action_status_history c
            where {c.corrective_action_id} and c.change in ('DUE_DATE', 'REOPENED'))
)
select a.corrective_action_id, a.event_id, a.owner_organization_id, a.region_id, a.capability_id,
    s.changed_on, s.standing = 1, s.standing = 2, s.standing = 0, a.sensitivity = 'PUBLIC'
from step s
join warehouse.corrective_action a using (corrective_action_id)
where {a.corrective_action_id} and s.standing <> s.before and a.corrective_action_id in (
        select corrective_action_id
        from step
        where standing = 0 and before > 0)

-- Areas for improvement with an element: their elements, and the days on which their first action
-- was opened and completed. A completion counts even if the action was reopened later.
select f.finding_id, f.event_id, f.organization_id, f.capability_id, k.elements, a.first_opened,
    a.first_completed
from warehouse.finding f
join (
    select k.finding_id, string_agg(x.code, '+' order by x.code) as elements
    from warehouse.finding_element k
    join warehouse.element x using (element_id)
    where {k.finding_id}
    group by 1
) k using (finding_id)
left join (
    select a.finding_id, min(a.opened_on) as first_opened,
        least(min(a.completed_on), min(h.first_completed)) as first_completed
    from warehouse.corrective_action a
    left join (
        select h.corrective_action_id, min(h.changed_on) as first_completed
        from warehouse.action_status_history h
        where h.change = 'COMPLETED' and h.corrective_action_id in (
                select c.corrective_action_id
                from warehouse.corrective_action c
                where {c.finding_id})
        group by 1
    ) h using (corrective_action_id)
    where a.finding_id is not null and {a.finding_id}
    group by 1
) a using (finding_id)
where f.kind = 'AREA_FOR_IMPROVEMENT' and {f.finding_id}

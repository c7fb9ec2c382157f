-- Joins to each corrective action its progress today: whether it is open, the day it was closed, and
-- the days past its present due date, empty unless it is open and overdue. Reads the status history.
cross join lateral (
    select
        corrective_action.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED') as is_open,
        case
            when corrective_action.status not in ('COMPLETED', 'VALIDATED', 'CANCELLED')
                and corrective_action.due_current_on < current_date
                then current_date - corrective_action.due_current_on
        end as days_overdue,
        coalesce(
            corrective_action.completed_on, corrective_action.cancelled_on, corrective_action.validated_on,
            case when corrective_action.status in ('COMPLETED', 'VALIDATED', 'CANCELLED') then coalesce(
                (
                    select min(h.changed_on) from warehouse.action_status_history h
                    where h.corrective_action_id = corrective_action.corrective_action_id
                        and h.status in ('COMPLETED', 'VALIDATED', 'CANCELLED')
                ),
                corrective_action.opened_on
            ) end
        ) as closed_on
) progress

-- Marks actions with a new report as touched.
-- reads: report_corrective_action, touched_action
-- writes: touched_action
insert into touched_action
select distinct id
from report_corrective_action f
where not exists (
    select
    from touched_action t
    where t.id = f.id)

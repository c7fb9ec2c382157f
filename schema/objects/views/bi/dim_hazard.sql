create view bi.dim_hazard with (security_invoker = true) as
select
    hazard_id,
    code,
    category,
    name as hazard,
    sort_order
from warehouse.hazard;

comment on view bi.dim_hazard is 'Canonical hazards; -1 unmapped.';
comment on column bi.dim_hazard.hazard_id is 'Key; -1 unmapped.';
comment on column bi.dim_hazard.code is 'Code.';
comment on column bi.dim_hazard.category is 'Category.';
comment on column bi.dim_hazard.hazard is 'Name.';
comment on column bi.dim_hazard.sort_order is 'Order in lists.';

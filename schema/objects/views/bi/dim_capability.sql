create view bi.dim_capability with (security_invoker = true) as
select
    capability.capability_id,
    capability_framework.code as framework,
    capability_framework.edition,
    capability.code,
    capability.name as capability,
    capability.domain,
    capability.sort_order
from warehouse.capability
left join warehouse.capability_framework using (capability_framework_id);

comment on view bi.dim_capability is 'Capabilities of every framework and edition; -1 unmapped.';
comment on column bi.dim_capability.capability_id is 'Key; -1 unmapped.';
comment on column bi.dim_capability.framework is 'Framework, e.g. PHEP.';
comment on column bi.dim_capability.edition is 'Edition.';
comment on column bi.dim_capability.code is 'Number or code in the framework.';
comment on column bi.dim_capability.capability is 'Name.';
comment on column bi.dim_capability.domain is 'Group within the framework.';
comment on column bi.dim_capability.sort_order is 'Order in lists.';

create view bi.dim_organization with (security_invoker = true) as
select
    organization.organization_id,
    organization.name as organization,
    organization.region_id,
    discipline.name as discipline,
    discipline.state_core as is_state_core_discipline,
    discipline.hpp_core as is_hpp_core_member,
    organization.staffed_beds,
    organization.active
from warehouse.organization
left join warehouse.discipline using (discipline_id);

comment on view bi.dim_organization is 'Organizations as they are now; -1 unmapped.';
comment on column bi.dim_organization.organization_id is 'Key; -1 unmapped.';
comment on column bi.dim_organization.organization is 'Name.';
comment on column bi.dim_organization.region_id is 'Its region; joins dim_region.';
comment on column bi.dim_organization.discipline is 'Kind of organization.';
comment on column bi.dim_organization.is_state_core_discipline is
    'One of the core disciplines of the state, by its jurisdiction profile.';
comment on column bi.dim_organization.is_hpp_core_member is
    'One of the Hospital Preparedness Program''s four core members.';
comment on column bi.dim_organization.staffed_beds is 'Staffed beds, to sum.';
comment on column bi.dim_organization.active is 'Still in operation.';

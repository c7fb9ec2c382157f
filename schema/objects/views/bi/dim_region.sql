create view bi.dim_region with (security_invoker = true) as
select
    region.region_id,
    region_scheme.code as scheme,
    region.code,
    region.name as region,
    region.short_name,
    region.sponsor,
    region.valid_from,
    region.valid_to,
    (
        select count(*) from warehouse.municipality_region m
        where m.region_id = region.region_id and m.valid_to is null
    )::integer as municipalities,
    (
        select sum(t.population_2020) from warehouse.municipality_region m
        join warehouse.municipality t using (municipality_id)
        where m.region_id = region.region_id and m.valid_to is null
    ) as population_2020
from warehouse.region
left join warehouse.region_scheme using (region_scheme_id);

comment on view bi.dim_region is 'Regions of every scheme; -1 unmapped, 0 state-wide.';
comment on column bi.dim_region.region_id is 'Key; -1 unmapped, 0 state-wide.';
comment on column bi.dim_region.scheme is 'Code of its scheme.';
comment on column bi.dim_region.code is 'Code in the scheme.';
comment on column bi.dim_region.region is 'Name.';
comment on column bi.dim_region.short_name is 'Name for charts.';
comment on column bi.dim_region.sponsor is 'Sponsoring organization.';
comment on column bi.dim_region.valid_from is 'First day of validity; empty for always.';
comment on column bi.dim_region.valid_to is 'Last day of validity; empty while valid.';
comment on column bi.dim_region.municipalities is
    'Member cities and towns now, a count; never add it up over schemes.';
comment on column bi.dim_region.population_2020 is 'Residents, census of 2020; never add it up over schemes.';

create function meta.risk_owner(organization_id bigint, region_id integer) returns bigint
    language sql immutable parallel safe
    as $$ select case when organization_id > 0 then organization_id else -1000000 - region_id end $$;
comment on function meta.risk_owner(bigint, integer) is
    'Owner of a risk assessment, as a number: the organization, or below zero the region.';

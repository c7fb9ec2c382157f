-- References to organizations as staged, and the id that each is resolved to.
-- creates: ref_organization
create temp table ref_organization (ref text, how text, key text, region_id int, name text,
    organization_id bigint)

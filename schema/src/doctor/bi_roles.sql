-- Reads: access.bi_login, pg_roles.
-- Counts: the BI logins without a Postgres role.
select count(*) as broken
from access.bi_login
where not exists (
    select
    from pg_roles
    where rolname = login
)

-- Returns whether the user may insert without checks of foreign keys.
select rolsuper
from pg_roles
where rolname = current_user

-- Makes loads of one source wait for each other, until the transaction ends.
-- binds: source
select pg_advisory_xact_lock(hashtext($1))

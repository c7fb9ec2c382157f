-- Rows that new records refer to, locked as under a foreign key.
-- reads: {named}, {referenced}
{locked} as materialized (
    select
    from {referenced} t
    where ({keys}) in (
        select *
        from {named})
    for key share)

-- Returns whether a query finds rows.
-- reads: {found}
select exists (
    select
    from {found} f)

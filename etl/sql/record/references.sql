-- References of new records by one foreign key.
-- reads: {merging}
{named} as materialized (
    select distinct {references}
    from {merging} f
    where f.is_new and {stated})

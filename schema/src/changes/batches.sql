-- Reads: batch, file.
-- Returns: loads of the period. The first load is where knowledge begins: nothing was known before.
select array(
    select batch_id
    from meta.batch
    where started_at >= {start} and started_at < {end} and batch_id > (
        select min(batch_id)
        from meta.file
        where status = 'LOADED')) as batches, array(
    select region_id
    from warehouse.region
    join warehouse.region_scheme s using (region_scheme_id)
    where s.code = meta.region_scheme() and region_id > 0 and region.code = any($3)) as regions

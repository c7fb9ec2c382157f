-- Day on which the demo was loaded first, in this warehouse; null if it was not.
-- reads: meta.batch
-- binds: label
select min(started_at)::date
    from meta.batch
    where label = $1 and status = 'DONE'

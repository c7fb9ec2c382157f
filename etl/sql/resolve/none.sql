-- No reference.
select null::text as ref
where false

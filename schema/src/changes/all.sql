-- Returns: changes of all kinds, at one moment. Every value is used, whoever the viewer is.
select *
from ({parts}) c
where $3 is not null and $5 is not null and $6 is not null

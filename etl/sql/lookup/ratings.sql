-- Values of the rating scales.
-- reads: warehouse.rating_scale, warehouse.rating_value
select s.code, v.code, v.name, v.rating_scale_id
from warehouse.rating_value v
join warehouse.rating_scale s using (rating_scale_id)

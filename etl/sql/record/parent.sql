-- Joins the record of the same source to which a staged record belongs.
-- reads: warehouse.{parent}
-- binds: source
left join warehouse.{parent} p on p.source = $1 and p.source_id = f.{reference}

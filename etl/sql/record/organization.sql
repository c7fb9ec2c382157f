-- Joins the organization that a staged record refers to.
-- reads: ref_organization
left join ref_organization o on o.ref = f.{reference}

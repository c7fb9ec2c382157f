-- Joins the event that a staged record refers to.
-- reads: ref_event
left join ref_event e on e.ref = f.event_ref

-- Deletes reports that a corrected row replaces.
-- reads: {found}
-- writes: warehouse.corrective_action_source
delete from warehouse.corrective_action_source s using {found} f
where s.corrective_action_source_id = f.corrective_action_source_id

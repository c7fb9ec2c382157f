exists (select 1 from access.visible_event v where v.event_id = {{name}}.event_id)

array(select w.region_id from warehouse.event_region w where w.event_id = {{row}}.event_id)

({{time}} at time zone (select meta.time_zone()))

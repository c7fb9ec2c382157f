-- Id, or day and name, by which a staged record refers to an event.
case split_part(f.event_ref, chr(31), 1)
    when 'id' then split_part(f.event_ref, chr(31), 2)
    else nullif(concat_ws(', ', nullif(split_part(f.event_ref, chr(31), 4), ''),
        nullif(split_part(f.event_ref, chr(31), 3), '')), '') end

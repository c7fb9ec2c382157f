-- Stores the incident part of events.
-- reads: merging
-- writes: warehouse.incident
insert into warehouse.incident (event_id, response, declaration_number, declaration_type,
        deaths_direct, deaths_indirect, injuries_direct, injuries_indirect,
        damage_property_usd, damage_crops_usd, evacuated, area_km2, magnitude, magnitude_type,
        activation_level, activation_ordinal, patients, hospitals_involved)
select event_id, response, declaration_number, declaration_type, deaths_direct,
    deaths_indirect, injuries_direct, injuries_indirect, damage_property_usd, damage_crops_usd,
    evacuated, area_km2, magnitude, magnitude_type, detail ->> 'activation_level', (detail ->>
        'activation_ordinal')::smallint, (detail ->> 'patients')::int, (detail ->>
        'hospitals_involved')::int
from merging
where kind = 'INCIDENT'
order by event_id

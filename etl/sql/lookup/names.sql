-- Codes and names of the reference lists, in the order of their ids.
-- reads: warehouse.assessment_method, warehouse.discipline, warehouse.element,
--     warehouse.exercise_type, warehouse.hazard, warehouse.milestone_type, warehouse.municipality
select 'assessment_method' as list, code, name, assessment_method_id as id
from warehouse.assessment_method
where assessment_method_id > 0
union all
select 'discipline' as list, code, name, discipline_id as id
from warehouse.discipline
where discipline_id > 0
union all
select 'element' as list, code, name, element_id as id
from warehouse.element
where element_id > 0
union all
select 'exercise_type' as list, code, name, exercise_type_id as id
from warehouse.exercise_type
where exercise_type_id > 0
union all
select 'hazard' as list, code, name, hazard_id as id
from warehouse.hazard
where hazard_id > 0
union all
select 'milestone_type' as list, code, name, milestone_type_id as id
from warehouse.milestone_type
where milestone_type_id > 0
union all
select 'municipality' as list, geoid, name, municipality_id as id
from warehouse.municipality
where municipality_id > 0
order by list, id

exists (select 1 from warehouse.{{parent}} w where w.{{parent}}_id = {{name}}.{{parent}}_id)

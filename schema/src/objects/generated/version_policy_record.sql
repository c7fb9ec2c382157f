
            when '{{name}}' then exists (
                select from warehouse.{{name}} r where r.{{name}}_id = record_version.record_id)

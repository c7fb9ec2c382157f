
    left join warehouse.{{name}} w on w.{{name}}_id = {{row}}.{{name}}_id
    left join warehouse.record_version wv on wv.record_type = '{{name}}'
        and wv.record_id = {{row}}.{{name}}_id and wv.valid_to = now()

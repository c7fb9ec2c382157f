
            || jsonb_build_object('{{part}}', (
                select to_jsonb(p) - 'content_hash'
                from warehouse.{{part}} p
                where p.{{name}}_id = o.{{name}}_id))

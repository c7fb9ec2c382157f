create function meta.store_{{name}}_version() returns trigger
    language plpgsql
    as $$
begin
    execute $sql$
    insert into warehouse.record_version (record_type, record_id, valid_from, valid_to, batch_id,
        file_id, source_row, is_open, region_ids, content)
    select '{{name}}', o.{{name}}_id, least(coalesce(known.valid_to, b.started_at, now()), now()), now(),
        o.batch_id, o.file_id, o.source_row, coalesce({{is_open}}, false),
        coalesce({{regions}}, '{}'), jsonb_strip_nulls(
            to_jsonb(o) - '{content_hash,batch_id,file_id,source_row}'::text[]{{parts}})
    from before o
    join after n on n.{{name}}_id = o.{{name}}_id
    left join meta.batch b on b.batch_id = o.batch_id
    left join lateral (
        select v.valid_to
        from warehouse.record_version v
        where v.record_type = '{{name}}' and v.record_id = o.{{name}}_id
        order by v.valid_to desc
        limit 1) known on true{{joins}}
    where ({{before}}) is distinct from ({{after}}) and known.valid_to is distinct from now()
    $sql$;
    return null;
end
$$;
comment on function meta.store_{{name}}_version() is
    'Stores the versions of records that a statement changed.';

create trigger store_version after update on warehouse.{{name}}
    referencing old table as before new table as after
    for each statement execute function meta.store_{{name}}_version();

create function meta.delete_{{name}}_version() returns trigger
    language plpgsql
    as $$
begin
    if exists (select from before) then
        execute $sql$
        delete from warehouse.record_version v
        using before o
        where v.record_type = '{{name}}' and v.record_id = o.{{name}}_id
        $sql$;
    end if;
    return null;
end
$$;
comment on function meta.delete_{{name}}_version() is
    'Deletes the versions of records that a statement deleted.';

create trigger delete_version after delete on warehouse.{{name}}
    referencing old table as before
    for each statement execute function meta.delete_{{name}}_version();

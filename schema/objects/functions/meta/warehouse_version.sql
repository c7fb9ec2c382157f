create function meta.warehouse_version() returns bigint
    language sql stable
    as $$ select coalesce(max(version), 0) from meta.table_version $$;
comment on function meta.warehouse_version() is 'Version of the warehouse: the highest version of any table.';

create function bi.version_of(variadic tables text[]) returns bigint
    language sql stable
    as $$ select coalesce(max(version), 0) from meta.table_version where table_name = any (tables) $$;
comment on function bi.version_of(text[]) is 'The highest version of these tables.';

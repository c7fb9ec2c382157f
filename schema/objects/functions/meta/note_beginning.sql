-- requires: functions/meta/begin_writing

create function meta.note_beginning() returns trigger
    language plpgsql
    as $$
begin
    perform meta.begin_writing(tg_relid);
    return null;
end
$$;
comment on function meta.note_beginning() is 'Stores the counters of a table from before a statement.';

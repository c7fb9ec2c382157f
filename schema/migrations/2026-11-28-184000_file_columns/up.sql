-- What became of each column of a loaded file: read into a field, dropped because it names persons, not used by its source, or unread.
create table meta.file_column (
    file_column_id bigint generated always as identity primary key,
    file_id integer not null references meta.file on delete cascade,
    number integer not null check (number > 0),
    sheet text,
    position integer not null check (position > 0),
    heading text not null,
    fate text not null check (fate in ('READ','DROPPED','UNUSED','UNREAD')),
    field text,
    filled bigint not null default 0 check (filled >= 0),
    samples text[] not null default '{}',
    nearest text,
    read_instead integer,
    unique (file_id, number)
);

comment on table meta.file_column is 'One column of a loaded file and what became of it.';
comment on column meta.file_column.file_column_id is 'Number of the column, counting up.';
comment on column meta.file_column.file_id is 'The file it stands in.';
comment on column meta.file_column.number is 'Its number in the file, over all sheets, from 1.';
comment on column meta.file_column.sheet is 'Name of its sheet; empty for a file without sheets.';
comment on column meta.file_column.position is 'Its place in the table, the first being 1.';
comment on column meta.file_column.heading is 'Heading as the file writes it, redacted; empty when it has none.';
comment on column meta.file_column.fate is 'READ into a field, DROPPED because it names persons, UNUSED by its source, or UNREAD.';
comment on column meta.file_column.field is 'The field that its heading means.';
comment on column meta.file_column.filled is 'Cells that hold something.';
comment on column meta.file_column.samples is 'Up to three values of an unread column, redacted.';
comment on column meta.file_column.nearest is 'The known heading nearest to that of an unread column.';
comment on column meta.file_column.read_instead is 'Place of the column that is read instead, where two mean one field.';

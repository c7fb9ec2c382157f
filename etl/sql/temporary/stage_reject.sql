-- Rows that the reader rejected.
-- creates: stage_reject
create temp table stage_reject (source_row bigint, record_type text, code text,
    column_name text, value text, reason text, content jsonb)

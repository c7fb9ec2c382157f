-- Equals `normalize_label` of schema/src/label.rs for names in documents.

create function meta.normalized_label(label text) returns text
    language sql immutable parallel safe
    as $$
        select trim(regexp_replace(replace(replace(replace(lower(label), '&', ' and '), '''', ''),
            chr(8217), ''), '[^[:alnum:]]+', ' ', 'g'))
    $$;
comment on function meta.normalized_label(text) is
    'Name as names are compared: lower case, "and" for &, no punctuation, single spaces.';

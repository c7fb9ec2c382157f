-- Staged records of one type.
-- creates: {stage}
create temp table {stage} ({columns})

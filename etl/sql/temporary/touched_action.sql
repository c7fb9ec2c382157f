-- Actions to rebuild.
-- creates: touched_action
create temp table touched_action (id bigint)

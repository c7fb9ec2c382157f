-- Histories of rebuilt actions, in the order of the columns in which they are written.
-- creates: rebuilt_step
create temp table rebuilt_step (corrective_action_id bigint, changed_on date, sequence int,
    change text, status text, due_on date, batch_id int, file_id int, source_row bigint)

drop function if exists meta.note_change() cascade;
drop function if exists meta.warehouse_version();
drop sequence if exists meta.warehouse_version_seq;

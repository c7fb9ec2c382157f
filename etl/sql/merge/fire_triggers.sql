-- Enables triggers and checks of foreign keys.
set local session_replication_role = origin

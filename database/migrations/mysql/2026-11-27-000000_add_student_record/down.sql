ALTER TABLE students DROP COLUMN status, DROP COLUMN version, DROP COLUMN source, DROP COLUMN trace_id, DROP COLUMN updated_at;

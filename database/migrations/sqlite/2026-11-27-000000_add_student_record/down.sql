ALTER TABLE students DROP COLUMN status;
ALTER TABLE students DROP COLUMN version;
ALTER TABLE students DROP COLUMN source;
ALTER TABLE students DROP COLUMN trace_id;
ALTER TABLE students DROP COLUMN updated_at;

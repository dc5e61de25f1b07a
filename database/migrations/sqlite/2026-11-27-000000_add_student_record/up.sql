ALTER TABLE students ADD COLUMN status INTEGER NOT NULL DEFAULT 1; -- pending 1, waitlisted 2, confirmed 3, enrolled 4, rejected 5, withdrawn 6
ALTER TABLE students ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- one more with each change
ALTER TABLE students ADD COLUMN source INTEGER NOT NULL DEFAULT 1; -- form 1, api 2, desk 3, import 4
ALTER TABLE students ADD COLUMN trace_id BLOB NULL CHECK (length(trace_id) = 16); -- of the request that registered
ALTER TABLE students ADD COLUMN updated_at TIMESTAMP NULL; -- UTC, NULL for version 1

CREATE TABLE IF NOT EXISTS sessions (
    id_hash    BLOB      NOT NULL PRIMARY KEY CHECK (length(id_hash) = 32), -- SHA-256 of the cookie's value
    staff_id   BLOB      NOT NULL CHECK (length(staff_id) = 16),            -- staff.public_id
    created_at TIMESTAMP NOT NULL,                                          -- UTC
    seen_at    TIMESTAMP NOT NULL,                                          -- UTC, to the minute
    ended_at   TIMESTAMP NULL,                                              -- UTC
    label      TEXT      NOT NULL CHECK (length(label) <= 80)               -- browser and system
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_staff_id ON sessions (staff_id);
CREATE INDEX IF NOT EXISTS sessions_created_at ON sessions (created_at);

CREATE TABLE IF NOT EXISTS staff_links (
    hash       BLOB      NOT NULL PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256 of the secret
    staff_id   BLOB      NOT NULL CHECK (length(staff_id) = 16),         -- staff.public_id
    expires_at TIMESTAMP NOT NULL                                        -- UTC
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS staff_links_staff_id ON staff_links (staff_id);

CREATE TABLE IF NOT EXISTS idempotency_keys (
    key_hash   BLOB      NOT NULL PRIMARY KEY CHECK (length(key_hash) = 32), -- SHA-256 of the client's key
    public_id  BLOB      NOT NULL REFERENCES students (public_id) ON DELETE CASCADE, -- the student whom it registered
    created_at TIMESTAMP NOT NULL,                                           -- UTC
    CONSTRAINT idempotency_keys_public_id_unique UNIQUE (public_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS idempotency_keys_created_at ON idempotency_keys (created_at);

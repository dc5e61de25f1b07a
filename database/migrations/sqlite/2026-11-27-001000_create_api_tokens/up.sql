CREATE TABLE IF NOT EXISTS api_tokens (
    id          INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id   BLOB      NOT NULL CHECK (length(public_id) = 16),   -- UUID version 7, made by the application
    name        TEXT      NOT NULL CHECK (length(name) <= 80),       -- what it is for
    visible     TEXT      NOT NULL CHECK (length(visible) <= 12),    -- its first characters
    secret_hash BLOB      NOT NULL CHECK (length(secret_hash) = 32), -- SHA-256 of the whole token
    scopes      TEXT      NOT NULL CHECK (length(scopes) <= 500),    -- names with a space between
    staff_id    BLOB      NOT NULL CHECK (length(staff_id) = 16),    -- staff.public_id
    created_at  TIMESTAMP NOT NULL,                                  -- UTC
    used_at     TIMESTAMP NULL,                                      -- UTC, to the minute
    expires_at  TIMESTAMP NOT NULL,                                  -- UTC
    revoked_at  TIMESTAMP NULL,                                      -- UTC
    CONSTRAINT api_tokens_public_id_unique UNIQUE (public_id),
    CONSTRAINT api_tokens_secret_hash_unique UNIQUE (secret_hash)
);
CREATE INDEX IF NOT EXISTS api_tokens_staff_id ON api_tokens (staff_id);

CREATE TABLE IF NOT EXISTS api_requests (
    owner       BLOB      NOT NULL CHECK (length(owner) = 16),       -- staff.public_id or api_tokens.public_id
    key_hash    BLOB      NOT NULL CHECK (length(key_hash) = 32),    -- SHA-256 of the client's key
    fingerprint BLOB      NOT NULL CHECK (length(fingerprint) = 32), -- SHA-256 of the request
    student_id  BLOB      NOT NULL CHECK (length(student_id) = 16),  -- students.public_id
    version     INTEGER   NOT NULL,                                  -- of the student, after the change
    body        BLOB      NOT NULL CHECK (length(body) <= 65535),    -- the answer, JSON
    created_at  TIMESTAMP NOT NULL,                                  -- UTC
    PRIMARY KEY (owner, key_hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS api_requests_student_id ON api_requests (student_id);
CREATE INDEX IF NOT EXISTS api_requests_created_at ON api_requests (created_at);

CREATE TABLE IF NOT EXISTS api_requests (
    owner       BINARY(16)  NOT NULL COMMENT 'staff.public_id or api_tokens.public_id',
    key_hash    BINARY(32)  NOT NULL COMMENT 'SHA-256 of the client''s key',
    fingerprint BINARY(32)  NOT NULL COMMENT 'SHA-256 of the request',
    student_id  BINARY(16)  NOT NULL COMMENT 'students.public_id',
    version     INT         NOT NULL COMMENT 'of the student, after the change',
    body        BLOB        NOT NULL COMMENT 'the answer, JSON',
    created_at  DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (owner, key_hash),
    KEY api_requests_student_id (student_id),
    KEY api_requests_created_at (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS idempotency_keys (
    key_hash   BINARY(32)  NOT NULL COMMENT 'SHA-256 of the client''s key',
    public_id  BINARY(16)  NOT NULL COMMENT 'the student whom it registered',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (key_hash),
    UNIQUE KEY idempotency_keys_public_id_unique (public_id),
    KEY idempotency_keys_created_at (created_at),
    CONSTRAINT idempotency_keys_student FOREIGN KEY (public_id) REFERENCES students (public_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

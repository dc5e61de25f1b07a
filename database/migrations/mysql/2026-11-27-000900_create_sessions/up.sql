CREATE TABLE IF NOT EXISTS sessions (
    id_hash    BINARY(32)  NOT NULL COMMENT 'SHA-256 of the cookie''s value',
    staff_id   BINARY(16)  NOT NULL COMMENT 'staff.public_id',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    seen_at    DATETIME(6) NOT NULL COMMENT 'UTC, to the minute',
    ended_at   DATETIME(6) NULL COMMENT 'UTC',
    label      VARCHAR(80) NOT NULL COMMENT 'browser and system',
    PRIMARY KEY (id_hash),
    KEY sessions_staff_id (staff_id),
    KEY sessions_created_at (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

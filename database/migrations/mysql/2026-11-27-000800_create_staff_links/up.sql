CREATE TABLE IF NOT EXISTS staff_links (
    hash       BINARY(32)  NOT NULL COMMENT 'SHA-256 of the secret',
    staff_id   BINARY(16)  NOT NULL COMMENT 'staff.public_id',
    expires_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (hash),
    KEY staff_links_staff_id (staff_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

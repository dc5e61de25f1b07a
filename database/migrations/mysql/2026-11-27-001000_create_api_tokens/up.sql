CREATE TABLE IF NOT EXISTS api_tokens (
    id          BIGINT       NOT NULL AUTO_INCREMENT,
    public_id   BINARY(16)   NOT NULL COMMENT 'UUID version 7, made by the application',
    name        VARCHAR(80)  NOT NULL COMMENT 'what it is for',
    visible     VARCHAR(12)  NOT NULL COMMENT 'its first characters',
    secret_hash BINARY(32)   NOT NULL COMMENT 'SHA-256 of the whole token',
    scopes      VARCHAR(500) NOT NULL COMMENT 'names with a space between',
    staff_id    BINARY(16)   NOT NULL COMMENT 'staff.public_id',
    created_at  DATETIME(6)  NOT NULL COMMENT 'UTC',
    used_at     DATETIME(6)  NULL COMMENT 'UTC, to the minute',
    expires_at  DATETIME(6)  NOT NULL COMMENT 'UTC',
    revoked_at  DATETIME(6)  NULL COMMENT 'UTC',
    PRIMARY KEY (id),
    UNIQUE KEY api_tokens_public_id_unique (public_id),
    UNIQUE KEY api_tokens_secret_hash_unique (secret_hash),
    KEY api_tokens_staff_id (staff_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

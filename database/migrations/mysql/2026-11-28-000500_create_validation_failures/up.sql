CREATE TABLE IF NOT EXISTS validation_failures (
    hour  DATETIME(6) NOT NULL COMMENT 'UTC, its beginning',
    field VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code  VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    count BIGINT      NOT NULL COMMENT 'errors of refused registrations',
    PRIMARY KEY (hour, field, code)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS consumers (
    name       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    position   BIGINT      NOT NULL COMMENT 'row id up to which everything is done',
    seq        BIGINT      NOT NULL COMMENT 'last seal that was read',
    journal_id BIGINT      NOT NULL COMMENT 'last entry that was read or written',
    at         DATETIME(6) NOT NULL COMMENT 'UTC, of what was done last',
    revision   BIGINT      NOT NULL COMMENT 'one more with each change: compared before it is set',
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS seals (
    seq       BIGINT      NOT NULL COMMENT '1 for the first, without gaps',
    prev      BINARY(32)  NOT NULL COMMENT 'hash of the seal before, zero for the first',
    rows_hash BINARY(32)  NOT NULL COMMENT 'hash over the rows',
    row_count INT         NOT NULL COMMENT 'number of rows',
    at        DATETIME(6) NOT NULL COMMENT 'UTC',
    hash      BINARY(32)  NOT NULL COMMENT 'SHA-256 over everything above',
    PRIMARY KEY (seq)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

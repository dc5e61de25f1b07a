CREATE TABLE IF NOT EXISTS import_parts (
    import BINARY(16) NOT NULL COMMENT 'imports.id',
    part   INT        NOT NULL COMMENT 'from 0',
    bytes  MEDIUMBLOB NOT NULL COMMENT 'of the file, until its rows are stored',
    PRIMARY KEY (import, part)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS staff (
    id          BIGINT       NOT NULL AUTO_INCREMENT,
    public_id   BINARY(16)   NOT NULL COMMENT 'UUID version 7, made by the application',
    email       VARCHAR(254) NOT NULL COMMENT 'as typed, the domain in ASCII form',
    email_key   VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'email in lower case',
    name        VARCHAR(100) NOT NULL COMMENT 'empty until the person has come in once',
    role        TINYINT      NOT NULL COMMENT 'viewer 1, registrar 2, admin 3',
    password    VARCHAR(255) NULL COMMENT 'PHC string, NULL until the person has chosen one',
    shortcuts   TINYINT(1)   NOT NULL DEFAULT 1 COMMENT 'whether keys of the list are on',
    created_at  DATETIME(6)  NOT NULL COMMENT 'UTC',
    disabled_at DATETIME(6)  NULL COMMENT 'UTC',
    version     INT          NOT NULL COMMENT 'one more with each change',
    PRIMARY KEY (id),
    UNIQUE KEY staff_public_id_unique (public_id),
    UNIQUE KEY staff_email_key_unique (email_key)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

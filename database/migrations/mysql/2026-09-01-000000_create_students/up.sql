CREATE TABLE IF NOT EXISTS students (
    id         BIGINT       NOT NULL AUTO_INCREMENT,
    public_id  BINARY(16)   NOT NULL COMMENT 'UUID version 7, made by the application',
    first_name VARCHAR(100) NOT NULL,
    last_name  VARCHAR(100) NOT NULL,
    email      VARCHAR(254) NOT NULL COMMENT 'as typed, the domain in ASCII form',
    email_key  VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'email in lower case',
    created_at DATETIME(6)  NOT NULL COMMENT 'UTC',
    PRIMARY KEY (id),
    UNIQUE KEY students_public_id_unique (public_id),
    UNIQUE KEY students_email_key_unique (email_key)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- Creates the database and its tables by hand, for MySQL 8 and later and MariaDB 10.6 and later:
--
--     mariadb < database/schema.sql
--
-- The service's own migrations create exactly the same tables in the database that DATABASE_URL
-- names, and find nothing left to do here; a test holds the two equal.

CREATE DATABASE IF NOT EXISTS student_registration_db
    CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

USE student_registration_db;

CREATE TABLE students (
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

CREATE TABLE idempotency_keys (
    key_hash   BINARY(32)  NOT NULL COMMENT 'SHA-256 of the client''s key',
    public_id  BINARY(16)  NOT NULL COMMENT 'the student whom it registered',
    created_at DATETIME(6) NOT NULL COMMENT 'UTC',
    fingerprint BINARY(32) NULL COMMENT 'SHA-256 of the normalised request, NULL if stored by an older version',
    PRIMARY KEY (key_hash),
    UNIQUE KEY idempotency_keys_public_id_unique (public_id),
    KEY idempotency_keys_created_at (created_at),
    CONSTRAINT idempotency_keys_student FOREIGN KEY (public_id) REFERENCES students (public_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- The migrations' own record of what has been applied.
CREATE TABLE __diesel_schema_migrations (
    version VARCHAR(50) NOT NULL,
    run_on  TIMESTAMP   NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (version)
);

INSERT INTO __diesel_schema_migrations (version) VALUES ('20260901000000'), ('20261121000000'), ('20261126000000');

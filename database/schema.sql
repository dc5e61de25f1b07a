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
    status     TINYINT     NOT NULL DEFAULT 1 COMMENT 'pending 1, waitlisted 2, confirmed 3, enrolled 4, rejected 5, withdrawn 6',
    version    INT         NOT NULL DEFAULT 1 COMMENT 'one more with each change',
    source     TINYINT     NOT NULL DEFAULT 1 COMMENT 'form 1, api 2, desk 3, import 4',
    trace_id   BINARY(16)  NULL COMMENT 'of the request that registered',
    updated_at DATETIME(6) NULL COMMENT 'UTC, NULL for version 1',
    PRIMARY KEY (id),
    UNIQUE KEY students_public_id_unique (public_id),
    UNIQUE KEY students_email_key_unique (email_key),
    KEY students_status (status, id)
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

CREATE TABLE student_search (
    student_id BIGINT        NOT NULL COMMENT 'students.id',
    sort_key   VARCHAR(120)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'last name, then first name, folded',
    status     TINYINT       NOT NULL COMMENT 'as in students',
    words      VARCHAR(1300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'every folded word, with a space before and behind it',
    PRIMARY KEY (student_id),
    KEY student_search_sort_key (sort_key, student_id),
    KEY student_search_status (status, sort_key, student_id),
    CONSTRAINT student_search_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE student_words (
    word       VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'a folded word',
    student_id BIGINT      NOT NULL COMMENT 'students.id',
    PRIMARY KEY (word, student_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE student_revisions (
    student_id  BIGINT       NOT NULL COMMENT 'students.id',
    version     INT          NOT NULL COMMENT 'the version that had these values',
    first_name  VARCHAR(100) NOT NULL,
    last_name   VARCHAR(100) NOT NULL,
    email       VARCHAR(254) NOT NULL,
    replaced_at DATETIME(6)  NOT NULL COMMENT 'UTC',
    PRIMARY KEY (student_id, version),
    CONSTRAINT student_revisions_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE student_salts (
    student_id BIGINT     NOT NULL COMMENT 'students.id',
    salt       BINARY(16) NOT NULL COMMENT 'random, of the hashes in the journal',
    PRIMARY KEY (student_id),
    CONSTRAINT student_salts_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE student_notes (
    id         BIGINT        NOT NULL AUTO_INCREMENT,
    student_id BIGINT        NOT NULL COMMENT 'students.id',
    author     BINARY(16)    NULL COMMENT 'staff.public_id, NULL for a program',
    text       VARCHAR(2000) NOT NULL,
    at         DATETIME(6)   NOT NULL COMMENT 'UTC',
    PRIMARY KEY (id),
    KEY student_notes_student_id (student_id),
    CONSTRAINT student_notes_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE staff (
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

CREATE TABLE staff_links (
    hash       BINARY(32)  NOT NULL COMMENT 'SHA-256 of the secret',
    staff_id   BINARY(16)  NOT NULL COMMENT 'staff.public_id',
    expires_at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (hash),
    KEY staff_links_staff_id (staff_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE sessions (
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

CREATE TABLE api_tokens (
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

CREATE TABLE api_requests (
    owner       BINARY(16)  NOT NULL COMMENT 'staff.public_id or api_tokens.public_id',
    key_hash    BINARY(32)  NOT NULL COMMENT 'SHA-256 of the client''s key',
    fingerprint BINARY(32)  NOT NULL COMMENT 'SHA-256 of the request',
    student_id  BINARY(16)  NOT NULL COMMENT 'students.public_id',
    version     INT         NOT NULL COMMENT 'of the student, after the change',
    body        BLOB        NOT NULL COMMENT 'the answer, JSON',
    created_at  DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (owner, key_hash),
    KEY api_requests_student_id (student_id),
    KEY api_requests_created_at (created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE journal (
    id          BIGINT        NOT NULL AUTO_INCREMENT,
    at          DATETIME(6)   NOT NULL COMMENT 'UTC',
    actor_kind  TINYINT       NOT NULL COMMENT 'applicant 1, staff 2, token 3, system 4',
    actor       BINARY(16)    NULL COMMENT 'staff.public_id or api_tokens.public_id',
    action      VARCHAR(32)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject     BINARY(16)    NULL COMMENT 'public id of what it is about, NULL for registrations',
    members     INT           NOT NULL COMMENT 'number of students in ids',
    ids         MEDIUMBLOB    NULL COMMENT 'students.public_id of registrations, one behind the other',
    detail      VARCHAR(2000) NULL COMMENT 'JSON object of codes and names of fields',
    before_hash BINARY(32)    NULL COMMENT 'of the record before a change',
    after_hash  BINARY(32)    NULL COMMENT 'of the record after a change',
    trace_id    BINARY(16)    NULL COMMENT 'of the request',
    operation   BINARY(16)    NULL COMMENT 'what is undone together',
    PRIMARY KEY (id),
    KEY journal_subject (subject, id),
    KEY journal_actor (actor, id),
    KEY journal_operation (operation)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE journal_seals (
    journal_id BIGINT NOT NULL COMMENT 'journal.id',
    seq        BIGINT NOT NULL COMMENT 'seals.seq',
    PRIMARY KEY (journal_id),
    KEY journal_seals_seq (seq, journal_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE seals (
    seq       BIGINT      NOT NULL COMMENT '1 for the first, without gaps',
    prev      BINARY(32)  NOT NULL COMMENT 'hash of the seal before, zero for the first',
    rows_hash BINARY(32)  NOT NULL COMMENT 'hash over the rows',
    row_count INT         NOT NULL COMMENT 'number of rows',
    at        DATETIME(6) NOT NULL COMMENT 'UTC',
    hash      BINARY(32)  NOT NULL COMMENT 'SHA-256 over everything above',
    PRIMARY KEY (seq)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE consumers (
    name       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    position   BIGINT      NOT NULL COMMENT 'row id up to which everything is done',
    seq        BIGINT      NOT NULL COMMENT 'last seal that was read',
    journal_id BIGINT      NOT NULL COMMENT 'last entry that was read or written',
    at         DATETIME(6) NOT NULL COMMENT 'UTC, of what was done last',
    revision   BIGINT      NOT NULL COMMENT 'one more with each change: compared before it is set',
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE operations (
    id          BINARY(16)    NOT NULL COMMENT 'UUID version 7',
    actor_kind  TINYINT       NOT NULL COMMENT 'applicant 1, staff 2, token 3, system 4',
    actor       BINARY(16)    NULL COMMENT 'staff.public_id or api_tokens.public_id',
    status      TINYINT       NULL COMMENT 'that a decision gives, as in students.status',
    reason_code VARCHAR(32)   CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'of a rejection',
    note        VARCHAR(2000) NULL COMMENT 'about each student, until the operation is finished',
    undoes      BINARY(16)    NULL COMMENT 'the operation that is undone',
    at          DATETIME(6)   NOT NULL COMMENT 'UTC',
    trace_id    BINARY(16)    NULL COMMENT 'of the request',
    finished_at DATETIME(6)   NULL COMMENT 'UTC',
    template    BINARY(16)    NULL COMMENT 'task_templates.public_id, whose items are completed',
    PRIMARY KEY (id),
    KEY operations_finished_at (finished_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE operation_items (
    operation  BINARY(16) NOT NULL COMMENT 'operations.id',
    student_id BIGINT     NOT NULL COMMENT 'students.id',
    version    INT        NOT NULL COMMENT 'of the student, that the caller saw or the undone operation made',
    outcome    TINYINT    NULL COMMENT 'applied 1, others a reason to leave the student as it is, NULL for none yet',
    PRIMARY KEY (operation, student_id),
    KEY operation_items_student_id (student_id),
    CONSTRAINT operation_items_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE task_templates (
    id         BIGINT       NOT NULL AUTO_INCREMENT,
    public_id  BINARY(16)   NOT NULL COMMENT 'UUID version 7',
    title      VARCHAR(120) NOT NULL,
    position   SMALLINT     NOT NULL COMMENT 'place in the checklist, ascending',
    is_active  BOOLEAN      NOT NULL COMMENT 'whether students still get it',
    changed_at DATETIME(6)  NOT NULL COMMENT 'UTC',
    version    INT          NOT NULL COMMENT 'one more with each change',
    checked_at DATETIME(6)  NULL COMMENT 'UTC, when students were last looked at because of it',
    filled_to  BIGINT       NULL COMMENT 'students.id up to which that is done, NULL when it is finished',
    PRIMARY KEY (id),
    UNIQUE KEY task_templates_public_id_unique (public_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE tasks (
    id           BIGINT       NOT NULL AUTO_INCREMENT,
    public_id    BINARY(16)   NOT NULL COMMENT 'UUID version 7, or version 8 for an item of a template',
    student_id   BIGINT       NOT NULL COMMENT 'students.id',
    template_id  BIGINT       NULL COMMENT 'task_templates.id, NULL for an item of this student alone',
    title        VARCHAR(120) NULL COMMENT 'NULL for an item of a template, which has it',
    state        TINYINT      NOT NULL COMMENT 'open 1, done 2, waived 3',
    due_on       DATE         NULL,
    created_at   DATETIME(6)  NOT NULL COMMENT 'UTC',
    completed_at DATETIME(6)  NULL COMMENT 'UTC, when it was first completed',
    completed_by BINARY(16)   NULL COMMENT 'staff.public_id or api_tokens.public_id',
    version      INT          NOT NULL COMMENT 'one more with each change',
    PRIMARY KEY (id),
    UNIQUE KEY tasks_public_id_unique (public_id),
    UNIQUE KEY tasks_student_template_unique (student_id, template_id),
    KEY tasks_template (template_id, state, student_id),
    KEY tasks_state (state, student_id),
    KEY tasks_due_on (due_on),
    CONSTRAINT tasks_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE validation_failures (
    hour  DATETIME(6) NOT NULL COMMENT 'UTC, its beginning',
    field VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code  VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    count BIGINT      NOT NULL COMMENT 'errors of refused registrations',
    PRIMARY KEY (hour, field, code)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE imports (
    id          BINARY(16)    NOT NULL COMMENT 'UUID version 7, also in journal.operation',
    actor_kind  TINYINT       NOT NULL COMMENT 'applicant 1, staff 2, token 3, system 4',
    actor       BINARY(16)    NULL COMMENT 'staff.public_id or api_tokens.public_id',
    file_name   VARCHAR(200)  NOT NULL,
    sha256      BINARY(32)    NOT NULL COMMENT 'of the file',
    settings    VARCHAR(8000) NOT NULL COMMENT 'JSON: how the file is read, and what is done with its rows',
    revision    INT           NOT NULL COMMENT 'one more with each change of the settings',
    state       TINYINT       NOT NULL COMMENT 'reading 1, needs_mapping 2, planned 3, running 4, done 5, failed 6, cancelled 7',
    problem     VARCHAR(100)  CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'JSON: why the file cannot be read',
    stored_line INT           NOT NULL COMMENT 'rows up to this line are stored',
    created     INT           NOT NULL COMMENT 'students',
    updated     INT           NOT NULL COMMENT 'students',
    at          DATETIME(6)   NOT NULL COMMENT 'UTC',
    trace_id    BINARY(16)    NULL COMMENT 'of the request',
    finished_at DATETIME(6)   NULL COMMENT 'UTC',
    PRIMARY KEY (id),
    KEY imports_state (state),
    KEY imports_sha256 (sha256)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE import_parts (
    import BINARY(16) NOT NULL COMMENT 'imports.id',
    part   INT        NOT NULL COMMENT 'from 0',
    bytes  MEDIUMBLOB NOT NULL COMMENT 'of the file, until its rows are stored',
    PRIMARY KEY (import, part)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE import_rows (
    import     BINARY(16)   NOT NULL COMMENT 'imports.id',
    line       INT          NOT NULL COMMENT 'of the file, or row of the sheet',
    cells      MEDIUMTEXT   NOT NULL COMMENT 'JSON: as they were read',
    verdict    TINYINT      NOT NULL COMMENT 'create 1, update 2, unchanged 3, same_person 4, conflict 5, invalid 6',
    student_id BIGINT       NULL COMMENT 'students.id',
    version    INT          NULL COMMENT 'of the student that the plan changes',
    email_key  VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'the address of the row, or of its student',
    same_as    INT          NULL COMMENT 'line that is about the same student',
    detail     TEXT         NULL COMMENT 'JSON: why the row is left out, or what it changes',
    outcome    TINYINT      NULL COMMENT 'changed since the plan 2, NULL otherwise',
    PRIMARY KEY (import, line),
    KEY import_rows_email_key (import, email_key, verdict, student_id),
    KEY import_rows_student_id (student_id, import, verdict, email_key)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- The migrations' own record of what has been applied.
CREATE TABLE __diesel_schema_migrations (
    version VARCHAR(50) NOT NULL,
    run_on  TIMESTAMP   NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (version)
);

INSERT INTO __diesel_schema_migrations (version) VALUES ('20260901000000'), ('20261121000000'), ('20261126000000'),
    ('20261127000000'), ('20261127000100'), ('20261127000200'), ('20261127000300'),
    ('20261127000400'), ('20261127000500'), ('20261127000600'), ('20261127000700'),
    ('20261127000800'), ('20261127000900'), ('20261127001000'), ('20261127001100'),
    ('20261127001200'), ('20261127001300'), ('20261127001400'), ('20261127001500'),
    ('20261128000000'), ('20261128000100'), ('20261128000200'), ('20261128000300'),
    ('20261128000400'), ('20261128000500'), ('20261128000600'), ('20261128000700'),
    ('20261128000800');

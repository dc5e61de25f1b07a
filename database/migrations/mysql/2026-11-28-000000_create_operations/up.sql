CREATE TABLE IF NOT EXISTS operations (
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
    PRIMARY KEY (id),
    KEY operations_finished_at (finished_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS journal (
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

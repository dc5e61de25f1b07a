CREATE TABLE IF NOT EXISTS import_rows (
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

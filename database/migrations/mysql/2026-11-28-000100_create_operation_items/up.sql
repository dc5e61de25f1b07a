CREATE TABLE IF NOT EXISTS operation_items (
    operation  BINARY(16) NOT NULL COMMENT 'operations.id',
    student_id BIGINT     NOT NULL COMMENT 'students.id',
    version    INT        NOT NULL COMMENT 'of the student, that the caller saw or the undone operation made',
    outcome    TINYINT    NULL COMMENT 'applied 1, others a reason to leave the student as it is, NULL for none yet',
    PRIMARY KEY (operation, student_id),
    KEY operation_items_student_id (student_id),
    CONSTRAINT operation_items_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

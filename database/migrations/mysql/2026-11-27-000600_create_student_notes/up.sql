CREATE TABLE IF NOT EXISTS student_notes (
    id         BIGINT        NOT NULL AUTO_INCREMENT,
    student_id BIGINT        NOT NULL COMMENT 'students.id',
    author     BINARY(16)    NULL COMMENT 'staff.public_id, NULL for a program',
    text       VARCHAR(2000) NOT NULL,
    at         DATETIME(6)   NOT NULL COMMENT 'UTC',
    PRIMARY KEY (id),
    KEY student_notes_student_id (student_id),
    CONSTRAINT student_notes_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

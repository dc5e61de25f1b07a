CREATE TABLE IF NOT EXISTS student_salts (
    student_id BIGINT     NOT NULL COMMENT 'students.id',
    salt       BINARY(16) NOT NULL COMMENT 'random, of the hashes in the journal',
    PRIMARY KEY (student_id),
    CONSTRAINT student_salts_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

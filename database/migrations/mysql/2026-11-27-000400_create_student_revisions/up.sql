CREATE TABLE IF NOT EXISTS student_revisions (
    student_id  BIGINT       NOT NULL COMMENT 'students.id',
    version     INT          NOT NULL COMMENT 'the version that had these values',
    first_name  VARCHAR(100) NOT NULL,
    last_name   VARCHAR(100) NOT NULL,
    email       VARCHAR(254) NOT NULL,
    replaced_at DATETIME(6)  NOT NULL COMMENT 'UTC',
    PRIMARY KEY (student_id, version),
    CONSTRAINT student_revisions_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

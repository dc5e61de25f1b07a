CREATE TABLE IF NOT EXISTS student_search (
    student_id BIGINT        NOT NULL COMMENT 'students.id',
    sort_key   VARCHAR(120)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'last name, then first name, folded',
    status     TINYINT       NOT NULL COMMENT 'as in students',
    words      VARCHAR(1300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'every folded word, with a space before and behind it',
    PRIMARY KEY (student_id),
    KEY student_search_sort_key (sort_key, student_id),
    KEY student_search_status (status, sort_key, student_id),
    CONSTRAINT student_search_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS student_words (
    word       VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'a folded word',
    student_id BIGINT      NOT NULL COMMENT 'students.id',
    PRIMARY KEY (word, student_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

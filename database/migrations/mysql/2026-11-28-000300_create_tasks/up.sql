CREATE TABLE IF NOT EXISTS tasks (
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
    CONSTRAINT tasks_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS tasks (
    id           INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id    BLOB      NOT NULL UNIQUE CHECK (length(public_id) = 16),   -- UUID version 7, or version 8 for an item of a template
    student_id   INTEGER   NOT NULL REFERENCES students (id) ON DELETE CASCADE, -- students.id
    template_id  INTEGER   NULL,                                             -- task_templates.id, NULL for an item of this student alone
    title        TEXT      NULL CHECK (length(title) <= 120),                -- NULL for an item of a template, which has it
    state        INTEGER   NOT NULL,                                         -- open 1, done 2, waived 3
    due_on       DATE      NULL,
    created_at   TIMESTAMP NOT NULL,                                         -- UTC
    completed_at TIMESTAMP NULL,                                             -- UTC, when it was first completed
    completed_by BLOB      NULL CHECK (length(completed_by) = 16),           -- staff.public_id or api_tokens.public_id
    version      INTEGER   NOT NULL                                          -- one more with each change
);
CREATE UNIQUE INDEX IF NOT EXISTS tasks_student_template_unique ON tasks (student_id, template_id);
CREATE INDEX IF NOT EXISTS tasks_template ON tasks (template_id, state, student_id);
CREATE INDEX IF NOT EXISTS tasks_state ON tasks (state, student_id);
CREATE INDEX IF NOT EXISTS tasks_due_on ON tasks (due_on);

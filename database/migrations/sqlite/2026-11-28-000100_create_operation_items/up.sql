CREATE TABLE IF NOT EXISTS operation_items (
    operation  BLOB    NOT NULL CHECK (length(operation) = 16),            -- operations.id
    student_id INTEGER NOT NULL REFERENCES students (id) ON DELETE CASCADE, -- students.id
    version    INTEGER NOT NULL, -- of the student, that the caller saw or the undone operation made
    outcome    INTEGER NULL,     -- applied 1, others a reason to leave the student as it is, NULL for none yet
    PRIMARY KEY (operation, student_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS operation_items_student_id ON operation_items (student_id);

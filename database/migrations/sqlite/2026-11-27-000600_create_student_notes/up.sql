CREATE TABLE IF NOT EXISTS student_notes (
    id         INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    student_id INTEGER   NOT NULL REFERENCES students (id) ON DELETE CASCADE, -- students.id
    author     BLOB      NULL CHECK (length(author) = 16), -- staff.public_id, NULL for a program
    text       TEXT      NOT NULL CHECK (length(text) <= 2000),
    at         TIMESTAMP NOT NULL -- UTC
);
CREATE INDEX IF NOT EXISTS student_notes_student_id ON student_notes (student_id);

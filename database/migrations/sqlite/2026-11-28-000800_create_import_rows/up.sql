CREATE TABLE IF NOT EXISTS import_rows (
    import     BLOB    NOT NULL CHECK (length(import) = 16), -- imports.id
    line       INTEGER NOT NULL,                             -- of the file, or row of the sheet
    cells      TEXT    NOT NULL,                             -- JSON: as they were read
    verdict    INTEGER NOT NULL,                             -- create 1, update 2, unchanged 3, same_person 4, conflict 5, invalid 6
    student_id INTEGER NULL,                                 -- students.id
    version    INTEGER NULL,                                 -- of the student that the plan changes
    email_key  TEXT    NULL CHECK (length(email_key) <= 254), -- the address of the row, or of its student
    same_as    INTEGER NULL,                                 -- line that is about the same student
    detail     TEXT    NULL,                                 -- JSON: why the row is left out, or what it changes
    outcome    INTEGER NULL,                                 -- changed since the plan 2, NULL otherwise
    PRIMARY KEY (import, line)
) WITHOUT ROWID;
-- With every column of their queries: otherwise SQLite reads all rows of the import.
CREATE INDEX IF NOT EXISTS import_rows_email_key ON import_rows (import, email_key, verdict, student_id);
CREATE INDEX IF NOT EXISTS import_rows_student_id ON import_rows (student_id, import, verdict, email_key);

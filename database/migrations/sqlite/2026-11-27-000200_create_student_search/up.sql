CREATE TABLE IF NOT EXISTS student_search (
    student_id INTEGER NOT NULL PRIMARY KEY REFERENCES students (id) ON DELETE CASCADE, -- students.id
    sort_key   TEXT    NOT NULL COLLATE BINARY, -- last name, then first name, folded
    status     INTEGER NOT NULL,                -- as in students
    words      TEXT    NOT NULL COLLATE BINARY  -- every folded word, with a space before and behind it
);
CREATE INDEX IF NOT EXISTS student_search_sort_key ON student_search (sort_key, student_id);
CREATE INDEX IF NOT EXISTS student_search_status ON student_search (status, sort_key, student_id);

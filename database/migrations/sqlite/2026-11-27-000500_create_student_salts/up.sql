CREATE TABLE IF NOT EXISTS student_salts (
    student_id INTEGER NOT NULL PRIMARY KEY REFERENCES students (id) ON DELETE CASCADE, -- students.id
    salt       BLOB    NOT NULL CHECK (length(salt) = 16) -- random, of the hashes in the journal
);

CREATE TABLE IF NOT EXISTS student_words (
    word       TEXT    NOT NULL COLLATE BINARY, -- a folded word
    student_id INTEGER NOT NULL,                -- students.id
    PRIMARY KEY (word, student_id)
) WITHOUT ROWID;

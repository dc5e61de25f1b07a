CREATE TABLE IF NOT EXISTS student_revisions (
    student_id  INTEGER   NOT NULL REFERENCES students (id) ON DELETE CASCADE, -- students.id
    version     INTEGER   NOT NULL, -- the version that had these values
    first_name  TEXT      NOT NULL,
    last_name   TEXT      NOT NULL,
    email       TEXT      NOT NULL,
    replaced_at TIMESTAMP NOT NULL, -- UTC
    PRIMARY KEY (student_id, version)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS students (
    id         INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id  BLOB      NOT NULL CHECK (length(public_id) = 16), -- UUID version 7, made by the application
    first_name TEXT      NOT NULL CHECK (length(first_name) <= 100),
    last_name  TEXT      NOT NULL CHECK (length(last_name) <= 100),
    email      TEXT      NOT NULL CHECK (length(email) <= 254),   -- as typed, the domain in ASCII form
    email_key  TEXT      NOT NULL COLLATE BINARY,                 -- email in lower case
    created_at TIMESTAMP NOT NULL,                                -- UTC
    CONSTRAINT students_public_id_unique UNIQUE (public_id),
    CONSTRAINT students_email_key_unique UNIQUE (email_key)
);

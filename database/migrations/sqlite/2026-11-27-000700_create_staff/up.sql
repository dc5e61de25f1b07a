CREATE TABLE IF NOT EXISTS staff (
    id          INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id   BLOB      NOT NULL CHECK (length(public_id) = 16), -- UUID version 7, made by the application
    email       TEXT      NOT NULL CHECK (length(email) <= 254),   -- as typed, the domain in ASCII form
    email_key   TEXT      NOT NULL COLLATE BINARY,                 -- email in lower case
    name        TEXT      NOT NULL CHECK (length(name) <= 100),    -- empty until the person has come in once
    role        INTEGER   NOT NULL,                                -- viewer 1, registrar 2, admin 3
    password    TEXT      NULL CHECK (length(password) <= 255),    -- PHC string, NULL until the person has chosen one
    shortcuts   INTEGER   NOT NULL DEFAULT 1,                      -- whether keys of the list are on
    created_at  TIMESTAMP NOT NULL,                                -- UTC
    disabled_at TIMESTAMP NULL,                                    -- UTC
    version     INTEGER   NOT NULL,                                -- one more with each change
    CONSTRAINT staff_public_id_unique UNIQUE (public_id),
    CONSTRAINT staff_email_key_unique UNIQUE (email_key)
);

CREATE TABLE IF NOT EXISTS journal (
    id          INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    at          TIMESTAMP NOT NULL,                                 -- UTC
    actor_kind  INTEGER   NOT NULL,                                 -- applicant 1, staff 2, token 3, system 4
    actor       BLOB      NULL CHECK (length(actor) = 16),          -- staff.public_id or api_tokens.public_id
    action      TEXT      NOT NULL CHECK (length(action) <= 32),
    subject     BLOB      NULL CHECK (length(subject) = 16),        -- public id of what it is about, NULL for registrations
    members     INTEGER   NOT NULL,                                 -- number of students in ids
    ids         BLOB      NULL,                                     -- students.public_id of registrations, one behind the other
    detail      TEXT      NULL CHECK (length(detail) <= 2000),      -- JSON object of codes and names of fields
    before_hash BLOB      NULL CHECK (length(before_hash) = 32),    -- of the record before a change
    after_hash  BLOB      NULL CHECK (length(after_hash) = 32),     -- of the record after a change
    trace_id    BLOB      NULL CHECK (length(trace_id) = 16),       -- of the request
    operation   BLOB      NULL CHECK (length(operation) = 16)       -- what is undone together
);
CREATE INDEX IF NOT EXISTS journal_subject ON journal (subject, id);
CREATE INDEX IF NOT EXISTS journal_actor ON journal (actor, id);
CREATE INDEX IF NOT EXISTS journal_operation ON journal (operation);

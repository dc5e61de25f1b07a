CREATE TABLE IF NOT EXISTS operations (
    id          BLOB      NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUID version 7
    actor_kind  INTEGER   NOT NULL,                                     -- applicant 1, staff 2, token 3, system 4
    actor       BLOB      NULL CHECK (length(actor) = 16),              -- staff.public_id or api_tokens.public_id
    status      INTEGER   NULL,                                         -- that a decision gives, as in students.status
    reason_code TEXT      NULL CHECK (length(reason_code) <= 32),       -- of a rejection
    note        TEXT      NULL CHECK (length(note) <= 2000),            -- about each student, until the operation is finished
    undoes      BLOB      NULL CHECK (length(undoes) = 16),             -- the operation that is undone
    at          TIMESTAMP NOT NULL,                                     -- UTC
    trace_id    BLOB      NULL CHECK (length(trace_id) = 16),           -- of the request
    finished_at TIMESTAMP NULL                                          -- UTC
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS operations_finished_at ON operations (finished_at);

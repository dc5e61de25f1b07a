CREATE TABLE IF NOT EXISTS imports (
    id          BLOB      NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- UUID version 7, also in journal.operation
    actor_kind  INTEGER   NOT NULL,                                     -- applicant 1, staff 2, token 3, system 4
    actor       BLOB      NULL CHECK (length(actor) = 16),              -- staff.public_id or api_tokens.public_id
    file_name   TEXT      NOT NULL CHECK (length(file_name) <= 200),
    sha256      BLOB      NOT NULL CHECK (length(sha256) = 32),         -- of the file
    settings    TEXT      NOT NULL CHECK (length(settings) <= 8000),    -- JSON: how the file is read, and what is done with its rows
    revision    INTEGER   NOT NULL,                                     -- one more with each change of the settings
    state       INTEGER   NOT NULL,                                     -- reading 1, needs_mapping 2, planned 3, running 4, done 5, failed 6, cancelled 7
    problem     TEXT      NULL CHECK (length(problem) <= 100),          -- JSON: why the file cannot be read
    stored_line INTEGER   NOT NULL,                                     -- rows up to this line are stored
    created     INTEGER   NOT NULL,                                     -- students
    updated     INTEGER   NOT NULL,                                     -- students
    at          TIMESTAMP NOT NULL,                                     -- UTC
    trace_id    BLOB      NULL CHECK (length(trace_id) = 16),           -- of the request
    finished_at TIMESTAMP NULL                                          -- UTC
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS imports_state ON imports (state);
CREATE INDEX IF NOT EXISTS imports_sha256 ON imports (sha256);

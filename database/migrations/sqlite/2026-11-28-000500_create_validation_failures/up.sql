CREATE TABLE IF NOT EXISTS validation_failures (
    hour  TIMESTAMP NOT NULL,                               -- UTC, its beginning
    field TEXT      NOT NULL CHECK (length(field) <= 32),
    code  TEXT      NOT NULL CHECK (length(code) <= 32),
    count INTEGER   NOT NULL,                               -- errors of refused registrations
    PRIMARY KEY (hour, field, code)
);

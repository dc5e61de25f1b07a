CREATE TABLE IF NOT EXISTS consumers (
    name       TEXT      NOT NULL PRIMARY KEY,
    position   INTEGER   NOT NULL, -- row id up to which everything is done
    seq        INTEGER   NOT NULL, -- last seal that was read
    journal_id INTEGER   NOT NULL, -- last entry that was read or written
    at         TIMESTAMP NOT NULL, -- UTC, of what was done last
    revision   INTEGER   NOT NULL  -- one more with each change: compared before it is set
) WITHOUT ROWID;

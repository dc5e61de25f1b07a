CREATE TABLE IF NOT EXISTS seals (
    seq       INTEGER   NOT NULL PRIMARY KEY,                      -- 1 for the first, without gaps
    prev      BLOB      NOT NULL CHECK (length(prev) = 32),        -- hash of the seal before, zero for the first
    rows_hash BLOB      NOT NULL CHECK (length(rows_hash) = 32),   -- hash over the rows
    row_count INTEGER   NOT NULL,                                  -- number of rows
    at        TIMESTAMP NOT NULL,                                  -- UTC
    hash      BLOB      NOT NULL CHECK (length(hash) = 32)         -- SHA-256 over everything above
);

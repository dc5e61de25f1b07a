CREATE TABLE IF NOT EXISTS import_parts (
    import BLOB    NOT NULL CHECK (length(import) = 16), -- imports.id
    part   INTEGER NOT NULL,                             -- from 0
    bytes  BLOB    NOT NULL,                             -- of the file, until its rows are stored
    PRIMARY KEY (import, part)
);

CREATE TABLE IF NOT EXISTS journal_seals (
    journal_id INTEGER NOT NULL PRIMARY KEY, -- journal.id
    seq        INTEGER NOT NULL              -- seals.seq
);
CREATE INDEX IF NOT EXISTS journal_seals_seq ON journal_seals (seq, journal_id);

CREATE TABLE IF NOT EXISTS journal_seals (
    journal_id BIGINT NOT NULL COMMENT 'journal.id',
    seq        BIGINT NOT NULL COMMENT 'seals.seq',
    PRIMARY KEY (journal_id),
    KEY journal_seals_seq (seq, journal_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

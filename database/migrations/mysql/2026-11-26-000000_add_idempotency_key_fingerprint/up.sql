ALTER TABLE idempotency_keys
    ADD COLUMN fingerprint BINARY(32) NULL COMMENT 'SHA-256 of the normalised request, NULL if stored by an older version';

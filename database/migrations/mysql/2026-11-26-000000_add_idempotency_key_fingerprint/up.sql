ALTER TABLE idempotency_keys
    ADD COLUMN fingerprint BINARY(32) NULL COMMENT 'SHA-256 of the normalised request; NULL before 2026-11-26';

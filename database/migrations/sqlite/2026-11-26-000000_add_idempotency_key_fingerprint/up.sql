ALTER TABLE idempotency_keys
    ADD COLUMN fingerprint BLOB NULL CHECK (length(fingerprint) = 32); -- SHA-256 of the normalised request, NULL if stored by an older version

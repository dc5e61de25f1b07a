ALTER TABLE students
    ADD COLUMN status     TINYINT     NOT NULL DEFAULT 1 COMMENT 'pending 1, waitlisted 2, confirmed 3, enrolled 4, rejected 5, withdrawn 6',
    ADD COLUMN version    INT         NOT NULL DEFAULT 1 COMMENT 'one more with each change',
    ADD COLUMN source     TINYINT     NOT NULL DEFAULT 1 COMMENT 'form 1, api 2, desk 3, import 4',
    ADD COLUMN trace_id   BINARY(16)  NULL COMMENT 'of the request that registered',
    ADD COLUMN updated_at DATETIME(6) NULL COMMENT 'UTC, NULL for version 1';

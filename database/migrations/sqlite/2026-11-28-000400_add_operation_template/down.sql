ALTER TABLE operations DROP COLUMN template;

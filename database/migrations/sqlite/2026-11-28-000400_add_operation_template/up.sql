ALTER TABLE operations ADD COLUMN template BLOB NULL CHECK (length(template) = 16);

ALTER TABLE operations ADD COLUMN template BINARY(16) NULL COMMENT 'task_templates.public_id, whose items are completed';

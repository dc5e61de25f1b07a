CREATE TABLE IF NOT EXISTS task_templates (
    id         INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id  BLOB      NOT NULL UNIQUE CHECK (length(public_id) = 16), -- UUID version 7
    title      TEXT      NOT NULL CHECK (length(title) <= 120),
    position   INTEGER   NOT NULL, -- place in the checklist, ascending
    is_active  BOOLEAN   NOT NULL, -- whether students still get it
    changed_at TIMESTAMP NOT NULL, -- UTC
    version    INTEGER   NOT NULL, -- one more with each change
    checked_at TIMESTAMP NULL,     -- UTC, when students were last looked at because of it
    filled_to  INTEGER   NULL      -- students.id up to which that is done, NULL when it is finished
);

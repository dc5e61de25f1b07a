CREATE TABLE IF NOT EXISTS task_templates (
    id         BIGINT       NOT NULL AUTO_INCREMENT,
    public_id  BINARY(16)   NOT NULL COMMENT 'UUID version 7',
    title      VARCHAR(120) NOT NULL,
    position   SMALLINT     NOT NULL COMMENT 'place in the checklist, ascending',
    is_active  BOOLEAN      NOT NULL COMMENT 'whether students still get it',
    changed_at DATETIME(6)  NOT NULL COMMENT 'UTC',
    version    INT          NOT NULL COMMENT 'one more with each change',
    checked_at DATETIME(6)  NULL COMMENT 'UTC, when students were last looked at because of it',
    filled_to  BIGINT       NULL COMMENT 'students.id up to which that is done, NULL when it is finished',
    PRIMARY KEY (id),
    UNIQUE KEY task_templates_public_id_unique (public_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

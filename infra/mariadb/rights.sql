-- The rights of the service's user, here registration@'%', on the database student_registration_db.
-- docs/operations.md says what they are for. The journal and its seals can be read and added to only.
-- For a database that exists: mariadb < infra/mariadb/rights.sql, as a user who may grant; any number
-- of times.

REVOKE ALL PRIVILEGES, GRANT OPTION FROM registration@'%';
GRANT SELECT, INSERT ON `student\_registration\_db`.* TO registration@'%';

-- CREATE allows a grant on a table that does not exist yet, and is revoked below.
GRANT CREATE, UPDATE, DELETE ON student_registration_db.students TO registration@'%';
GRANT CREATE, UPDATE, DELETE ON student_registration_db.student_search TO registration@'%';
GRANT CREATE, UPDATE, DELETE ON student_registration_db.sessions TO registration@'%';
GRANT CREATE, UPDATE, DELETE ON student_registration_db.api_requests TO registration@'%';
GRANT CREATE, UPDATE ON student_registration_db.operations TO registration@'%';
GRANT CREATE, UPDATE, DELETE ON student_registration_db.operation_items TO registration@'%';
GRANT CREATE, UPDATE, DELETE ON student_registration_db.tasks TO registration@'%';
GRANT CREATE, UPDATE, DELETE ON student_registration_db.imports TO registration@'%';
GRANT CREATE, DELETE ON student_registration_db.import_parts TO registration@'%';
GRANT CREATE, UPDATE, DELETE ON student_registration_db.import_rows TO registration@'%';
GRANT CREATE, UPDATE, DELETE ON student_registration_db.validation_failures TO registration@'%';
GRANT CREATE, UPDATE ON student_registration_db.task_templates TO registration@'%';
GRANT CREATE, UPDATE ON student_registration_db.staff TO registration@'%';
GRANT CREATE, UPDATE ON student_registration_db.api_tokens TO registration@'%';
GRANT CREATE, UPDATE ON student_registration_db.consumers TO registration@'%';
GRANT CREATE, DELETE ON student_registration_db.idempotency_keys TO registration@'%';
GRANT CREATE, DELETE ON student_registration_db.staff_links TO registration@'%';
GRANT CREATE, DELETE ON student_registration_db.student_words TO registration@'%';
GRANT CREATE, DELETE ON student_registration_db.student_revisions TO registration@'%';
GRANT CREATE, DELETE ON student_registration_db.student_salts TO registration@'%';
GRANT CREATE, DELETE ON student_registration_db.student_notes TO registration@'%';

REVOKE CREATE ON student_registration_db.students FROM registration@'%';
REVOKE CREATE ON student_registration_db.student_search FROM registration@'%';
REVOKE CREATE ON student_registration_db.sessions FROM registration@'%';
REVOKE CREATE ON student_registration_db.api_requests FROM registration@'%';
REVOKE CREATE ON student_registration_db.operations FROM registration@'%';
REVOKE CREATE ON student_registration_db.operation_items FROM registration@'%';
REVOKE CREATE ON student_registration_db.tasks FROM registration@'%';
REVOKE CREATE ON student_registration_db.task_templates FROM registration@'%';
REVOKE CREATE ON student_registration_db.validation_failures FROM registration@'%';
REVOKE CREATE ON student_registration_db.staff FROM registration@'%';
REVOKE CREATE ON student_registration_db.api_tokens FROM registration@'%';
REVOKE CREATE ON student_registration_db.consumers FROM registration@'%';
REVOKE CREATE ON student_registration_db.idempotency_keys FROM registration@'%';
REVOKE CREATE ON student_registration_db.staff_links FROM registration@'%';
REVOKE CREATE ON student_registration_db.student_words FROM registration@'%';
REVOKE CREATE ON student_registration_db.student_revisions FROM registration@'%';
REVOKE CREATE ON student_registration_db.student_salts FROM registration@'%';
REVOKE CREATE ON student_registration_db.student_notes FROM registration@'%';
REVOKE CREATE ON student_registration_db.imports FROM registration@'%';
REVOKE CREATE ON student_registration_db.import_parts FROM registration@'%';
REVOKE CREATE ON student_registration_db.import_rows FROM registration@'%';

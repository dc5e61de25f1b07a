CREATE INDEX IF NOT EXISTS students_status ON students (status, id);

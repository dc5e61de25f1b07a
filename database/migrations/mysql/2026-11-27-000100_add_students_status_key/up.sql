ALTER TABLE students ADD KEY students_status (status, id);

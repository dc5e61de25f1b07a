ALTER TABLE students DROP KEY students_status;

DROP TABLE student_notes;

DROP TABLE student_salts;

DROP TABLE student_search;

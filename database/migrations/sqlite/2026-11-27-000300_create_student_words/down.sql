DROP TABLE student_words;

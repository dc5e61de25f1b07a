DROP TABLE student_revisions;

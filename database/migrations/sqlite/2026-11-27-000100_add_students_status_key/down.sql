DROP INDEX students_status;

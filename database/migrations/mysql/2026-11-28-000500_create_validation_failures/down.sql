DROP TABLE validation_failures;

DROP TABLE import_parts;

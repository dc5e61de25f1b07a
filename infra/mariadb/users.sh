# The users, made with the database: MariaDB's image reads this file (it is sourced, not run) when its
# volume is empty, and then rights.sql, with what the service's user may do.
docker_process_sql --database=mysql <<SQL
ALTER DATABASE student_registration_db CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE USER registration@'%' IDENTIFIED BY '$(docker_sql_escape_string_literal "$DATABASE_PASSWORD")';

-- Tables are granted by pattern: they do not exist yet.
CREATE USER migration@'%' IDENTIFIED BY '$(docker_sql_escape_string_literal "$MIGRATION_PASSWORD")'
    WITH MAX_USER_CONNECTIONS 2;
GRANT SELECT, INSERT, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES
    ON \`student\\_registration\\_db\`.* TO migration@'%';

-- The server's status and settings are readable for every user.
CREATE USER exporter@'%' IDENTIFIED BY '$(docker_sql_escape_string_literal "$EXPORTER_PASSWORD")'
    WITH MAX_USER_CONNECTIONS 3;
SQL

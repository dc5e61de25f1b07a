//! `doctor`: what it looks at, what it says, and its exit code.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Output},
};

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, DatabaseServer, TestDatabase, mariadb_trial, on_every_backend,
    telemetry::{OtlpReceiver, ReceiverMode},
    trials,
};

use crate::support::{BINARY, metric, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![configuration_errors_come_first, collectors_are_tried];
    trials.extend(on_every_backend![a_database_is_examined]);
    trials.push(mariadb_trial("a_server_that_is_not_durable", a_server_that_is_not_durable));
    trials.push(mariadb_trial("a_pool_that_the_server_cannot_fill", a_pool_that_cannot_be_filled));
    trials
}

fn doctor(environment: &[(&str, &str)]) -> (bool, String) {
    let output: Output = Command::new(BINARY)
        .arg("doctor")
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

/// The verdict on a subject.
fn verdict<'a>(table: &'a str, subject: &str) -> &'a str {
    let row = table.lines().find(|line| line.starts_with(subject)).unwrap();
    row[subject.len()..].split_whitespace().next().unwrap()
}

fn a_database_is_examined(database: &TestDatabase) {
    let url = ("DATABASE_URL", database.url());
    let migrate = Command::new(BINARY).arg("migrate").env_clear().envs([url]).output().unwrap();
    assert!(migrate.status.success());
    let (well, table) = doctor(&[url]);
    assert!(well, "{table}");
    let subjects =
        ["configuration", "database", "migrations", "durability", "pool", "office", "temporary"];
    for subject in subjects {
        assert_eq!(verdict(&table, subject), "ok", "{table}");
    }
    let (well, nowhere) = doctor(&[url, ("TMPDIR", "/nowhere")]);
    assert!(!well && verdict(&nowhere, "temporary") == "FAILED", "{nowhere}");
    assert_eq!(verdict(&table, "traces"), "skipped", "{table}");
    let left = "SELECT email AS value FROM students UNION ALL SELECT email FROM staff";
    assert_eq!(database.query_column(left), [""; 0], "what was tried is rolled back");

    assert!(!table.lines().any(|line| line.starts_with("files")), "{table}");

    if database.backend() == Backend::Sqlite {
        let mode = |mode| std::fs::set_permissions(database.name(), Permissions::from_mode(mode));
        mode(0o644).unwrap();
        let (well, table) = doctor(&[url]);
        assert!(well, "{table}");
        assert_eq!(verdict(&table, "files"), "warning", "{table}");
        assert!(table.contains("(mode 644)") && table.contains("-> chmod 600 "), "{table}");
        mode(0o600).unwrap();
    }

    database.execute("DELETE FROM __diesel_schema_migrations");
    let (well, table) = doctor(&[url]);
    assert!(!well);
    assert_eq!(verdict(&table, "migrations"), "FAILED", "{table}");
    assert!(table.contains("-> run student-registration migrate"), "{table}");

    if database.backend() == Backend::Sqlite {
        let mode = |mode| std::fs::set_permissions(database.name(), Permissions::from_mode(mode));
        mode(0o444).unwrap();
        let (well, table) = doctor(&[url]);
        assert!(!well);
        assert_eq!(verdict(&table, "database"), "FAILED", "{table}");
        assert!(table.contains("read-only"), "{table}");
        assert_eq!(verdict(&table, "migrations"), "skipped", "{table}");
        mode(0o644).unwrap();
    }

    let elsewhere = match database.backend() {
        Backend::Sqlite => format!("{}.gone", database.url()),
        Backend::Mysql => database.url_as("root:canary"),
    };
    let (well, table) = doctor(&[("DATABASE_URL", &elsewhere)]);
    assert!(!well);
    assert_eq!(verdict(&table, "database"), "FAILED", "{table}");
    assert_eq!(verdict(&table, "pool"), "skipped", "{table}");
    assert!(!table.contains("canary"), "{table}");
}

fn a_server_that_is_not_durable() {
    let server = DatabaseServer::start();
    let database = TestDatabase::on(&server);
    let url = ("DATABASE_URL", database.url());
    let set = |flush: u32| {
        database.execute(&format!("SET GLOBAL innodb_flush_log_at_trx_commit = {flush}"));
    };
    set(1);
    let service = start(&database);
    assert_eq!(metric(&service, "db_weak_durability_settings"), 0.0);
    let (well, table) = doctor(&[url]);
    assert!(well, "{table}");
    set(2);
    let (well, table) = doctor(&[url]);
    assert!(!well);
    assert_eq!(verdict(&table, "durability"), "FAILED", "{table}");
    assert!(table.contains("innodb_flush_log_at_trx_commit is 2, not 1"), "{table}");

    let service = start(&database);
    let warning = service.wait_for_log(|line| line["body"] == "Database not durable");
    let expected = "innodb_flush_log_at_trx_commit is 2, not 1";
    assert_eq!(warning["attributes"]["settings"], expected);
    assert_eq!(metric(&service, "db_weak_durability_settings"), 1.0);
}

fn a_pool_that_cannot_be_filled() {
    let server = DatabaseServer::start();
    let database = TestDatabase::on(&server);
    let url = ("DATABASE_URL", database.url());
    assert!(
        Command::new(BINARY).arg("migrate").env_clear().envs([url]).status().unwrap().success()
    );
    database.execute(&format!(
        "CREATE USER reader IDENTIFIED BY ''; GRANT SELECT ON {}.* TO reader",
        database.name()
    ));
    let (well, table) = doctor(&[("DATABASE_URL", &database.url().replace("root@", "reader@"))]);
    assert!(!well);
    assert_eq!(verdict(&table, "database"), "FAILED", "{table}");
    assert!(table.contains("grant INSERT"), "{table}");
    assert_eq!(database.emails(), [""; 0]);

    database.execute("SET GLOBAL max_connections = 10");
    let (well, table) = doctor(&[url, ("DATABASE_POOL_SIZE", "50")]);
    assert!(!well);
    assert_eq!(verdict(&table, "database"), "ok", "{table}");
    assert_eq!(verdict(&table, "pool"), "FAILED", "{table}");
}

fn configuration_errors_come_first() {
    let (well, table) = doctor(&[("DATABASE_URL", "mysq://u:canary@h/d"), ("KEEP_ALIVE", "long")]);
    assert!(!well);
    assert_eq!(table.matches("configuration  FAILED").count(), 2, "{table}");
    assert_eq!(verdict(&table, "database"), "skipped");
    assert!(!table.contains("canary"), "{table}");
}

fn collectors_are_tried() {
    let database = TestDatabase::new(Backend::Sqlite);
    let url = ("DATABASE_URL", database.url());
    assert!(
        Command::new(BINARY).arg("migrate").env_clear().envs([url]).status().unwrap().success()
    );
    let receiver = OtlpReceiver::start();
    for (protocol, endpoint) in
        [("http/protobuf", receiver.http_endpoint()), ("grpc", receiver.grpc_endpoint())]
    {
        let environment = |behaviour| {
            receiver.set_mode(behaviour);
            doctor(&[
                url,
                ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                ("OTEL_EXPORTER_OTLP_TIMEOUT", "300"),
                ("OTEL_PROPAGATORS", "b3"),
            ])
        };
        let (well, table) = environment(ReceiverMode::Accept);
        assert!(well, "{table}");
        assert_eq!(verdict(&table, "traces"), "ok", "{table}");
        assert_eq!(verdict(&table, "logs"), "ok", "{table}");
        assert_eq!(verdict(&table, "telemetry"), "warning", "{table}");
        for behaviour in [ReceiverMode::Unavailable, ReceiverMode::Hang] {
            let (well, table) = environment(behaviour);
            assert!(!well);
            assert_eq!(verdict(&table, "traces"), "FAILED", "{table}");
            assert_eq!(verdict(&table, "logs"), "FAILED", "{table}");
        }
    }
    let names: Vec<_> = receiver.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["doctor", "doctor"]);
    assert_eq!(receiver.logs().len(), 2);
}

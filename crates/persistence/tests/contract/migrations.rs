//! Tables come into being once, whoever makes them.

use std::{fs, sync::Barrier, thread, time::Duration};

use diesel::{Connection as _, MysqlConnection, connection::SimpleConnection as _};
use libtest_mimic::Trial;
use registration_domain::Unavailability;
use registration_persistence::{Database, Students, migrate};
use registration_testkit::{
    Backend, TestDatabase, on_every_backend, on_mysql, on_sqlite, wait_until,
};

use crate::support::{OPTIONS, WRITES, insert_one, migrated, open, reason, student};

/// Every migration, in order.
const VERSIONS: [&str; 2] = ["20260901000000", "20261121000000"];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        migrations_run_once,
        instances_that_start_together_do_not_collide,
        an_empty_database_is_not_ready,
        migrations_can_be_undone,
        a_migration_that_was_not_recorded_runs_again,
    ];
    trials.extend(on_mysql![
        schema_sql_equals_the_migrations,
        an_instance_waits_for_one_of_an_earlier_version,
    ]);
    trials.extend(on_sqlite![migrating_makes_the_folders_above_the_file,]);
    trials
}

fn migrations_run_once(database: &TestDatabase) {
    assert_eq!(migrated(database), VERSIONS);
    assert_eq!(migrated(database), [""; 0]);
    open(database).check_readiness().unwrap();
}

fn instances_that_start_together_do_not_collide(first: &TestDatabase) {
    // A race is seldom lost at the first try.
    for _ in 0..10 {
        let database = TestDatabase::new(first.backend());
        let together = Barrier::new(8);
        let ran: usize = thread::scope(|scope| {
            let instance = || {
                together.wait();
                migrated(&database).len()
            };
            let instances: Vec<_> = (0..8).map(|_| scope.spawn(instance)).collect();
            instances.into_iter().map(|instance| instance.join().unwrap()).sum()
        });
        assert_eq!(ran, VERSIONS.len(), "one instance runs each migration");
    }
}

fn an_empty_database_is_not_ready(test_database: &TestDatabase) {
    if test_database.backend() == Backend::Sqlite {
        test_database.execute("VACUUM");
    }
    let database = open(test_database);
    assert_eq!(reason(database.check_readiness()), Unavailability::MigrationsPending);
    let students = Students::new(database.clone(), WRITES);
    let refused = insert_one(&students, &student(1, "a@example.org"));
    assert_eq!(reason(refused), Unavailability::MigrationsPending);

    migrated(test_database);
    database.check_readiness().unwrap();
    test_database.execute("DELETE FROM __diesel_schema_migrations");
    assert_eq!(reason(database.check_readiness()), Unavailability::MigrationsPending);
    migrated(test_database);
    test_database.execute("DROP TABLE idempotency_keys");
    assert_eq!(reason(database.check_readiness()), Unavailability::MigrationsPending);
}

fn migrations_can_be_undone(test_database: &TestDatabase) {
    let folder = match test_database.backend() {
        Backend::Sqlite => "sqlite",
        Backend::Mysql => "mysql",
    };
    let folder = format!("{}/../../database/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut migrations: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    migrations.sort();
    assert_eq!(migrations.len(), VERSIONS.len());
    let database = open(test_database);
    migrated(test_database);
    for migration in migrations.iter().rev() {
        test_database.execute(&fs::read_to_string(migration.join("down.sql")).unwrap());
    }
    test_database.execute("DELETE FROM __diesel_schema_migrations");
    assert_eq!(migrated(test_database), VERSIONS);
    database.check_readiness().unwrap();
}

/// MySQL commits a table before the migration is recorded: a crash may fall between the two.
fn a_migration_that_was_not_recorded_runs_again(database: &TestDatabase) {
    migrated(database);
    database.execute("DELETE FROM __diesel_schema_migrations");
    assert_eq!(migrated(database), VERSIONS);
    open(database).check_readiness().unwrap();
}

fn schema_sql_equals_the_migrations(migrated: &TestDatabase) {
    migrate(&migrated.url().parse().unwrap()).unwrap();
    let by_hand = TestDatabase::new(Backend::Mysql);
    let script = include_str!("../../../../database/schema.sql");
    let script: String = script.replace("student_registration_db", by_hand.name());
    by_hand.execute(&script);

    let describe = |database: &TestDatabase| {
        let columns = database.query_column(
            "SELECT CONCAT_WS(' ', table_name, ordinal_position, column_name, column_type, \
             is_nullable, column_default, character_set_name, collation_name, extra, \
             column_comment) AS value FROM information_schema.columns \
             WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
        );
        let keys = database.query_column(
            "SELECT CONCAT_WS(' ', table_name, index_name, non_unique, seq_in_index, column_name) \
             AS value FROM information_schema.statistics WHERE table_schema = DATABASE() \
             ORDER BY table_name, index_name, seq_in_index",
        );
        let versions = database
            .query_column("SELECT version AS value FROM __diesel_schema_migrations ORDER BY 1");
        let engines = database.query_column(
            "SELECT CONCAT_WS(' ', table_name, engine) AS value FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name IN ('students', 'idempotency_keys')",
        );
        let references = database.query_column(
            "SELECT CONCAT_WS(' ', table_name, referenced_table_name, delete_rule) AS value \
             FROM information_schema.referential_constraints \
             WHERE constraint_schema = DATABASE()",
        );
        [columns, keys, versions, engines, references].concat()
    };
    assert_eq!(describe(&by_hand), describe(migrated));
    assert!(migrate(&by_hand.url().parse().unwrap()).unwrap().is_empty());
    open(&by_hand).check_readiness().unwrap();
}

/// Of 0.1.0, whose lock is named with MD5(). Servers without that function never ran it.
fn an_instance_waits_for_one_of_an_earlier_version(database: &TestDatabase) {
    let mut earlier = MysqlConnection::establish(database.url()).unwrap();
    let lock = "DO GET_LOCK(CONCAT('student-registration-', MD5(DATABASE())), 0)";
    if earlier.batch_execute(lock).is_err() {
        return;
    }
    let waiting = "SELECT state AS value FROM information_schema.processlist \
         WHERE db = DATABASE() AND state = 'User lock'";
    thread::scope(|scope| {
        let instance = scope.spawn(|| migrated(database));
        let waits = || !database.query_column(waiting).is_empty();
        assert!(wait_until(Duration::from_secs(30), waits), "it does not wait");
        earlier.batch_execute("DO RELEASE_ALL_LOCKS()").unwrap();
        assert_eq!(instance.join().unwrap(), VERSIONS);
    });
}

fn migrating_makes_the_folders_above_the_file(test_database: &TestDatabase) {
    let url = test_database.url().replace("registration.db", "new folder/100% new/r.db");
    migrate(&url.parse().unwrap()).unwrap();
    Database::open(url.parse().unwrap(), OPTIONS).check_readiness().unwrap();
}

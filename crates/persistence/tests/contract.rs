//! What every backend promises: one suite, run on each.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use chrono::{DateTime, Utc};
use registration_domain::{
    InsertOutcome::{self, AlreadyRegistered, Created},
    RawField, RawRegistration, Registration, RepositoryError, Student, StudentId,
    StudentRepository, Unavailability,
};
use registration_persistence::{Database, DatabaseUrl, PoolOptions, Students, migrate};
use registration_testkit::{
    Backend, MariaDbServer, TestDatabase, mariadb_trial, on_every_backend, on_mysql, on_sqlite,
};

fn main() {
    let mut trials = on_every_backend![
        a_student_is_found_as_registered,
        an_unknown_id_finds_nobody,
        an_address_registers_once_in_any_case,
        a_batch_answers_for_each_and_a_duplicate_fails_alone,
        of_many_at_once_with_one_address_one_is_created,
        names_of_every_script_survive,
        the_longest_values_fit,
        migrations_run_once,
        instances_that_start_together_do_not_collide,
        an_empty_database_is_not_ready,
        a_pool_without_a_free_connection_says_so,
        an_unreachable_database_says_so,
        migrations_can_be_undone,
        a_migration_that_was_not_recorded_runs_again,
    ];
    trials.extend(on_mysql![
        schema_sql_equals_the_migrations,
        certificates_without_encryption_are_refused,
    ]);
    trials.push(mariadb_trial("a_right_taken_away_is_not_ready", a_right_taken_away_is_not_ready));
    trials.push(mariadb_trial("a_read_only_server_is_not_ready", a_read_only_server_is_not_ready));
    trials.extend(on_sqlite![
        a_file_made_read_only_takes_nothing_until_it_is_writable_again,
        a_file_that_was_deleted_takes_nothing,
        a_write_ahead_log_that_was_deleted_loses_nothing,
        a_file_that_was_cut_short_takes_nothing,
        migrating_makes_the_folders_above_the_file,
    ]);
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit();
}

const OPTIONS: PoolOptions = PoolOptions { max_size: 8, timeout: Duration::from_secs(10) };

fn open(database: &TestDatabase) -> Database {
    Database::open(database.url().parse().unwrap(), OPTIONS)
}

/// Migrates, and returns the versions of what ran.
fn migrated(database: &TestDatabase) -> Vec<String> {
    migrate(&database.url().parse().unwrap()).unwrap()
}

fn students(database: &TestDatabase) -> Students {
    migrated(database);
    Students::new(open(database))
}

/// Inserts students, which must be possible.
fn insert(students: &Students, batch: &[Student]) -> Vec<InsertOutcome> {
    students.insert(batch).into_iter().map(Result::unwrap).collect()
}

/// A student with this address and an id of its own.
fn student(number: u8, email: &str) -> Student {
    named(number, "Zoë", "Brontë", email)
}

fn named(number: u8, first_name: &str, last_name: &str, email: &str) -> Student {
    let text = |text: &str| RawField::Text(text.to_owned());
    let registration = Registration::parse(&RawRegistration {
        first_name: text(first_name),
        last_name: text(last_name),
        email: text(email),
    });
    let now: DateTime<Utc> = "2026-09-01T09:00:00.123456Z".parse().unwrap();
    Student::new(StudentId::new(now, [number; 10]), registration.unwrap(), now)
}

fn a_student_is_found_as_registered(database: &TestDatabase) {
    let students = students(database);
    let zoe = student(1, "Zoe@Example.org");
    assert_eq!(insert(&students, std::slice::from_ref(&zoe)), [Created]);
    assert_eq!(students.registered_at(zoe.id()).unwrap(), Some(zoe.created_at()));
    assert_eq!(stored(database), ["Zoë|Brontë|Zoe@Example.org|zoe@example.org"]);
}

/// What is in the table, a line a student, in the order of arrival.
fn stored(database: &TestDatabase) -> Vec<String> {
    let columns = ["first_name", "last_name", "email", "email_key"].map(|column| {
        database.texts(&format!("SELECT {column} AS value FROM students ORDER BY id"))
    });
    (0..columns[0].len()).map(|row| columns.each_ref().map(|c| c[row].clone()).join("|")).collect()
}

fn an_unknown_id_finds_nobody(database: &TestDatabase) {
    let nobody = student(1, "a@example.org").id();
    assert_eq!(students(database).registered_at(nobody).unwrap(), None);
}

fn an_address_registers_once_in_any_case(database: &TestDatabase) {
    let students = students(database);
    let insert = |number, email| insert(&students, &[student(number, email)]);
    assert_eq!(insert(1, "Zoe@Example.org"), [Created]);
    assert_eq!(insert(2, "Zoe@Example.org"), [AlreadyRegistered]);
    assert_eq!(insert(3, "zOE@eXAMPLE.ORG"), [AlreadyRegistered]);
    assert_eq!(insert(4, "zoe@example.com"), [Created]);
    assert_eq!(database.emails(), ["zoe@example.com", "Zoe@Example.org"]);
}

fn a_batch_answers_for_each_and_a_duplicate_fails_alone(database: &TestDatabase) {
    let students = students(database);
    let batch = [
        student(1, "a@example.org"),
        student(2, "b@example.org"),
        student(3, "A@example.org"),
        student(4, "c@example.org"),
    ];
    assert_eq!(insert(&students, &batch), [Created, Created, AlreadyRegistered, Created]);
    assert_eq!(insert(&students, &[]), []);
    assert_eq!(database.emails(), ["a@example.org", "b@example.org", "c@example.org"]);
}

fn of_many_at_once_with_one_address_one_is_created(database: &TestDatabase) {
    let students = students(database);
    let together = Barrier::new(16);
    let created = thread::scope(|scope| {
        let inserts: Vec<_> = (0..16)
            .map(|number| {
                let (students, together) = (&students, &together);
                scope.spawn(move || {
                    together.wait();
                    insert(students, &[student(number, "zoe@example.org")]).remove(0)
                })
            })
            .collect();
        inserts
            .into_iter()
            .filter_map(|insert| (insert.join().unwrap() == Created).then_some(()))
            .count()
    });
    assert_eq!(created, 1);
    assert_eq!(database.emails(), ["zoe@example.org"]);
}

fn names_of_every_script_survive(database: &TestDatabase) {
    let students = students(database);
    let names =
        ["O’Neil", "李", "Nguyễn Văn", "محمد", "ก็", "Ann 🌸", "Robert'); DROP TABLE students;--"];
    for (number, name) in (1..).zip(names) {
        let student = named(number, name, name, &format!("n{number}@example.org"));
        assert_eq!(insert(&students, std::slice::from_ref(&student)), [Created]);
        let email = student.registration().email.as_str();
        assert_eq!(stored(database).pop().unwrap(), format!("{name}|{name}|{email}|{email}"));
    }
}

fn the_longest_values_fit(database: &TestDatabase) {
    let students = students(database);
    let name = "🌸".repeat(99) + "a";
    let domain = format!("{0}.{0}.{0}.org", "d".repeat(60));
    let email = format!("{}@{domain}", "l".repeat(254 - 1 - domain.len()));
    let student = named(1, &name, &name, &email);
    assert_eq!(insert(&students, std::slice::from_ref(&student)), [Created]);
    assert_eq!(stored(database), [format!("{name}|{name}|{email}|{email}")]);
}

fn migrations_run_once(database: &TestDatabase) {
    assert_eq!(migrated(database), ["20260901000000"]);
    assert_eq!(migrated(database), [""; 0]);
    open(database).check_readiness().unwrap();
}

fn instances_that_start_together_do_not_collide(database: &TestDatabase) {
    let together = Arc::new(Barrier::new(6));
    let instances: Vec<_> = (0..6)
        .map(|_| {
            let url: DatabaseUrl = database.url().parse().unwrap();
            let together = Arc::clone(&together);
            thread::spawn(move || {
                together.wait();
                migrate(&url).map(|ran| ran.len())
            })
        })
        .collect();
    let ran: usize = instances.into_iter().map(|instance| instance.join().unwrap().unwrap()).sum();
    assert_eq!(ran, 1, "one instance runs the one migration");
}

/// The reason why an answer could not be given.
fn reason<T: std::fmt::Debug>(answer: Result<T, RepositoryError>) -> Unavailability {
    match answer.unwrap_err() {
        RepositoryError::Unavailable { reason, .. } => reason,
        unexpected @ RepositoryError::Unexpected(_) => panic!("{unexpected:?}"),
    }
}

fn an_empty_database_is_not_ready(test_database: &TestDatabase) {
    if test_database.backend() == Backend::Sqlite {
        test_database.execute("VACUUM");
    }
    let database = open(test_database);
    assert_eq!(reason(database.check_readiness()), Unavailability::MigrationsPending);
    let students = Students::new(database.clone());
    let refused = students.insert(&[student(1, "a@example.org")]).remove(0);
    assert_eq!(reason(refused), Unavailability::MigrationsPending);

    migrated(test_database);
    database.check_readiness().unwrap();
    test_database.execute("DELETE FROM __diesel_schema_migrations");
    assert_eq!(reason(database.check_readiness()), Unavailability::MigrationsPending);
    migrated(test_database);
    test_database.execute("DROP TABLE students");
    assert_eq!(reason(database.check_readiness()), Unavailability::MigrationsPending);
}

fn a_pool_without_a_free_connection_says_so(test_database: &TestDatabase) {
    let options = PoolOptions { max_size: 1, timeout: Duration::from_millis(200) };
    let database = Database::open(test_database.url().parse().unwrap(), options);
    migrated(test_database);
    let students = Students::new(database);
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);

    // A second writer of the same address waits for the first one's lock, with the connection.
    let lock = test_database.hold_address("held@example.org");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| insert(&students, &[student(2, "held@example.org")]));
        let exhausted = loop {
            assert!(!waiting.is_finished(), "the insert did not wait for the lock");
            if let Err(error) = students.registered_at(student(3, "x@example.org").id()) {
                break error;
            }
        };
        assert_eq!(reason::<()>(Err(exhausted)), Unavailability::PoolExhausted);
        drop(lock);
        assert_eq!(waiting.join().unwrap(), [Created]);
    });
}

fn an_unreachable_database_says_so(database: &TestDatabase) {
    let url = match database.backend() {
        Backend::Sqlite => {
            database.execute("VACUUM"); // makes the file, which is no folder
            format!("{}/not/there.db", database.url())
        }
        Backend::Mysql => "mysql://root@127.0.0.1:1/nowhere".to_owned(),
    };
    let options = PoolOptions { max_size: 2, timeout: Duration::from_millis(200) };
    let database = Database::open(url.parse().unwrap(), options);
    assert_eq!(reason(database.check_readiness()), Unavailability::DatabaseUnreachable);
    assert!(migrate(&url.parse().unwrap()).is_err());
}

fn migrations_can_be_undone(test_database: &TestDatabase) {
    let down = match test_database.backend() {
        Backend::Sqlite => include_str!(
            "../../../database/migrations/sqlite/2026-09-01-000000_create_students/down.sql"
        ),
        Backend::Mysql => include_str!(
            "../../../database/migrations/mysql/2026-09-01-000000_create_students/down.sql"
        ),
    };
    let database = open(test_database);
    migrated(test_database);
    test_database.execute(down);
    test_database.execute("DELETE FROM __diesel_schema_migrations");
    assert_eq!(migrated(test_database).len(), 1);
    database.check_readiness().unwrap();
}

fn schema_sql_equals_the_migrations(migrated: &TestDatabase) {
    migrate(&migrated.url().parse().unwrap()).unwrap();
    let by_hand = TestDatabase::new(Backend::Mysql);
    let script = include_str!("../../../database/schema.sql");
    let script: String = script.replace("student_registration_db", by_hand.name());
    by_hand.execute(&script);

    let describe = |database: &TestDatabase| {
        let columns = database.texts(
            "SELECT CONCAT_WS(' ', table_name, ordinal_position, column_name, column_type, \
             is_nullable, column_default, character_set_name, collation_name, extra, \
             column_comment) AS value FROM information_schema.columns \
             WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
        );
        let keys = database.texts(
            "SELECT CONCAT_WS(' ', table_name, index_name, non_unique, seq_in_index, column_name) \
             AS value FROM information_schema.statistics WHERE table_schema = DATABASE() \
             ORDER BY table_name, index_name, seq_in_index",
        );
        let versions =
            database.texts("SELECT version AS value FROM __diesel_schema_migrations ORDER BY 1");
        let engines = database.texts(
            "SELECT CONCAT_WS(' ', table_name, engine) AS value FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name = 'students'",
        );
        [columns, keys, versions, engines].concat()
    };
    assert_eq!(describe(&by_hand), describe(migrated));
    assert!(migrate(&by_hand.url().parse().unwrap()).unwrap().is_empty());
    open(&by_hand).check_readiness().unwrap();
}

/// MySQL commits a table before the migration is recorded: a crash may fall between the two.
fn a_migration_that_was_not_recorded_runs_again(database: &TestDatabase) {
    migrated(database);
    database.execute("DELETE FROM __diesel_schema_migrations");
    assert_eq!(migrated(database), ["20260901000000"]);
    open(database).check_readiness().unwrap();
}

fn certificates_without_encryption_are_refused(database: &TestDatabase) {
    // The test's server has no certificate of its own, so that nothing is encrypted.
    let url = format!("{}?ssl_ca=/etc/ssl/certs/ca-certificates.crt", database.url());
    let options = PoolOptions { timeout: Duration::from_millis(500), ..OPTIONS };
    let refused = Database::open(url.parse().unwrap(), options).check_readiness();
    assert_eq!(reason(refused), Unavailability::DatabaseUnreachable);
}

fn a_read_only_server_is_not_ready() {
    // Read-only is a setting of the whole server, so this takes one of its own.
    let server = MariaDbServer::start();
    let test_database = TestDatabase::on(&server);
    let database = open(&test_database);
    migrated(&test_database);
    test_database.execute("SET GLOBAL read_only = 1");
    assert_eq!(reason(database.check_readiness()), Unavailability::DatabaseNotWritable);
    test_database.execute("SET GLOBAL read_only = 0");
    database.check_readiness().unwrap();
}

fn a_file_made_read_only_takes_nothing_until_it_is_writable_again(test_database: &TestDatabase) {
    let options = PoolOptions { timeout: Duration::from_millis(300), ..OPTIONS };
    let database = Database::open(test_database.url().parse().unwrap(), options);
    migrated(test_database);
    let students = Students::new(database.clone());
    let read_only = |on| {
        let mut permissions = std::fs::metadata(test_database.name()).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(
            &mut permissions,
            if on { 0o444 } else { 0o644 },
        );
        std::fs::set_permissions(test_database.name(), permissions).unwrap();
    };

    read_only(true);
    let refused = students.insert(&[student(1, "a@example.org")]).remove(0);
    assert_eq!(reason(refused), Unavailability::DatabaseNotWritable);
    assert_eq!(reason(database.check_readiness()), Unavailability::DatabaseNotWritable);

    read_only(false);
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);
}

fn a_file_that_was_deleted_takes_nothing(test_database: &TestDatabase) {
    let options = PoolOptions { timeout: Duration::from_millis(300), ..OPTIONS };
    let database = Database::open(test_database.url().parse().unwrap(), options);
    migrated(test_database);
    let students = Students::new(database);
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);

    std::fs::remove_file(test_database.name()).unwrap();
    let refused = students.insert(&[student(2, "b@example.org")]).remove(0);
    assert_eq!(reason(refused), Unavailability::DatabaseUnreachable);
    assert!(!std::path::Path::new(test_database.name()).exists(), "nobody asked for a new file");
}

fn a_write_ahead_log_that_was_deleted_loses_nothing(test_database: &TestDatabase) {
    migrated(test_database);
    let students = Students::new(open(test_database));
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);
    assert_eq!(insert(&students, &[student(2, "b@example.org")]), [Created]);
    std::fs::remove_file(format!("{}-wal", test_database.name())).unwrap();
    assert_eq!(insert(&students, &[student(3, "c@example.org")]), [Created]);
    assert_eq!(test_database.emails(), ["a@example.org", "b@example.org", "c@example.org"]);
}

fn a_file_that_was_cut_short_takes_nothing(test_database: &TestDatabase) {
    let options = PoolOptions { timeout: Duration::from_millis(300), ..OPTIONS };
    let database = Database::open(test_database.url().parse().unwrap(), options);
    migrated(test_database);
    let students = Students::new(database);
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);
    std::fs::File::create(test_database.name()).unwrap();
    assert!(students.insert(&[student(2, "b@example.org")]).remove(0).is_err());
}

fn a_right_taken_away_is_not_ready() {
    let server = MariaDbServer::start();
    let test_database = TestDatabase::on(&server);
    migrated(&test_database);
    let name = test_database.name();
    test_database.execute(&format!("CREATE USER reader; GRANT SELECT ON {name}.* TO reader"));
    let url = test_database.url().replace("root@", "reader@");
    let database = Database::open(url.parse().unwrap(), OPTIONS);
    assert_eq!(migrate(&url.parse().unwrap()).unwrap(), [""; 0], "nothing to do needs no right");
    database.check_readiness().unwrap();
    let refused = Students::new(database.clone()).insert(&[student(1, "a@example.org")]).remove(0);
    assert_eq!(reason(refused), Unavailability::DatabaseNotWritable);
    assert_eq!(reason(database.check_readiness()), Unavailability::DatabaseNotWritable);
}

fn migrating_makes_the_folders_above_the_file(test_database: &TestDatabase) {
    let url = test_database.url().replace("registration.db", "new folder/100% new/r.db");
    migrate(&url.parse().unwrap()).unwrap();
    Database::open(url.parse().unwrap(), OPTIONS).check_readiness().unwrap();
}

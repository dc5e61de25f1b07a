//! What cannot be stored safely is not taken, and the reason is told.

use std::{thread, time::Duration};

use libtest_mimic::Trial;
use registration_domain::{InsertOutcome::Created, StudentRepository, Unavailability};
use registration_persistence::{Database, PoolOptions, Students, migrate};
use registration_testkit::{
    Backend, MariaDbServer, TestDatabase, mariadb_trial, on_every_backend, on_mysql, on_sqlite,
};

use crate::support::{OPTIONS, WRITES, insert, insert_one, migrated, open, reason, student};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        a_pool_without_a_free_connection_says_so,
        an_unreachable_database_says_so,
    ];
    trials.extend(on_mysql![certificates_without_encryption_are_refused]);
    trials.extend(on_sqlite![
        a_file_made_read_only_takes_nothing_until_it_is_writable_again,
        a_file_that_was_deleted_takes_nothing,
        a_write_ahead_log_that_was_deleted_loses_nothing,
        a_file_that_was_cut_short_takes_nothing,
    ]);
    trials.push(mariadb_trial("a_read_only_server_is_not_ready", a_read_only_server_is_not_ready));
    trials.push(mariadb_trial("a_right_taken_away_is_not_ready", a_right_taken_away_is_not_ready));
    trials
}

fn a_pool_without_a_free_connection_says_so(test_database: &TestDatabase) {
    let options = PoolOptions { max_size: 1, timeout: Duration::from_millis(200) };
    let database = Database::open(test_database.url().parse().unwrap(), options);
    migrated(test_database);
    let students = Students::new(database, WRITES);
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);

    // A second writer of the same address waits for the first one's lock, with the connection.
    let lock = test_database.lock_email("held@example.org");
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
    let students = Students::new(database.clone(), WRITES);
    let read_only = |on| {
        let mut permissions = std::fs::metadata(test_database.name()).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(
            &mut permissions,
            if on { 0o444 } else { 0o644 },
        );
        std::fs::set_permissions(test_database.name(), permissions).unwrap();
    };

    read_only(true);
    let refused = insert_one(&students, &student(1, "a@example.org"));
    assert_eq!(reason(refused), Unavailability::DatabaseNotWritable);
    assert_eq!(reason(database.check_readiness()), Unavailability::DatabaseNotWritable);

    read_only(false);
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);
}

fn a_file_that_was_deleted_takes_nothing(test_database: &TestDatabase) {
    let options = PoolOptions { timeout: Duration::from_millis(300), ..OPTIONS };
    let database = Database::open(test_database.url().parse().unwrap(), options);
    migrated(test_database);
    let students = Students::new(database, WRITES);
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);

    std::fs::remove_file(test_database.name()).unwrap();
    let refused = insert_one(&students, &student(2, "b@example.org"));
    assert_eq!(reason(refused), Unavailability::DatabaseUnreachable);
    assert!(!std::path::Path::new(test_database.name()).exists(), "nobody asked for a new file");
}

fn a_write_ahead_log_that_was_deleted_loses_nothing(test_database: &TestDatabase) {
    migrated(test_database);
    let students = Students::new(open(test_database), WRITES);
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);
    assert_eq!(insert(&students, &[student(2, "b@example.org")]), [Created]);
    std::fs::remove_file(format!("{}-wal", test_database.name())).unwrap();
    assert_eq!(insert(&students, &[student(3, "c@example.org")]), [Created]);
    assert_eq!(test_database.emails(), ["a@example.org", "b@example.org", "c@example.org"]);
}

fn a_file_that_was_cut_short_takes_nothing(test_database: &TestDatabase) {
    let options = PoolOptions { timeout: Duration::from_millis(300), ..OPTIONS };
    migrated(test_database);
    let database = Database::open(test_database.url().parse().unwrap(), options);
    let students = Students::new(database, WRITES);
    assert_eq!(insert(&students, &[student(1, "a@example.org")]), [Created]);
    std::fs::File::create(test_database.name()).unwrap();
    assert!(insert_one(&students, &student(2, "b@example.org")).is_err());
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
    let refused =
        insert_one(&Students::new(database.clone(), WRITES), &student(1, "a@example.org"));
    assert_eq!(reason(refused), Unavailability::DatabaseNotWritable);
    assert_eq!(reason(database.check_readiness()), Unavailability::DatabaseNotWritable);
}

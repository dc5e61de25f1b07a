//! A registration that cannot be stored safely is rejected, with the reason.

use std::{
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use registration_contract::fixtures::{keyless, student};
use registration_domain::{
    InsertOutcome::Created, Readiness as _, StudentRepository as _, Unavailability,
};
use registration_persistence::{Database, PoolOptions, migrate};
use registration_testkit::{
    Backend, DatabaseServer, TestDatabase, WireProxy, mariadb_trial, on_every_backend, on_mysql,
    on_sqlite, wait_until,
};

use crate::{
    desk::OpenDesk,
    support::{OPTIONS, Store, migrated, open, open_with, reason},
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials =
        on_every_backend![an_exhausted_pool_is_reported, an_unreachable_database_is_reported,];
    trials.extend(on_mysql![
        certificates_without_encryption_are_refused,
        idle_connections_that_were_forgotten_are_not_pinged_one_by_one,
    ]);
    trials.extend(on_sqlite![
        a_read_only_file_rejects_writes_until_it_is_writable,
        a_deleted_file_rejects_writes,
        a_deleted_write_ahead_log_loses_nothing,
        a_deleted_write_ahead_log_loses_nothing_beside_readers,
        readers_find_a_replaced_file_as_the_writer_does,
        a_truncated_file_rejects_writes,
    ]);
    trials.push(mariadb_trial("a_read_only_server_is_not_ready", a_read_only_server_is_not_ready));
    trials.push(mariadb_trial("a_revoked_grant_is_not_ready", a_revoked_grant_is_not_ready));
    trials
}

fn an_exhausted_pool_is_reported(test_database: &TestDatabase) {
    let options = PoolOptions { max_size: 1, timeout: Duration::from_secs(2), ..OPTIONS };
    migrated(test_database);
    let store = Store::on(open_with(test_database, options));
    assert_eq!(store.insert_student(&student(1, "a@example.org")), Created);

    // A second writer of the same address holds the connection while it waits for the lock.
    let lock = test_database.lock_email("held@example.org");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| store.insert_student(&student(2, "held@example.org")));
        let exhausted = loop {
            assert!(!waiting.is_finished(), "the insert did not wait for the lock");
            if let Err(error) = store.students.registered_at(student(3, "x@example.org").id()) {
                break error;
            }
        };
        assert_eq!(reason::<()>(Err(exhausted)), Unavailability::PoolExhausted);
        drop(lock);
        assert_eq!(waiting.join().unwrap(), Created);
    });
}

fn an_unreachable_database_is_reported(database: &TestDatabase) {
    let url = match database.backend() {
        Backend::Sqlite => {
            database.execute("VACUUM"); // creates the file, which is not a folder
            format!("{}/not/there.db", database.url())
        }
        Backend::Mysql => "mysql://root@127.0.0.1:1/nowhere".to_owned(),
    };
    let options = PoolOptions { max_size: 2, timeout: Duration::from_millis(200), ..OPTIONS };
    let database = Database::open(url.parse().unwrap(), options);
    assert_eq!(reason(database.check()), Unavailability::DatabaseUnreachable);
    assert!(migrate(&url.parse().unwrap()).is_err());
}

fn certificates_without_encryption_are_refused(database: &TestDatabase) {
    // The test's server has no certificate, so that no connection is encrypted.
    let url = format!("{}?ssl_ca=/etc/ssl/certs/ca-certificates.crt", database.url());
    let options = PoolOptions { timeout: Duration::from_millis(500), ..OPTIONS };
    let refused = Database::open(url.parse().unwrap(), options).check();
    assert_eq!(reason(refused), Unavailability::DatabaseUnreachable);
}

/// As by a firewall. A ping of each would take eight seconds.
fn idle_connections_that_were_forgotten_are_not_pinged_one_by_one(database: &TestDatabase) {
    migrated(database);
    let proxy = WireProxy::start(database);
    let options = PoolOptions { max_size: 16, timeout: Duration::from_millis(500), ..OPTIONS };
    let database = Database::open(proxy.url(database).parse().unwrap(), options);
    assert!(wait_until(Duration::from_secs(10), || database.fill_pool().is_ok()));
    // A connection that has just answered is not pinged.
    wait_until(Duration::from_millis(1_100), || false);
    proxy.forget_connections();
    let store = Store::on(database);
    let find = || store.students.registered_at(student(1, "a@example.org").id()).is_ok();
    let began = Instant::now();
    assert!(wait_until(Duration::from_secs(10), find));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

fn a_read_only_server_is_not_ready() {
    // Read-only is a setting of the whole server, so this test starts one.
    let server = DatabaseServer::start();
    let test_database = TestDatabase::on(&server);
    let database = open(&test_database);
    migrated(&test_database);
    test_database.execute("SET GLOBAL read_only = 1");
    assert_eq!(reason(database.check()), Unavailability::DatabaseNotWritable);
    test_database.execute("SET GLOBAL read_only = 0");
    database.check().unwrap();
}

fn a_read_only_file_rejects_writes_until_it_is_writable(test_database: &TestDatabase) {
    let options = PoolOptions { timeout: Duration::from_millis(300), ..OPTIONS };
    migrated(test_database);
    let database = open_with(test_database, options);
    let store = Store::on(database.clone());
    let read_only = |on| {
        let mut permissions = std::fs::metadata(test_database.name()).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(
            &mut permissions,
            if on { 0o444 } else { 0o644 },
        );
        std::fs::set_permissions(test_database.name(), permissions).unwrap();
    };

    read_only(true);
    let refused = store.try_insert(keyless(&student(1, "a@example.org")));
    assert_eq!(reason(refused), Unavailability::DatabaseNotWritable);
    assert_eq!(reason(database.check()), Unavailability::DatabaseNotWritable);

    read_only(false);
    assert_eq!(store.insert_student(&student(1, "a@example.org")), Created);
}

fn a_deleted_file_rejects_writes(test_database: &TestDatabase) {
    let options = PoolOptions { timeout: Duration::from_millis(300), ..OPTIONS };
    migrated(test_database);
    let store = Store::on(open_with(test_database, options));
    assert_eq!(store.insert_student(&student(1, "a@example.org")), Created);

    std::fs::remove_file(test_database.name()).unwrap();
    let refused = store.try_insert(keyless(&student(2, "b@example.org")));
    assert_eq!(reason(refused), Unavailability::DatabaseUnreachable);
    assert!(!std::path::Path::new(test_database.name()).exists(), "a new file was created");
}

fn a_deleted_write_ahead_log_loses_nothing(test_database: &TestDatabase) {
    let store = Store::new(test_database);
    assert_eq!(store.insert_student(&student(1, "a@example.org")), Created);
    assert_eq!(store.insert_student(&student(2, "b@example.org")), Created);
    std::fs::remove_file(format!("{}-wal", test_database.name())).unwrap();
    assert_eq!(store.insert_student(&student(3, "c@example.org")), Created);
    assert_eq!(test_database.emails(), ["a@example.org", "b@example.org", "c@example.org"]);
}

/// Readers of the old log are closed before the writer is, whose log is saved as it is closed.
fn a_deleted_write_ahead_log_loses_nothing_beside_readers(test_database: &TestDatabase) {
    let desk = OpenDesk::new(test_database);
    let insert = |number| {
        let student = student(number, &format!("n{number}@example.org"));
        assert_eq!(desk.store().insert_student(&student), Created);
    };
    let found = || desk.found("bronte").len();
    let log = format!("{}-wal", test_database.name());
    insert(1);
    assert_eq!(found(), 1);
    insert(2);
    // The writer is the first to notice, then a reader is.
    std::fs::remove_file(&log).unwrap();
    insert(3);
    assert_eq!((found(), test_database.emails().len()), (3, 3));
    std::fs::remove_file(&log).unwrap();
    assert_eq!(found(), 3);
    insert(4);
    assert_eq!((found(), test_database.emails().len()), (4, 4));
    let check =
        test_database.query_column("SELECT integrity_check AS value FROM pragma_integrity_check");
    assert_eq!(check, ["ok"]);
}

fn readers_find_a_replaced_file_as_the_writer_does(test_database: &TestDatabase) {
    let desk = OpenDesk::new(test_database);
    assert_eq!(desk.store().insert_student(&student(1, "a@example.org")), Created);
    assert_eq!(desk.found("bronte").len(), 1);
    std::fs::remove_file(test_database.name()).unwrap();
    let empty = TestDatabase::new(Backend::Sqlite);
    migrated(&empty);
    std::fs::copy(empty.name(), test_database.name()).unwrap();
    let _ = std::fs::remove_file(format!("{}-wal", test_database.name()));
    let _ = std::fs::remove_file(format!("{}-shm", test_database.name()));
    assert_eq!(desk.found("bronte").len(), 0);
    assert_eq!(desk.store().insert_student(&student(2, "b@example.org")), Created);
    assert_eq!(desk.found("bronte"), ["b@example.org"]);
}

fn a_truncated_file_rejects_writes(test_database: &TestDatabase) {
    let options = PoolOptions { timeout: Duration::from_millis(300), ..OPTIONS };
    migrated(test_database);
    let store = Store::on(open_with(test_database, options));
    assert_eq!(store.insert_student(&student(1, "a@example.org")), Created);
    std::fs::File::create(test_database.name()).unwrap();
    assert!(store.try_insert(keyless(&student(2, "b@example.org"))).is_err());
}

fn a_revoked_grant_is_not_ready() {
    let server = DatabaseServer::start();
    let test_database = TestDatabase::on(&server);
    migrated(&test_database);
    let name = test_database.name();
    test_database.execute(&format!("CREATE USER reader; GRANT SELECT ON {name}.* TO reader"));
    let url = test_database.url().replace("root@", "reader@");
    let database = Database::open(url.parse().unwrap(), OPTIONS);
    assert_eq!(
        migrate(&url.parse().unwrap()).unwrap(),
        [""; 0],
        "without pending migrations no right is needed"
    );
    database.check().unwrap();
    let refused = Store::on(database.clone()).try_insert(keyless(&student(1, "a@example.org")));
    assert_eq!(reason(refused), Unavailability::DatabaseNotWritable);
    assert_eq!(reason(database.check()), Unavailability::DatabaseNotWritable);
}

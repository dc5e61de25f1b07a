//! Migrations run once, keep every row, are recovered after a killed run, and work beside instances of
//! the version before. `docs/migrations.md` is the policy that these tests hold.

use std::{fs, path::PathBuf, sync::Barrier, thread, time::Duration};

use diesel::{Connection as _, MysqlConnection, connection::SimpleConnection as _};
use libtest_mimic::Trial;
use registration_contract::fixtures::{form, keyed, keyless, now, student, student_at};
use registration_domain::{
    Field,
    InsertOutcome::{Created, KeyReused, Replayed},
    JournalKeeper as _, RawField, Readiness as _, Student, StudentId, StudentRepository as _,
    Unavailability,
};
use registration_persistence::{Database, migrate};
use registration_testkit::{
    Backend, TestDatabase, on_every_backend, on_mysql, on_sqlite, trials, wait_until,
};

use crate::{
    desk::OpenDesk,
    support::{OPTIONS, Store, migrated, open, reason},
};

/// Every migration, in order.
const VERSIONS: [&str; 28] = [
    "20260901000000",
    "20261121000000",
    "20261126000000",
    "20261127000000",
    "20261127000100",
    "20261127000200",
    "20261127000300",
    "20261127000400",
    "20261127000500",
    "20261127000600",
    "20261127000700",
    "20261127000800",
    "20261127000900",
    "20261127001000",
    "20261127001100",
    "20261127001200",
    "20261127001300",
    "20261127001400",
    "20261127001500",
    "20261128000000",
    "20261128000100",
    "20261128000200",
    "20261128000300",
    "20261128000400",
    "20261128000500",
    "20261128000600",
    "20261128000700",
    "20261128000800",
];

/// The public id of the first student in the fixtures.
const ZOE: [u8; 16] = [1, 153, 4, 28, 15, 123, 112, 1, 128, 1, 1, 1, 1, 1, 1, 1];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![
        migrations_run_once,
        instances_that_start_together_do_not_collide,
        an_empty_database_is_not_ready,
        migrations_can_be_undone,
        rows_survive_the_migrations,
        the_version_before_works_on_the_new_tables,
    ];
    trials.extend(on_mysql![
        schema_sql_equals_the_migrations,
        a_run_killed_before_its_record_is_recovered,
        a_migration_that_fails_is_not_recorded,
        an_instance_waits_for_one_of_an_earlier_version,
    ]);
    trials.extend(on_sqlite![
        a_killed_run_changes_nothing,
        migrating_makes_the_folders_above_the_file
    ]);
    trials.extend(trials![mysql_migrations_are_one_statement_that_mysql_has]);
    trials
}

/// The folders of this backend's migrations, in order.
fn folders(backend: Backend) -> Vec<PathBuf> {
    let folder = match backend {
        Backend::Sqlite => "sqlite",
        Backend::Mysql => "mysql",
    };
    let folder = format!("{}/../../database/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert_eq!(folders.len(), VERSIONS.len());
    folders
}

/// An earlier revision: its number of migrations, and its tables with rows as it stored them.
struct Revision {
    migrations: usize,
    fixtures: [(Backend, &'static str); 2],
}

/// The first revision that was released, and the one before the desk.
const REVISIONS: [Revision; 2] = [
    Revision {
        migrations: 2,
        fixtures: [
            (Backend::Sqlite, include_str!("../fixtures/de2ebc6.sqlite.sql")),
            (Backend::Mysql, include_str!("../fixtures/de2ebc6.mysql.sql")),
        ],
    },
    Revision {
        migrations: 3,
        fixtures: [
            (Backend::Sqlite, include_str!("../fixtures/07bd3b2.sqlite.sql")),
            (Backend::Mysql, include_str!("../fixtures/07bd3b2.mysql.sql")),
        ],
    },
];

impl Revision {
    fn fixture(&self, database: &TestDatabase) -> &'static str {
        let [(_, sqlite), (_, mysql)] = self.fixtures;
        if database.backend() == Backend::Sqlite { sqlite } else { mysql }
    }

    /// Makes the tables and rows of the revision.
    fn restore(&self, database: &TestDatabase) {
        database.execute(self.fixture(database));
    }
}

fn migrations_run_once(database: &TestDatabase) {
    assert_eq!(migrated(database), VERSIONS);
    assert_eq!(migrated(database), [""; 0]);
    open(database).check().unwrap();
}

fn instances_that_start_together_do_not_collide(first: &TestDatabase) {
    // A race is seldom lost at the first try.
    for _ in 0..4 {
        let database = TestDatabase::new(first.backend());
        let barrier = Barrier::new(8);
        let ran: usize = thread::scope(|scope| {
            let instance = || {
                barrier.wait();
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
    assert_eq!(reason(database.check()), Unavailability::MigrationsPending);
    let store = Store::on(database.clone());
    let rejected = store.try_insert(keyless(&student(1, "a@example.org")));
    assert_eq!(reason(rejected), Unavailability::MigrationsPending);

    migrated(test_database);
    database.check().unwrap();
    test_database.execute("DELETE FROM __diesel_schema_migrations");
    assert_eq!(reason(database.check()), Unavailability::MigrationsPending);
    for version in VERSIONS {
        test_database.execute(&format!(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ({version})"
        ));
    }
    database.check().unwrap();
    test_database.execute("DROP TABLE idempotency_keys");
    assert_eq!(reason(database.check()), Unavailability::MigrationsPending);
}

fn migrations_can_be_undone(test_database: &TestDatabase) {
    let database = open(test_database);
    migrated(test_database);
    for folder in folders(test_database.backend()).iter().rev() {
        test_database.execute(&fs::read_to_string(folder.join("down.sql")).unwrap());
    }
    test_database.execute("DELETE FROM __diesel_schema_migrations");
    assert_eq!(migrated(test_database), VERSIONS);
    database.check().unwrap();
}

/// The student of the fixtures' first key, as its request is repeated, and as it is replayed.
fn zoe() -> (Student, Student) {
    let repeated = student(9, "zoe@example.org");
    let stored = StudentId::from_bytes(ZOE);
    let replayed = Student::new(stored, repeated.applicant().clone(), repeated.created_at());
    (repeated, replayed)
}

fn rows_survive_the_migrations(first: &TestDatabase) {
    for revision in REVISIONS {
        rows_survive_since(&revision, &TestDatabase::new(first.backend()));
    }
}

fn rows_survive_since(revision: &Revision, database: &TestDatabase) {
    revision.restore(database);
    assert_eq!(reason(open(database).check()), Unavailability::MigrationsPending);
    assert_eq!(migrated(database), VERSIONS[revision.migrations..]);
    open(database).check().unwrap();

    assert_eq!(database.emails(), ["Li@Example.org", "zoe@example.org"]);
    let names = database.query_column("SELECT last_name AS value FROM students ORDER BY id");
    assert_eq!(names, ["Brontë", "Nguyễn Văn"]);
    let store = Store::on(open(database));
    let (repeated, replayed) = zoe();
    assert_eq!(store.students.registered_at(replayed.id()).unwrap(), Some(replayed.created_at()));
    assert_eq!(store.insert(keyed(&repeated, "one")), Replayed(replayed));
    assert_eq!(store.insert(keyed(&repeated, "two")), KeyReused);
    let mut li = form("Li@Example.org");
    *li.get_mut(Field::FirstName) = RawField::from("李");
    *li.get_mut(Field::LastName) = RawField::from("Nguyễn Văn");
    let li = student_at(now(), 10, &li);
    assert!(matches!(store.insert(keyed(&li, "two")), Replayed(_)));
}

/// Expand and contract: an instance of revision 07bd3b2 may still run beside migrated ones. These are
/// its statements.
fn the_version_before_works_on_the_new_tables(database: &TestDatabase) {
    migrated(database);
    let [_, before] = REVISIONS;
    let fixture = before.fixture(database);
    let inserts = &fixture[fixture.find("INSERT INTO students").unwrap()..];
    database.execute(inserts);
    let select = "SELECT students.email AS value FROM (idempotency_keys LEFT OUTER JOIN students \
                  ON students.public_id = idempotency_keys.public_id) ORDER BY email_key";
    assert_eq!(database.query_column(select), ["Li@Example.org", "zoe@example.org"]);
    let (repeated, replayed) = zoe();
    let store = Store::on(open(database));
    assert_eq!(store.insert(keyed(&repeated, "one")), Replayed(replayed));
    assert_eq!(store.insert(keyed(&student(3, "new@example.org"), "three")), Created);
    // What it has stored is covered and indexed as any other.
    let desk = OpenDesk::on(database);
    assert_eq!(desk.journal.cover_registrations(now()).unwrap(), 3);
    desk.index_all(now());
    assert_eq!(desk.found("nguyen"), ["Li@Example.org"]);
    // Its deletion of expired keys, and an operator's of a student.
    database.execute("DELETE FROM idempotency_keys; DELETE FROM students WHERE first_name = '李'");
    assert_eq!(desk.found("nguyen"), [""; 0]);
}

/// MySQL commits a change of the tables before it can be recorded: a kill may fall in between.
fn a_run_killed_before_its_record_is_recovered(database: &TestDatabase) {
    migrated(database);
    for (number, version) in VERSIONS.iter().enumerate() {
        database.execute(&format!(
            "DELETE FROM __diesel_schema_migrations WHERE version >= '{version}'"
        ));
        assert_eq!(migrated(database), VERSIONS[number..]);
        open(database).check().unwrap();
    }
    assert_eq!(Store::new(database).insert(keyed(&student(1, "a@example.org"), "one")), Created);
}

fn a_migration_that_fails_is_not_recorded(database: &TestDatabase) {
    REVISIONS[0].restore(database);
    database.execute("RENAME TABLE idempotency_keys TO renamed");
    let url = database.url().parse().unwrap();
    assert!(migrate(&url).is_err());
    database.execute("RENAME TABLE renamed TO idempotency_keys");
    assert_eq!(migrate(&url).unwrap(), VERSIONS[2..]);
}

/// Version 0.1.0 names its lock with `MD5()`. Servers without that function never ran it.
#[expect(clippy::print_stdout, reason = "what cannot run here is printed")]
fn an_instance_waits_for_one_of_an_earlier_version(database: &TestDatabase) {
    let mut earlier = MysqlConnection::establish(database.url()).unwrap();
    let lock = "DO GET_LOCK(CONCAT('student-registration-', MD5(DATABASE())), 0)";
    if earlier.batch_execute(lock).is_err() {
        println!("SKIPPED an_instance_waits_for_one_of_an_earlier_version: no MD5() here");
        return;
    }
    let waiting = "SELECT state AS value FROM information_schema.processlist \
         WHERE db = DATABASE() AND state = 'User lock'";
    thread::scope(|scope| {
        let instance = scope.spawn(|| migrated(database));
        let waits = || !database.query_column(waiting).is_empty();
        assert!(wait_until(Duration::from_secs(30), waits), "the instance did not wait");
        earlier.batch_execute("DO RELEASE_ALL_LOCKS()").unwrap();
        assert_eq!(instance.join().unwrap(), VERSIONS);
    });
}

/// SQLite changes tables in a transaction, which ends with the process.
fn a_killed_run_changes_nothing(database: &TestDatabase) {
    REVISIONS[0].restore(database);
    let up = fs::read_to_string(folders(Backend::Sqlite)[2].join("up.sql")).unwrap();
    database.execute(&format!("BEGIN EXCLUSIVE; {up}"));
    assert_eq!(migrated(database), VERSIONS[2..]);
    open(database).check().unwrap();
}

/// Why a migration may not run on MySQL: it is not one statement, or MySQL does not have its syntax.
fn violation(sql: &str) -> Option<&'static str> {
    let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    let sql = lines.collect::<Vec<_>>().join(" ").to_uppercase();
    // Without string literals, such as comments on columns.
    let sql: String = sql.split('\'').step_by(2).collect();
    let words: Vec<_> = sql.split_whitespace().collect();
    let has = |phrase: &[&str]| words.windows(phrase.len()).any(|window| window == phrase);
    let created = words.starts_with(&["CREATE", "TABLE", "IF", "NOT", "EXISTS"]);
    let conditions = words.windows(2).filter(|pair| pair[0] == "IF").count();
    if sql.trim_end().trim_end_matches(';').contains(';') {
        Some("more than one statement")
    } else if !["CREATE", "ALTER", "DROP"].contains(words.first().unwrap_or(&"")) {
        Some("not a definition of a table")
    } else if conditions > usize::from(created) {
        Some("a condition that only MariaDB has")
    } else if has(&["OR", "REPLACE"]) || has(&["SYSTEM", "VERSIONING"]) || has(&["SEQUENCE"]) {
        Some("a statement that only MariaDB has")
    } else if ["UUID", "INET4", "INET6"].iter().any(|of_mariadb| has(&[of_mariadb])) {
        Some("a type that only MariaDB has")
    } else {
        None
    }
}

fn mysql_migrations_are_one_statement_that_mysql_has() {
    for folder in folders(Backend::Mysql) {
        for file in ["up.sql", "down.sql"] {
            let sql = fs::read_to_string(folder.join(file)).unwrap();
            assert_eq!(violation(&sql), None, "{}/{file}", folder.display());
        }
    }
    for sql in [
        "ALTER TABLE students ADD COLUMN IF NOT EXISTS phone VARCHAR(32) NULL;",
        "ALTER TABLE students DROP COLUMN IF EXISTS phone;",
        "CREATE INDEX IF NOT EXISTS students_phone ON students (phone);",
        "CREATE OR REPLACE TABLE phones (phone VARCHAR(32));",
        "ALTER TABLE students ADD COLUMN token UUID NULL;",
        "ALTER TABLE students ADD COLUMN a INT; ALTER TABLE students ADD COLUMN b INT;",
        "UPDATE students SET email_key = LOWER(email);",
    ] {
        assert!(violation(sql).is_some(), "{sql}");
    }
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
             WHERE table_schema = DATABASE() ORDER BY table_name",
        );
        let references = database.query_column(
            "SELECT CONCAT_WS(' ', table_name, referenced_table_name, delete_rule) AS value \
             FROM information_schema.referential_constraints \
             WHERE constraint_schema = DATABASE() ORDER BY table_name",
        );
        [columns, keys, versions, engines, references].concat()
    };
    assert_eq!(describe(&by_hand), describe(migrated));
    assert!(migrate(&by_hand.url().parse().unwrap()).unwrap().is_empty());
    open(&by_hand).check().unwrap();
}

fn migrating_makes_the_folders_above_the_file(test_database: &TestDatabase) {
    let url = test_database.url().replace("registration.db", "new folder/100% new/r.db");
    migrate(&url.parse().unwrap()).unwrap();
    Database::open(url.parse().unwrap(), OPTIONS).check().unwrap();
}

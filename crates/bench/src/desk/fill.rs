//! Fills the table of students by bulk SQL, as if they had registered over the last month.

use std::{fmt::Write as _, ops::Range, path::Path, time::UNIX_EPOCH};

use chrono::{DateTime, TimeDelta, Utc};
use registration_applicants::Applicant;
use registration_testkit::{Backend, TestDatabase};

use super::names::{Names, Random};
use crate::{
    process::{command, output},
    progress::progress,
    running::count_rows,
};

/// Rows of a statement, and statements of a transaction.
const ROWS: u64 = 1_000;
const STATEMENTS: u64 = 10;
/// How long ago the first student registered.
const PERIOD: TimeDelta = TimeDelta::days(30);

/// A database with this number of students, none of them in the journal or the search index.
pub(crate) fn filled_database(
    backend: Backend,
    program: &Path,
    names: &Names,
    students: u64,
) -> TestDatabase {
    progress(&format!("filling a table with {students} students"));
    let database = TestDatabase::new(backend);
    output(command(program).env("DATABASE_URL", database.url()).arg("migrate"));
    let now = DateTime::UNIX_EPOCH + UNIX_EPOCH.elapsed().unwrap();
    let period = PERIOD.num_milliseconds() as u64;
    let time = |number: u64| {
        let age = period * (students - number) / students;
        now - TimeDelta::milliseconds(age as i64)
    };
    for first in (0..students).step_by((ROWS * STATEMENTS) as usize) {
        let mut sql = "BEGIN".to_owned();
        for first in (first..students).step_by(ROWS as usize).take(STATEMENTS as usize) {
            push_insert(&mut sql, names, first..students.min(first + ROWS), time);
        }
        database.execute(&(sql + "; COMMIT"));
    }
    assert_eq!(count_rows(&database), students);
    if backend == Backend::Mysql {
        // Written to disk now, not during the next measurement.
        database.execute("FLUSH TABLES students FOR EXPORT; UNLOCK TABLES");
    }
    database
}

/// Adds a statement that inserts the students with these numbers.
fn push_insert(
    sql: &mut String,
    names: &Names,
    numbers: Range<u64>,
    time: impl Fn(u64) -> DateTime<Utc>,
) {
    sql.push_str(
        "; INSERT INTO students (public_id, first_name, last_name, email, email_key, created_at, \
         status, source) VALUES ",
    );
    for (index, number) in numbers.enumerate() {
        let Applicant { first_name, last_name, email } = names.applicant(number);
        let [first_name, last_name] = [first_name, last_name].map(|name| name.replace('\'', "''"));
        let (random, at) = (&mut Random(!number), time(number));
        let (status, source) = (status(random), 1 + u64::from(random.below(10) == 0));
        let separator = if index == 0 { "" } else { "," };
        let _ = write!(
            sql,
            "{separator}(x'{}','{first_name}','{last_name}','{email}','{email}','{}',{status},{source})",
            public_id(at, random),
            at.format("%F %T%.6f"),
        );
    }
}

/// In hexadecimal digits, a UUID of version 7.
fn public_id(at: DateTime<Utc>, random: &mut Random) -> String {
    let version = 0x7000 | random.below(0x1000);
    format!("{:012x}{version:04x}{:016x}", at.timestamp_millis(), random.next() >> 2 | 1 << 63)
}

/// Seven of ten are pending.
fn status(random: &mut Random) -> u64 {
    match random.below(100) {
        0..70 => 1,
        70..75 => 2,
        75..90 => 3,
        90..95 => 4,
        95..98 => 5,
        _ => 6,
    }
}

//! Writes rows into the table of students without the service, as fast as the database allows: the
//! limit of the service, and the way to fill a table.

use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

use chrono::{DateTime, NaiveDateTime};
use diesel::{Connection as _, Insertable, MysqlConnection, RunQueryDsl as _};
use registration_applicants::Applicant;

use self::schema::students;

/// The columns that are written.
mod schema {
    diesel::table! {
        students (id) {
            id -> BigInt,
            public_id -> Binary,
            first_name -> Text,
            last_name -> Text,
            email -> Text,
            email_key -> Text,
            created_at -> Timestamp,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = students)]
struct Row {
    public_id: Vec<u8>,
    first_name: String,
    last_name: String,
    email: String,
    email_key: String,
    created_at: NaiveDateTime,
}

impl Row {
    /// The number and the time make it unique.
    fn new(number: u64) -> Self {
        let now = UNIX_EPOCH.elapsed().unwrap();
        // Sorts by time first, as a UUID of version 7.
        let mut public_id = now.as_millis().to_be_bytes()[10..].to_vec();
        public_id.extend(number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        public_id.extend(&now.subsec_nanos().to_be_bytes()[2..]);
        let Applicant { first_name, last_name, email } =
            Applicant::numbered(number, &now.as_nanos().to_string());
        Self {
            public_id,
            first_name,
            last_name,
            email_key: email.clone(),
            email,
            created_at: DateTime::UNIX_EPOCH.naive_utc() + now,
        }
    }
}

/// How rows are written: each statement is its own transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inserts {
    pub(crate) connections: u32,
    pub(crate) rows_per_transaction: u64,
    /// Whichever of the two is reached first.
    pub(crate) max_rows: u64,
    pub(crate) max_duration: Duration,
}

impl Inserts {
    /// The number of rows written, and how long it took.
    pub(crate) fn run(self, database_url: &str) -> (u64, Duration) {
        let connect = |_| MysqlConnection::establish(database_url).unwrap();
        let connections: Vec<_> = (0..self.connections).map(connect).collect();
        let (taken, written) = (&AtomicU64::new(0), &AtomicU64::new(0));
        let begun = Instant::now();
        thread::scope(|scope| {
            for mut connection in connections {
                scope.spawn(move || {
                    while begun.elapsed() < self.max_duration {
                        let first = taken.fetch_add(self.rows_per_transaction, Ordering::Relaxed);
                        let last = first.saturating_add(self.rows_per_transaction);
                        let numbers = first..last.min(self.max_rows);
                        if numbers.is_empty() {
                            break;
                        }
                        written.fetch_add(insert(&mut connection, numbers), Ordering::Relaxed);
                    }
                });
            }
        });
        (written.load(Ordering::Relaxed), begun.elapsed())
    }
}

fn insert(connection: &mut MysqlConnection, numbers: Range<u64>) -> u64 {
    let insert = diesel::insert_into(students::table);
    let rows: Vec<_> = numbers.map(Row::new).collect();
    let written = match &rows[..] {
        // One row: the connection caches the prepared statement.
        [row] => insert.values(row).execute(connection),
        rows => insert.values(rows).execute(connection),
    };
    written.unwrap() as u64
}

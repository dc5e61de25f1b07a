//! Writes students into a table as fast as the database takes them, with no service before it: the
//! limit that `make bench` sets the service beside, and its way to fill a table. Prints what it did
//! as one JSON object. The table must be there.
//!
//! ```text
//! insert-rows mysql://root@127.0.0.1:3306/school --connections 10 --seconds 5
//! insert-rows mysql://root@127.0.0.1:3306/school --rows-per-transaction 1000 --rows 1000000
//! ```
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool that stops where it cannot go on"
)]

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

use clap::Parser;
use diesel::{Connection as _, Insertable, MysqlConnection, RunQueryDsl as _};
use serde_json::json;

use crate::schema::students;

/// As much of the tables as this writes.
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

/// Writes made-up students into a table, and prints how many a second
#[derive(Parser)]
struct Arguments {
    /// mysql://USER:PASSWORD@HOST:PORT/DATABASE
    url: String,

    /// Connections, each with one transaction at a time
    #[arg(long, default_value_t = 1)]
    connections: usize,

    /// Rows of the one statement that each transaction is
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    rows_per_transaction: u64,

    /// How long to go on
    #[arg(long, required_unless_present = "rows")]
    seconds: Option<f64>,

    /// Instead of --seconds: how many rows in all
    #[arg(long, conflicts_with = "seconds")]
    rows: Option<u64>,
}

#[derive(Insertable)]
struct Student {
    public_id: Vec<u8>,
    first_name: &'static str,
    last_name: &'static str,
    email: String,
    email_key: String,
    created_at: chrono::NaiveDateTime,
}

impl Student {
    /// Somebody whom no other number and no earlier run makes up.
    fn new(number: u64) -> Self {
        let now = UNIX_EPOCH.elapsed().unwrap();
        // As a UUID of version 7 is: what sorts by time first.
        let mut public_id = now.as_millis().to_be_bytes()[10..].to_vec();
        public_id.extend(number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        public_id.extend(now.subsec_nanos().to_be_bytes()[2..].iter());
        let email = format!("n{number}.{}@example.org", now.as_nanos());
        Self {
            public_id,
            first_name: "Zoë",
            last_name: "Brontë",
            email_key: email.clone(),
            email,
            created_at: chrono::DateTime::UNIX_EPOCH.naive_utc() + now,
        }
    }
}

fn main() {
    let arguments = Arguments::parse();
    let connect = |_| MysqlConnection::establish(&arguments.url).unwrap();
    let connections: Vec<_> = (0..arguments.connections).map(connect).collect();
    let duration = arguments.seconds.map_or(Duration::MAX, Duration::from_secs_f64);
    let rows = arguments.rows.unwrap_or(u64::MAX);
    let taken = AtomicU64::new(0);
    let written = AtomicU64::new(0);
    let begun = Instant::now();
    thread::scope(|scope| {
        for mut connection in connections {
            let (taken, written) = (&taken, &written);
            scope.spawn(move || {
                while begun.elapsed() < duration {
                    let some = arguments.rows_per_transaction;
                    let first = taken.fetch_add(some, Ordering::Relaxed);
                    let last = first.saturating_add(some).min(rows);
                    if first >= last {
                        break;
                    }
                    insert(&mut connection, first..last);
                    written.fetch_add(last - first, Ordering::Relaxed);
                }
            });
        }
    });
    let (rows, seconds) = (written.into_inner(), begun.elapsed().as_secs_f64());
    let rate = rows as f64 / seconds;
    println!("{}", json!({"rows": rows, "seconds": seconds, "rows_per_second": rate}));
}

/// One statement, which is its own transaction.
fn insert(connection: &mut MysqlConnection, numbers: std::ops::Range<u64>) {
    let insert = diesel::insert_into(students::table);
    let students: Vec<_> = numbers.map(Student::new).collect();
    let written = match &students[..] {
        // Prepared once for all.
        [student] => insert.values(student).execute(connection),
        students => insert.values(students).execute(connection),
    };
    written.unwrap();
}

//! The machine, the database and the compiler of a run.

use std::{
    env, fmt, fs,
    io::Write as _,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use registration_testkit::{Backend, TestDatabase};

use crate::{process::output, sample::median};

/// Number and content of the writes that time the disk.
const SYNCS: usize = 200;
const BLOCK: [u8; 4096] = [0; 4096];

/// The machine and the programs on it.
pub(crate) struct Machine {
    rows: Vec<(&'static str, String)>,
}

impl Machine {
    /// Asserts that the database is as durable as in production.
    pub(crate) fn examine() -> Self {
        let server = Server::query();
        assert_eq!(server.flush, "1", "a commit is not on disk: innodb_flush_log_at_trx_commit");
        let cores = thread::available_parallelism().unwrap();
        let memory = proc_field("meminfo", "MemTotal").trim_end_matches(" kB").parse::<f64>();
        let sync = sync_time().as_secs_f64() * 1e3;
        let flush = format!("innodb_flush_log_at_trx_commit = {}", server.flush);
        let pool = format!("buffer pool {} MiB", server.buffer_pool >> 20);
        let rows = vec![
            ("processor", format!("{}, {cores} cores", proc_field("cpuinfo", "model name"))),
            ("memory", format!("{:.1} GiB", memory.unwrap() / 1024.0 / 1024.0)),
            ("kernel", proc_file("sys/kernel/osrelease").trim().to_owned()),
            ("disk", format!("fdatasync of 4 KiB takes {sync:.2} ms, the median of {SYNCS}")),
            ("database", format!("{}, {flush}, {pool}", server.version)),
            ("compiler", output(Command::new("rustc").arg("--version")).trim().to_owned()),
        ];
        Self { rows }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| machine | |\n|---|---|")?;
        self.rows.iter().try_for_each(|(name, value)| writeln!(f, "| {name} | {value} |"))
    }
}

/// Settings of the database server.
struct Server {
    version: String,
    flush: String,
    /// In bytes.
    buffer_pool: u64,
}

impl Server {
    fn query() -> Self {
        let database = TestDatabase::new(Backend::Mysql);
        let query = |name: &str| {
            let sql = format!("SELECT CAST(@@global.{name} AS CHAR) AS value");
            database.query_column(&sql).remove(0)
        };
        let buffer_pool = query("innodb_buffer_pool_size").parse().unwrap();
        let flush = query("innodb_flush_log_at_trx_commit");
        Self { version: query("version"), flush, buffer_pool }
    }
}

/// The mean number of processes, over a minute, that run or wait to.
pub(crate) fn load_average() -> String {
    proc_file("loadavg").split(' ').next().unwrap_or("unknown").to_owned()
}

/// The median time to write a block to the databases' disk.
fn sync_time() -> Duration {
    let mut file = tempfile::tempfile_in(env::temp_dir()).unwrap();
    let mut sync = || {
        file.write_all(&BLOCK).unwrap();
        let begun = Instant::now();
        file.sync_data().unwrap();
        begun.elapsed().as_secs_f64()
    };
    let times: Vec<_> = (0..SYNCS).map(|_| sync()).collect();
    Duration::from_secs_f64(median(&times))
}

fn proc_file(name: &str) -> String {
    fs::read_to_string(format!("/proc/{name}")).unwrap()
}

/// The first `name: value` of the file. Not every processor has a name.
fn proc_field(file: &str, name: &str) -> String {
    let text = proc_file(file);
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    let mut values =
        fields.filter(|(field, _)| field.trim() == name).map(|(_, value)| value.trim());
    values.next().unwrap_or("unknown").to_owned()
}

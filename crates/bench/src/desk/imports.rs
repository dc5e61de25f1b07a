//! Files with new students: from the upload to the preview, from there to the last row, and its undoing.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    client::Client,
    registrars::{Registrars, pause},
};
use crate::{progress::progress, running::Running};

/// Rows of a file, and the seconds that its preview and its run may take.
const SIZES: [(u64, f64, f64); 2] = [(600, 1.0, 1.5), (100_000, 15.0, 20.0)];
/// Between two looks at an import, or at the memory.
const INTERVAL: Duration = Duration::from_millis(10);

/// Seconds of one size.
pub(crate) struct Import {
    pub(crate) rows: u64,
    pub(crate) targets: (f64, f64),
    pub(crate) planned: f64,
    pub(crate) stored: f64,
    /// Of the smaller size: students are erased one by one.
    pub(crate) undone: Option<f64>,
    /// The most beyond idle, in MiB.
    pub(crate) memory: f64,
}

/// Imports files of each size, and undoes the smaller one.
pub(crate) fn measure(running: &Running<'_>, registrars: &Registrars, idle: f64) -> Vec<Import> {
    let measure = |(rows, preview, run): (u64, f64, f64)| {
        progress(&format!("a file of {rows} rows"));
        let work = || there_and_back(&mut registrars.client(), rows, rows == SIZES[0].0);
        let ((planned, stored, undone), peak) = with_peak(running, work);
        Import { rows, targets: (preview, run), planned, stored, undone, memory: peak - idle }
    };
    SIZES.into_iter().map(measure).collect()
}

/// The larger of them, as a request. What it stores stays.
pub(crate) fn request() -> impl Fn(&mut Client, u64) + Sync {
    |client, _| {
        let (rows, ..) = SIZES[1];
        let (_, id) = plan(client, rows);
        store(client, &id, rows);
    }
}

/// The seconds of a preview and of a run.
fn there_and_back(client: &mut Client, rows: u64, and_back: bool) -> (f64, f64, Option<f64>) {
    let (planned, id) = plan(client, rows);
    let stored = store(client, &id, rows);
    (planned, stored, and_back.then(|| undo(client, &id, rows)))
}

/// The seconds until every row is undone.
fn undo(client: &mut Client, id: &str, rows: u64) -> f64 {
    let begun = Instant::now();
    let mut answer = client.post(&format!("/api/operations/{id}/undo"), "", "");
    let operation = answer.member("id").expect("no id").to_owned();
    while answer.member("state") != Some("done") {
        pause(INTERVAL);
        answer = client.get(&format!("/api/operations/{operation}"));
    }
    assert!(answer.body.contains(&format!("\"applied\":{rows},")), "{}", answer.body);
    begun.elapsed().as_secs_f64()
}

/// The seconds of a preview, and the id of the import.
fn plan(client: &mut Client, rows: u64) -> (f64, String) {
    static FILES: AtomicU64 = AtomicU64::new(0);
    let file = FILES.fetch_add(1, Ordering::Relaxed);
    let mut body =
        "--part\r\ncontent-disposition: form-data; name=\"file\"; filename=\"new.csv\"\r\n\r\n\
                    first_name,last_name,email,remarks\r\n"
            .to_owned();
    for row in 0..rows {
        let remarks = "a column that is left out, so that rows are as long as those of a school";
        let _ = write!(body, "Zoë,Brontë,\"imported{file}.{row}@example.org\",\"{remarks}\"\r\n");
    }
    body.push_str("\r\n--part--\r\n");
    let begun = Instant::now();
    let answer = client.send(
        "POST",
        "/api/imports",
        "content-type: multipart/form-data; boundary=part\r\n",
        &body,
    );
    answer.expect_status(202);
    let id = answer.member("id").expect("no id").to_owned();
    wait(client, &id, "planned");
    (begun.elapsed().as_secs_f64(), id)
}

/// The seconds until every row is stored.
fn store(client: &mut Client, id: &str, rows: u64) -> f64 {
    let begun = Instant::now();
    client.post(&format!("/api/imports/{id}/run"), "", "");
    let body = wait(client, id, "done");
    let seconds = begun.elapsed().as_secs_f64();
    assert!(body.contains(&format!("\"created\":{rows},")), "{body}");
    seconds
}

/// Waits until an import is in this state.
fn wait(client: &mut Client, id: &str, state: &str) -> String {
    loop {
        let answer = client.get(&format!("/api/imports/{id}"));
        if answer.member("state") == Some(state) {
            return answer.body;
        }
        pause(INTERVAL);
    }
}

/// What `work` returns, and the most memory meanwhile.
pub(crate) fn with_peak<T: Send>(
    running: &Running<'_>,
    work: impl FnOnce() -> T + Send,
) -> (T, f64) {
    thread::scope(|scope| {
        let work = scope.spawn(work);
        let mut peak: f64 = 0.0;
        while !work.is_finished() {
            peak = peak.max(running.process.memory());
            pause(INTERVAL);
        }
        (work.join().unwrap(), peak)
    })
}

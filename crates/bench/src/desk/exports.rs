//! The list as a file: the time until its first byte and its last, and the memory that it takes.

use std::{thread, time::Duration};

use super::{
    client::{Client, Download},
    registrars::{Registrars, pause},
};
use crate::{progress::progress, running::Running};

/// Between two looks at the memory.
const INTERVAL: Duration = Duration::from_millis(2);

/// The whole list in one format.
pub(crate) struct Export {
    pub(crate) name: &'static str,
    pub(crate) download: Download,
    /// The most beyond idle, in MiB.
    pub(crate) memory: f64,
}

/// Exports the whole list in each format. The service is idle with this many MiB.
pub(crate) fn measure(
    running: &Running<'_>,
    registrars: &Registrars,
    students: u64,
    idle: f64,
) -> Vec<Export> {
    let measure = |(name, path): (&'static str, &str)| {
        progress(&format!("the list as {name}"));
        let (download, peak) = with_peak(running, &registrars.client(), path);
        if name == "CSV" {
            let lines = download.body.iter().filter(|byte| **byte == b'\n').count() as u64;
            assert!(lines > students, "{lines} lines for {students} students");
        }
        Export { name, download, memory: peak - idle }
    };
    [("CSV", "/api/students.csv"), ("XLSX", "/api/students.xlsx")].map(measure).into()
}

/// A download, and the most memory meanwhile.
fn with_peak(running: &Running<'_>, client: &Client, path: &str) -> (Download, f64) {
    thread::scope(|scope| {
        let download = scope.spawn(|| client.download(path));
        let mut peak: f64 = 0.0;
        while !download.is_finished() {
            peak = peak.max(running.process.memory());
            pause(INTERVAL);
        }
        (download.join().unwrap(), peak)
    })
}

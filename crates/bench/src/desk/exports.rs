//! The list as a file: the time until its first byte and its last, and the memory that it takes.

use super::{client::Download, imports::with_peak, registrars::Registrars};
use crate::{progress::progress, running::Running};

/// The whole list in one format.
pub(crate) struct Export {
    pub(crate) name: &'static str,
    pub(crate) download: Download,
    /// The most beyond idle, in MiB.
    pub(crate) memory: f64,
}

/// Each format with its address.
pub(crate) const FORMATS: [(&str, &str); 2] =
    [("CSV", "/api/students.csv"), ("XLSX", "/api/students.xlsx")];

/// Exports the whole list in a format. The service is idle with this many MiB.
pub(crate) fn measure(
    running: &Running<'_>,
    registrars: &Registrars,
    (name, path): (&'static str, &str),
    students: u64,
    idle: f64,
) -> Export {
    progress(&format!("the list as {name}"));
    let client = registrars.client();
    let (download, peak) = with_peak(running, || client.download(path));
    if name == "CSV" {
        let lines = download.body.iter().filter(|byte| **byte == b'\n').count() as u64;
        assert!(lines > students, "{lines} lines for {students} students");
    }
    Export { name, download, memory: peak - idle }
}

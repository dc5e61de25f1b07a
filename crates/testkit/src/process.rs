//! Processes that tests start: how they end, where they listen, what they take.

use std::{
    ffi::OsStr,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

/// A command whose process the kernel ends with the thread that starts it, however that one ends.
#[must_use]
pub fn killed_with_parent(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(program);
    command
}

/// The same, with this limit of open files, soft and hard.
#[must_use]
pub fn with_open_files(program: impl AsRef<OsStr>, limit: u32) -> Command {
    let mut command = killed_with_parent("prlimit");
    command.arg(format!("--nofile={limit}:{limit}")).arg(program);
    command
}

/// The same, with this limit in bytes of each file that it writes: beyond it a write fails, as it does on
/// a full disk.
#[must_use]
pub(crate) fn with_file_size(program: impl AsRef<OsStr>, limit: u32) -> Command {
    let mut command = killed_with_parent("sh");
    let script = r#"trap '' XFSZ; exec prlimit --fsize="$0" "$@""#;
    command.args(["-c", script, &limit.to_string()]).arg(program);
    command
}

/// A port on which no process listens.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A free `host:port` of the loopback interface.
#[must_use]
pub fn free_address() -> String {
    format!("127.0.0.1:{}", free_port())
}

/// The path of an installed program.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let folders = path.split(':').chain(["/usr/sbin"]);
    folders.map(|folder| Path::new(folder).join(name)).find(|file| file.is_file())
}

/// The most memory that a process has held at once, in MiB.
#[must_use]
pub fn peak_memory(pid: u32) -> f64 {
    peak_kibibytes(&fs::read_to_string(format!("/proc/{pid}/status")).unwrap()) / 1024.0
}

fn peak_kibibytes(status: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_as_the_system_writes_it() {
        assert_eq!(peak_kibibytes("VmPeak:\t 9 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), 2048.0);
    }
}

//! The programs that are measured, and the processor time and memory of their processes.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::LazyLock,
    time::Duration,
};

use registration_testkit::{killed_with_parent, peak_memory};

/// A process, killed when dropped.
pub(crate) struct Process {
    child: Child,
    /// Kept open for the process to write to.
    _output: Option<ChildStdout>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).spawn();
        Self { child: child.unwrap_or_else(|error| panic!("{command:?}: {error}")), _output: None }
    }

    /// Starts a program that prints its address first, and waits for that line.
    pub(crate) fn announced(command: &mut Command) -> (Self, String) {
        let mut process = Self::start(command.stdout(Stdio::piped()));
        let mut output = BufReader::new(process.child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "{command:?} does not print its address");
        process._output = Some(output.into_inner());
        (process, line.trim().to_owned())
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Processor time so far, in user and kernel mode.
    pub(crate) fn cpu_time(&self) -> Duration {
        cpu_time(self.child.id())
    }

    /// In MiB.
    pub(crate) fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }

    /// In MiB.
    pub(crate) fn peak_memory(&self) -> f64 {
        peak_memory(self.child.id())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

static TICKS_PER_SECOND: LazyLock<f64> =
    LazyLock::new(|| output(Command::new("getconf").arg("CLK_TCK")).trim().parse().unwrap());

/// Processor time of a process so far, in user and kernel mode.
pub(crate) fn cpu_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    ticks(&stat).div_f64(*TICKS_PER_SECOND)
}

/// A program that was built into the same folder as this one.
pub(crate) fn sibling(name: &str) -> PathBuf {
    let program = std::env::current_exe().unwrap().with_file_name(name);
    assert!(program.is_file(), "{} is missing: make bench builds it", program.display());
    program
}

/// The absolute path of a program.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let absolute = path.canonicalize().ok().filter(|path| path.is_file());
    absolute.unwrap_or_else(|| panic!("no program {}", path.display()))
}

/// A command with an empty environment, killed together with this process.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = killed_with_parent(program);
    command.env_clear();
    command
}

/// The standard output of a command, which must succeed.
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// utime and stime of `/proc/PID/stat`, as if a tick were a second.
fn ticks(stat: &str) -> Duration {
    // The second field is a name, which may hold anything.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = fields.split_whitespace().skip(11).take(2);
    Duration::from_secs(ticks.map(|ticks| ticks.parse::<u64>().unwrap()).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_the_sum_of_two_fields() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 2 0 0 0 250 50 9 9 20 0 1 0 5 6 7";
        assert_eq!(ticks(stat), Duration::from_secs(300));
    }

    #[test]
    fn a_process_has_processor_time_and_memory() {
        let mut command = Command::new("sh");
        let (process, line) =
            Process::announced(command.args(["-c", "echo here; exec tail -f /dev/null"]));
        assert_eq!(line, "here");
        assert!(process.cpu_time() < Duration::from_secs(60));
        assert!(process.peak_memory() > 0.1);
    }
}

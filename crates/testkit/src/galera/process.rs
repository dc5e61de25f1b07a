//! The processes of a cluster: the user that they run as, how they end, their logs.

use std::{
    fs::Permissions,
    os::unix::fs::{PermissionsExt as _, chown},
    path::Path,
    process::Command,
    time::Duration,
};

/// How long a node may take to be synced, and HAProxy to see that it is.
pub(super) const SYNC_TIMEOUT: Duration = Duration::from_secs(60);

/// Whose processes and files those of a cluster are where root starts it: the user that root's rsync,
/// which receives a node's data, changes to by itself.
const USER: &str = "nobody";

/// A command that the kernel kills with the thread that starts it. Started by root, it runs as `USER`.
pub(super) fn command(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if is_root() {
        let (user, group) = server_user();
        command.arg(format!("--reuid={user}")).arg(format!("--regid={group}"));
        command.arg("--clear-groups");
    }
    command.arg(crate::process::program(program).unwrap_or_else(|| panic!("{program} is missing")));
    command
}

/// Gives a folder or file to the user that [`command`] runs as.
pub(super) fn chown_to_server_user(path: &Path) {
    std::fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        let (user, group) = server_user();
        chown(path, Some(user), Some(group)).unwrap();
    }
}

fn is_root() -> bool {
    id(&["-u"]) == 0
}

fn server_user() -> (u32, u32) {
    (id(&["-u", USER]), id(&["-g", USER]))
}

fn id(arguments: &[&str]) -> u32 {
    let output = Command::new("id").args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
}

/// The last lines of a file, as far as there is one.
pub(super) fn tail(file: &Path) -> String {
    let bytes = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

//! As whom a cluster's processes run, and how they end.

use std::{
    fs::Permissions,
    os::unix::fs::{PermissionsExt as _, chown},
    path::Path,
    process::Command,
};

/// A command that is ended by the kernel with the thread that starts it, however that one ends. It
/// runs as `nobody` where root starts it: root's rsync, which receives a node's data, would turn
/// into `nobody` by itself and be kept out of a folder of root's.
pub(super) fn command(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if is_root() {
        let (user, group) = nobody();
        command.arg(format!("--reuid={user}")).arg(format!("--regid={group}"));
        command.arg("--clear-groups");
    }
    command.arg(crate::mariadb::program(program).unwrap_or_else(|| panic!("{program} is missing")));
    command
}

/// Gives a folder or file to the user as whom [`command`] runs.
pub(super) fn chown_to_nobody(path: &Path) {
    std::fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        let (user, group) = nobody();
        chown(path, Some(user), Some(group)).unwrap();
    }
}

fn is_root() -> bool {
    id(&["-u"]) == 0
}

fn nobody() -> (u32, u32) {
    (id(&["-u", "nobody"]), id(&["-g", "nobody"]))
}

fn id(arguments: &[&str]) -> u32 {
    let output = Command::new("id").args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
}

//! The programs of MariaDB and MySQL.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process::{killed_with_parent, program};

/// Which server [`DatabaseServer`](crate::DatabaseServer) starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerKind {
    /// MariaDB.
    MariaDb,
    /// MySQL.
    MySql,
}

impl ServerKind {
    /// MySQL where `TEST_SERVER_KIND` is `mysql`, otherwise MariaDB.
    #[must_use]
    pub fn from_env() -> Self {
        match std::env::var("TEST_SERVER_KIND").as_deref() {
            Ok("mysql") => Self::MySql,
            _ => Self::MariaDb,
        }
    }

    /// Whether the programs are installed.
    pub(super) fn is_installed(self) -> bool {
        match self {
            Self::MariaDb => {
                program("mariadbd").is_some() && program("mariadb-install-db").is_some()
            }
            Self::MySql => mysql_root().join("usr/sbin/mysqld").is_file(),
        }
    }

    /// The command that makes a data directory.
    pub(super) fn install(self) -> Command {
        match self {
            Self::MariaDb => {
                let install = program("mariadb-install-db").expect("mariadb-install-db");
                let mut command = killed_with_parent(install);
                command.args(["--no-defaults", "--auth-root-authentication-method=normal"]);
                command.arg("--skip-test-db");
                command
            }
            Self::MySql => {
                let mut command = mysqld(None);
                command.arg("--initialize-insecure");
                command
            }
        }
    }

    /// The command that runs the server, with the settings of a file.
    pub(super) fn serve(self, settings: Option<&Path>) -> Command {
        match self {
            Self::MariaDb => {
                let mut command = killed_with_parent(program("mariadbd").expect("mariadbd"));
                command.arg(defaults(settings));
                command.arg("--skip-name-resolve");
                command.arg("--skip-ssl"); // from 11.4 on the server would make itself a certificate
                command
            }
            Self::MySql => {
                let mut command = mysqld(settings);
                command.args(["--mysqlx=OFF", "--secure-file-priv=NULL"]);
                command
            }
        }
    }
}

fn defaults(settings: Option<&Path>) -> String {
    settings.map_or_else(
        || "--no-defaults".to_owned(),
        |file| format!("--defaults-file={}", file.display()),
    )
}

fn mysql_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/mysql/root")
}

/// MySQL's server, started by the loader and with the libraries of its own release.
fn mysqld(settings: Option<&Path>) -> Command {
    let usr = mysql_root().canonicalize().expect("make setup-mysql").join("usr");
    let folders = fs::read_dir(usr.join("lib")).unwrap().map(|entry| entry.unwrap().path());
    let is_loader =
        |file: &PathBuf| file.file_name().unwrap().as_encoded_bytes().starts_with(b"ld-linux");
    let loader = folders
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .find(is_loader)
        .expect("a loader");
    let mut command = killed_with_parent(&loader);
    command.arg("--library-path").arg(loader.parent().unwrap()).arg(usr.join("sbin/mysqld"));
    command.arg(defaults(settings)).arg(format!("--basedir={}", usr.display()));
    for (option, folder) in [
        ("lc-messages-dir", "share/mysql"),
        ("character-sets-dir", "share/mysql/charsets"),
        ("plugin-dir", "lib/mysql/plugin"),
    ] {
        command.arg(format!("--{option}={}", usr.join(folder).display()));
    }
    command
}

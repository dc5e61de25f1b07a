//! The corpus's cases of configuration, each as a command in an environment of its own.

use std::{
    fs,
    net::{SocketAddr, TcpListener, ToSocketAddrs as _},
    path::Path,
    process::Command,
};

use libtest_mimic::Trial;
use registration_testkit::{Backend, TestDatabase, corpus, on_every_backend, trials};
use serde_json::Value;

use crate::support::{BINARY, get, sqlite_with};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        white_space_is_no_part_of_a_path,
        a_socket_beside_a_host_is_refused,
        an_address_that_is_partly_taken_is_an_error,
        secrets_come_from_files,
        empty_variables_are_unset,
        weak_secrets_and_unnamed_environments_are_refused,
    ];
    trials.extend(on_every_backend![white_space_is_no_part_of_a_database_url]);
    trials
}

/// The environments of the corpus's cases with this id.
fn cases(id: &str) -> Vec<Value> {
    let cases: Vec<_> = corpus::reports("config").into_iter().filter(|c| c["id"] == id).collect();
    assert!(!cases.is_empty(), "{id}");
    cases
}

/// Exit status and standard error of a command.
fn run(command: &str, environment: &[(&str, &str)]) -> (i32, String) {
    let mut program = Command::new(BINARY);
    program.arg(command).env_clear().envs(environment.iter().copied());
    let output = program.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn white_space_is_no_part_of_a_path() {
    for case in cases("B08") {
        let url = case["env"]["DATABASE_URL"].as_str().unwrap();
        if !url.starts_with("sqlite:") {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let url = url.replace("/tmp/x", &folder.path().display().to_string());
        assert_eq!(run(case["command"].as_str().unwrap(), &[("DATABASE_URL", &url)]).0, 0);
        let files = fs::read_dir(folder.path()).unwrap();
        let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        assert!(names.iter().any(|name| name == "registration.db"), "{names:?}");
        for name in names {
            let name = name.to_str().unwrap();
            assert!(name.starts_with("registration.db") && name.trim() == name, "{name:?}");
        }
    }
}

fn white_space_is_no_part_of_a_database_url(database: &TestDatabase) {
    for end in ["\n", " ", "\r\n"] {
        let url = format!("{}{end}", database.url());
        assert_eq!(run("migrate", &[("DATABASE_URL", &url)]), (0, String::new()));
    }
}

fn a_socket_beside_a_host_is_refused() {
    for case in cases("B17") {
        let url = case["env"]["DATABASE_URL"].as_str().unwrap();
        let (code, text) = run(case["command"].as_str().unwrap(), &[("DATABASE_URL", url)]);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("DATABASE_URL (--database-url) has unix_socket beside"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

/// Where the hosts file has one address of `localhost`, that one.
fn an_address_that_is_partly_taken_is_an_error() {
    for case in cases("B09") {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port().to_string();
        let address = case["env"]["LISTEN_ADDR"].as_str().unwrap().replace("PORT", &port);
        let sockets: Vec<SocketAddr> = address.to_socket_addrs().unwrap().collect();
        assert!(sockets.contains(&taken.local_addr().unwrap()), "{sockets:?}");
        let database = TestDatabase::new(Backend::Sqlite);
        for (variable, other) in
            [("LISTEN_ADDR", "ADMIN_LISTEN_ADDR"), ("ADMIN_LISTEN_ADDR", "LISTEN_ADDR")]
        {
            let listen = [(variable, &*address), (other, "127.0.0.1:0")];
            let url = ("DATABASE_URL", database.url());
            let (code, text) = run("serve", &[listen[0], listen[1], url]);
            let expected = case["expect"]["stderr"].as_str().unwrap().replace("PORT", &port);
            assert_eq!(code, 1, "{text}");
            assert!(text.contains(&format!("{expected} ({variable})")), "{text}");
        }
    }
}

fn secrets_come_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let file = folder.path().join("registration.db");
    let url = write("url", &format!("sqlite://{}\n", file.display()));
    assert_eq!(run("migrate", &[("DATABASE_URL_FILE", &url)]), (0, String::new()));
    assert!(file.exists());

    let secret = write("secret", "8f2b1c9d3e7a6054\n");
    let (_database, _service) = sqlite_with(&[("FORM_SECRET_FILE", &secret)]);

    let weak = write("weak", "geheim\n");
    let (code, text) =
        run("serve", &[("DATABASE_URL_FILE", "/nowhere/url"), ("FORM_SECRET_FILE", &weak)]);
    assert_eq!(code, 2);
    assert!(text.contains("DATABASE_URL_FILE (--database-url-file) is \"/nowhere/url\""), "{text}");
    assert!(text.contains("FORM_SECRET_FILE (--form-secret-file) is "), "{text}");
    assert!(!text.contains("geheim"), "{text}");
    let both = [("FORM_SECRET_FILE", &*secret), ("FORM_SECRET", "8f2b1c9d3e7a6054")];
    let (code, text) = run("serve", &both);
    assert_eq!(code, 2);
    assert!(text.contains("is set beside FORM_SECRET: set one of the two"), "{text}");
}

/// As compose files and orchestrators leave them.
fn empty_variables_are_unset() {
    let empty = ["WORKERS", "KEEP_ALIVE", "LOG_FORMAT", "RATE_LIMIT", "FORM_SECRET", "FAULTS"];
    let (_database, service) = sqlite_with(&empty.map(|name| (name, "")));
    assert_eq!(get(&service.url("/health/live"), "*/*").status(), 200);
    let (code, text) = run("serve", &[("DATABASE_URL", " \n")]);
    assert_eq!(code, 2);
    assert!(text.contains("DATABASE_URL (--database-url) is empty"), "{text}");
}

fn weak_secrets_and_unnamed_environments_are_refused() {
    let faults = ("FAULTS", "error=1%");
    let (code, text) = run("serve", &[("FORM_SECRET", "passwordpassword"), faults]);
    assert_eq!(code, 2);
    assert!(text.contains("FORM_SECRET (--form-secret) can be guessed"), "{text}");
    assert!(text.contains("FAULTS (--faults) is set, and deployment.environment.name is unknown"));
    assert!(!text.contains("password"), "{text}");
    assert!(!Path::new("data").exists(), "a refused configuration leaves nothing behind");
}

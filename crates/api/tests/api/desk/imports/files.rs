//! Files that are read, and those that are refused.

use std::{fs, path::Path};

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend, on_sqlite};
use reqwest::Method;
use serde_json::json;

use super::{
    super::exports, Office, count, done, multipart, problem, rows, upload, upload_with, uploaded,
    wait_for,
};
use crate::support::{builder, start};

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![an_export_comes_back_without_a_change];
    trials.extend(on_sqlite![
        what_cannot_be_read_is_refused_and_nothing_is_stored,
        a_file_of_the_corpus_is_read_by_the_service,
        an_upload_has_a_size_a_form_and_a_pace,
    ]);
    trials
}

fn corpus() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spreadsheet/tests/corpus")
}

fn manifest() -> Vec<toml::Table> {
    let manifest = fs::read_to_string(corpus().join("manifest.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let files = manifest["file"].as_array().unwrap();
    files.iter().map(|file| file.as_table().unwrap().clone()).collect()
}

fn text<'a>(file: &'a toml::Table, name: &str) -> &'a str {
    file.get(name).and_then(toml::Value::as_str).unwrap_or_default()
}

fn what_cannot_be_read_is_refused_and_nothing_is_stored(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    // One of each kind.
    let mut seen = std::collections::BTreeSet::new();
    for file in manifest() {
        let why = text(&file, "unreadable");
        if why.is_empty() || !seen.insert(why.to_owned()) {
            continue;
        }
        let name = text(&file, "name");
        let bytes = fs::read(corpus().join(name)).unwrap();
        let refused = upload_with(&office.admin, name, &bytes, &[]);
        // What is wrong behind the first rows is found when they are planned.
        let problem = match refused.status().as_u16() {
            202 => wait_for(&office.admin, &uploaded(refused), "failed")["problem"].clone(),
            _ => problem(refused),
        };
        assert_eq!(problem["why"], why, "{name}");
        if let Some(line) = file.get("line").and_then(toml::Value::as_integer) {
            assert_eq!(problem["line"], line, "{name}");
        }
    }
    assert!(seen.len() >= 10, "{seen:?}");
    assert_eq!(count(database, "import_rows"), 0);
}

/// One file of each program.
fn a_file_of_the_corpus_is_read_by_the_service(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let mut programs = std::collections::BTreeSet::new();
    for file in manifest() {
        let is_plain = file.contains_key("list") && !file.contains_key("ask");
        if !is_plain || !programs.insert(text(&file, "program").to_owned()) {
            continue;
        }
        let name = text(&file, "name");
        let bytes = fs::read(corpus().join(name)).unwrap();
        let import = uploaded(upload_with(&office.admin, name, &bytes, &[]));
        let import = wait_for(&office.admin, &import, "planned");
        let expected = file["rows"].as_integer().unwrap();
        assert_eq!(import["counts"]["create"], expected, "{name}: {import}");
        let first = &rows(&office.admin, &import, "limit=1")[0];
        assert_eq!(first["line"], file["line_of_first"].as_integer().unwrap(), "{name}");
    }
    assert!(programs.len() >= 10, "{programs:?}");
}

/// Names that a spreadsheet changes, or that it takes for a formula.
const NAMES: [&str; 12] = [
    "Ñandú",
    "O’Neil",
    "-Weber",
    "+39 Max",
    "=cmd x",
    "@sum x",
    "山田太郎",
    "SEPT1 x",
    "1E5 x",
    "007 x",
    "x;=y, \"z\"",
    "עברית",
];

fn an_export_comes_back_without_a_change(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let file: String = NAMES
        .iter()
        .enumerate()
        .map(|(n, name)| format!("\"{}\",B,n{n}@example.org\n", name.replace('"', "\"\"")))
        .collect();
    let import = upload(admin, &format!("first_name,last_name,email\n{file}"));
    assert_eq!(done(admin, &import)["created"], NAMES.len());
    let path = "/api/students?q=n3";
    let id = admin.read(path)["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(admin.decide(&id, 1, "confirmed").status(), 200);
    let mut exported = Vec::new();
    for query in [
        "students.csv",
        "students.csv?style=excel&lang=en",
        "students.csv?style=excel&lang=it",
        "students.csv?safe=false",
        "students.xlsx",
        "students.xlsx?style=excel&lang=it",
    ] {
        let file = exports::open(admin, &format!("/api/{query}")).bytes().unwrap();
        let import = uploaded(upload_with(admin, query, &file, &[]));
        assert_eq!(import["state"], "planned", "{query}: {import}");
        assert_eq!(import["counts"]["unchanged"], NAMES.len(), "{query}: {import}");
        exported.push((query, file));
    }
    // A colleague's edit in between survives.
    let edit = json!({"last_name": "Colleague"});
    let path = format!("/api/students/{id}");
    assert_eq!(admin.send(&Method::PATCH, &path, Some(2), &edit).status(), 200);
    for (query, file) in exported {
        let import = uploaded(upload_with(admin, query, &file, &[]));
        let counts = &import["counts"];
        assert_eq!(
            (&counts["unchanged"], &counts["conflict"]),
            (&json!(NAMES.len() - 1), &json!(1)),
            "{query}"
        );
        done(admin, &import);
    }
    assert_eq!(admin.read(&path)["last_name"], "Colleague");
    assert_eq!(count(database, "students"), NAMES.len() as u64);
}

fn an_upload_has_a_size_a_form_and_a_pace(database: &TestDatabase) {
    let service = builder(database).env("CLIENT_TIMEOUT", "1").start();
    let office = Office::open(&service, database);
    let admin = &office.admin;
    let send = |media: &str, body: Vec<u8>| {
        let request = admin.request(Method::POST, "/api/imports").header("content-type", media);
        request.body(body).send().unwrap()
    };
    let json = send("application/json", b"{}".to_vec());
    assert_eq!(
        (json.status().as_u16(), problem(json)["code"].clone()),
        (415, json!("unsupported_media_type"))
    );
    let without =
        b"--a7f3c1\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\n1\r\n--a7f3c1--\r\n";
    let media = "multipart/form-data; boundary=a7f3c1";
    assert_eq!(problem(send(media, without.to_vec()))["code"], "malformed");
    assert_eq!(problem(send(media, b"no parts".to_vec()))["code"], "malformed");
    let (_, twice) = multipart("a.csv", b"email\na@example.org\n", &[("file", "email\n")]);
    assert_eq!(problem(send(media, twice))["code"], "malformed", "two files");
    let (_, mut cut) = multipart("a.csv", b"email\na@example.org\n", &[]);
    cut.truncate(cut.len() - 12);
    assert_eq!(problem(send(media, cut))["code"], "malformed");
    let (_, large) = multipart("a.csv", &vec![b'x'; 51 * 1024 * 1024], &[]);
    assert_eq!(send(media, large).status(), 413);
    // A client that never finishes.
    let (_, body) = multipart("a.csv", b"email\na@example.org\n", &[]);
    let slow = slow_client(&service, admin.cookie.as_deref().unwrap(), &body);
    assert!(slow.starts_with("HTTP/1.1 408"), "{slow}");
    assert_eq!(count(database, "imports"), 0);
}

/// Sends all but the end of a body, and reads the answer.
fn slow_client(service: &registration_testkit::Service, cookie: &str, body: &[u8]) -> String {
    use std::io::{Read as _, Write as _};
    let address = service.url("");
    let host = address.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let head = format!(
        "POST /api/imports HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\
         sec-fetch-site: same-origin\r\ncontent-type: multipart/form-data; boundary=a7f3c1\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body[..body.len() - 20]).unwrap();
    let mut answer = [0; 64];
    let read = stream.read(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

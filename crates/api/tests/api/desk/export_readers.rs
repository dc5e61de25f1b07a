//! How an exported file reaches its reader: whole, or seen to be broken off.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::mpsc,
    time::Duration,
};

use libtest_mimic::Trial;
use registration_testkit::{Backend, TestDatabase, mariadb_trial, on_sqlite};
use reqwest::{Method, blocking::Response};
use socket2::SockRef;

use super::{
    Office,
    exports::open,
    journal::number,
    operations::{fill, wait},
};
use crate::support::{builder, metric, problem, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_sqlite![
        a_file_that_breaks_off_is_no_short_file,
        readers_who_go_away_leave_room_for_others,
        readers_who_stop_leave_room_for_others,
        a_slow_reader_gets_the_whole_file,
    ];
    trials.push(mariadb_trial("a_full_disk_is_no_short_file", a_full_disk_is_no_short_file));
    trials
}

fn a_file_that_breaks_off_is_no_short_file(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    fill(database, 450);
    // Of the second page.
    database.execute("UPDATE students SET status = 99 WHERE email = 'filled00300@example.org'");
    let mut response = office.admin.request(Method::GET, "/api/students.csv").send().unwrap();
    assert_eq!(response.status(), 200, "it has begun");
    let mut file = Vec::new();
    let ended = response.read_to_end(&mut file);
    assert!(ended.is_err(), "{} bytes", file.len());
    let refused = office.admin.request(Method::GET, "/api/students.xlsx").send().unwrap();
    assert_eq!(problem(refused)["code"], "internal_error", "a worksheet has not begun");
    let ended =
        "SELECT COUNT(*) FROM journal WHERE action = 'export_ended' AND detail LIKE '%broken_off%'";
    assert_eq!(number(database, ended), 2);
    assert_eq!(metric(&service, "export_rows_total{format=\"csv\"}"), 0.0, "no whole file");
    let begun = "SELECT COUNT(*) FROM journal WHERE action = 'exported'";
    assert_eq!(number(database, begun), 2, "what has left is recorded");
}

fn readers_who_go_away_leave_room_for_others(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    fill(database, 20_000);
    let begin = || office.admin.request(Method::GET, "/api/students.csv").send().unwrap();
    for _ in 0..12 {
        let response = begin();
        assert_eq!(response.status(), 200);
        drop(response);
    }
    let mut whole = 0;
    wait(|| {
        let response = begin();
        if response.status() == 503 {
            return false;
        }
        whole = response.text().unwrap().lines().count();
        true
    });
    assert_eq!(whole, 20_001);
}

fn readers_who_stop_leave_room_for_others(database: &TestDatabase) {
    let service = builder(database).env("CLIENT_TIMEOUT", "4").start();
    let office = Office::open(&service, database);
    // More than the buffers of two sockets hold.
    fill(database, 100_000);
    let begin = || office.admin.request(Method::GET, "/api/students.csv").send().unwrap();
    // As many as are written at a time.
    let stopped: Vec<_> = (0..4).map(|_| begin()).collect();
    assert!(stopped.iter().all(|response| response.status() == 200));
    assert_eq!(problem(begin())["code"], "too_busy");
    let exported = "SELECT COUNT(*) FROM journal WHERE action = 'exported'";
    assert_eq!(number(database, exported), 4, "what was refused is not recorded as exported");
    let broken = "SELECT COUNT(*) FROM journal WHERE detail LIKE '%broken_off%' AND at > (SELECT MIN(at) FROM journal WHERE action = 'exported')";
    wait(|| number(database, broken) == 4);
    let is_broken = |mut response: Response| response.read_to_end(&mut Vec::new()).is_err();
    assert!(stopped.into_iter().all(is_broken));
    // Registrations, here other trials, come first: the file may take its time.
    let request = office.admin.request(Method::GET, "/api/students.csv");
    let file = request.timeout(Duration::from_secs(120)).send().unwrap().text().unwrap();
    assert_eq!(file.lines().count(), 100_001);
}

fn a_slow_reader_gets_the_whole_file(database: &TestDatabase) {
    let service = builder(database).env("CLIENT_TIMEOUT", "5").start();
    let office = Office::open(&service, database);
    // More than the buffers of two sockets hold.
    fill(database, 60_000);
    let mut connection = TcpStream::connect(service.address()).unwrap();
    // A client library would take hundreds of KiB at once, and then nothing for seconds.
    SockRef::from(&connection).set_recv_buffer_size(64 * 1024).unwrap();
    let cookie = office.admin.cookie.unwrap();
    let request = format!(
        "GET /api/students.csv HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncookie: {cookie}\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).unwrap();
    let (mut answer, mut part) = (Vec::new(), [0; 10 * 1024]);
    let (_hold, tick) = mpsc::channel::<()>();
    for _ in 0..100 {
        connection.read_exact(&mut part).unwrap();
        answer.extend(part);
        // 100 KB a second.
        let _ = tick.recv_timeout(Duration::from_millis(100));
    }
    connection.read_to_end(&mut answer).unwrap();
    assert!(answer.ends_with(b"\r\n0\r\n\r\n"), "{} bytes", answer.len());
    assert_eq!(answer.iter().filter(|byte| **byte == b'@').count(), 60_000);
}

fn a_full_disk_is_no_short_file() {
    let database = TestDatabase::new(Backend::Mysql);
    let service = builder(&database).file_size(64 * 1024).start();
    let office = Office::open(&service, &database);
    fill(&database, 2_000);
    let refused = office.admin.request(Method::GET, "/api/students.xlsx").send().unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(problem(refused)["code"], "file_not_written");
    let file = open(&office.admin, "/api/students.csv").text().unwrap();
    assert_eq!(file.lines().count(), 2_001, "needs no disk");

    let service = builder(&database).env("TMPDIR", "/nowhere").start();
    let admin = office.admin.at(&service);
    let refused = admin.request(Method::GET, "/api/students.xlsx").send().unwrap();
    assert_eq!(problem(refused)["code"], "file_not_written");
}

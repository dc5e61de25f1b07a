//! Every error is a problem (RFC 9457), also where the framework or a time limit made it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use registration_testkit::{Backend, Service, TestDatabase, on_every_backend, trials};
use serde_json::Value;

use crate::support::{
    BROWSER, builder, client, errors, get, header, post, problem, raw, registration, sqlite, start,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        unknown_paths_are_not_found,
        malformed_bodies_are_400,
        other_content_types_are_415,
        an_unacceptable_coding_is_406,
        large_bodies_are_413,
        slow_bodies_are_408_and_slow_heads_are_closed,
        a_browser_gets_a_page,
    ];
    trials
        .extend(
            on_every_backend![a_taken_address_is_409, a_missing_column_is_500_without_details,],
        );
    trials
}

/// The status and the code of an answer to a raw body.
fn post_raw(service: &Service, content_type: &str, body: &'static [u8]) -> (u16, String) {
    let request = client().post(service.url("/register")).header("content-type", content_type);
    let response = request.body(body).send().unwrap();
    let status = response.status().as_u16();
    (status, problem(response)["code"].as_str().unwrap().to_owned())
}

fn unknown_paths_are_not_found() {
    let (_database, service) = sqlite();
    for path in ["/nowhere", "/register/", "//", "/students", "/assets/"] {
        let response = get(&service.url(path), "application/json");
        assert_eq!(response.status(), 404, "{path}");
        let problem = problem(response);
        assert_eq!(problem["code"], "not_found");
        assert_eq!(problem["type"], "urn:problem-type:student-registration:not_found");
        assert_eq!(problem["trace_id"].as_str().unwrap().len(), 32);
    }
}

fn malformed_bodies_are_400() {
    let (_database, service) = sqlite();
    for body in
        [&b""[..], b"{", b"[]", b"\"x\"", b"{\"email\":\"\xff\"}", b"{\"email\":\"\\ud800\"}"]
    {
        let answer = post_raw(&service, "application/json", body);
        assert_eq!(answer, (400, "malformed".to_owned()), "{body:?}");
    }
    let truncated = "POST /register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                     transfer-encoding: chunked\r\n\r\nZZ\r\n";
    assert!(raw(&service, truncated.as_bytes()).starts_with("HTTP/1.1 400 "));
}

fn other_content_types_are_415() {
    let (_database, service) = sqlite();
    for content_type in [
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin1",
        "application/x-www-form-urlencoded; charset=utf-16",
        "nonsense",
    ] {
        let answer = post_raw(&service, content_type, b"{}");
        assert_eq!(answer, (415, "unsupported_media_type".to_owned()), "{content_type}");
    }
    let missing = client().post(service.url("/register")).body("{}").send().unwrap();
    assert_eq!(missing.status(), 415);
    let accepted = "application/json, application/x-www-form-urlencoded";
    assert_eq!(header(&missing, "accept"), accepted);
    let compressed = client().post(service.url("/register")).header("content-encoding", "gzip");
    let compressed = compressed.json(&registration("a@b.co")).send().unwrap();
    let accepted = header(&compressed, "accept-encoding");
    assert_eq!((compressed.status().as_u16(), accepted), (415, "identity"));
    let utf8 = post_raw(&service, "application/json; charset=UTF-8", b"{}");
    assert_eq!(utf8.0, 422);
}

fn an_unacceptable_coding_is_406() {
    let (_database, service) = sqlite();
    let with = |path: &str, codings: &str| {
        client().get(service.url(path)).header("accept-encoding", codings).send().unwrap()
    };
    for refused in ["identity;q=0", "*;q=0"] {
        let response = with("/", refused);
        assert_eq!(response.status(), 406);
        let vary = response.headers().get_all("vary").iter().any(|vary| vary == "Accept-Encoding");
        assert!(vary, "{:?}", response.headers());
        assert_eq!(problem(response)["code"], "not_acceptable");
    }
    let gzip = with("/", "identity;q=0, gzip");
    assert_eq!((gzip.status().as_u16(), header(&gzip, "content-encoding")), (200, "gzip"));
    // Other endpoints do not compress.
    assert_eq!(with("/version", "identity;q=0").status(), 200);
}

fn large_bodies_are_413() {
    let (_database, service) = sqlite();
    let body = |length: usize| {
        let mut body = registration("zoe@example.org");
        body["padding"] = "x".into();
        let padding = length - body.to_string().len() + 1;
        body["padding"] = "x".repeat(padding).into();
        assert_eq!(body.to_string().len(), length);
        body
    };
    assert_eq!(post(&service, &body(16 * 1024)).status(), 201);
    let response = post(&service, &body(16 * 1024 + 1));
    assert_eq!(response.status(), 413);
    assert_eq!(problem(response)["code"], "content_too_large");

    // Without a length announced, the limit holds while the body is read.
    let head = "POST /register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    let request = format!("{head}5000\r\n{}\r\n0\r\n\r\n", " ".repeat(0x5000));
    assert!(raw(&service, request.as_bytes()).starts_with("HTTP/1.1 413 "));
}

fn slow_bodies_are_408_and_slow_heads_are_closed() {
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database).env("CLIENT_TIMEOUT", "1").start();
    let head = "POST /register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let started = Instant::now();
    let slow_body = raw(&service, format!("{head}content-length: 100\r\n\r\n{{").as_bytes());
    assert!(slow_body.starts_with("HTTP/1.1 408 "), "{slow_body}");
    assert!(slow_body.contains("\"code\":\"request_timeout\""), "{slow_body}");
    let slow_head = raw(&service, head.as_bytes());
    assert!(slow_head.is_empty() || slow_head.starts_with("HTTP/1.1 408 "), "{slow_head}");
    assert!(started.elapsed() < Duration::from_secs(10));

    // A client that sends a byte now and then is slow as well.
    let mut trickle = TcpStream::connect(service.address()).unwrap();
    trickle.write_all(format!("{head}content-length: 100\r\n\r\n").as_bytes()).unwrap();
    trickle.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut answer = [0; 12];
    let status = (0..100).find_map(|_| {
        let _ = trickle.write_all(b" ");
        trickle.read_exact(&mut answer).is_ok().then_some(())
    });
    assert!(status.is_some(), "a trickle was served for ever");
    assert_eq!(&answer, b"HTTP/1.1 408");
}

fn a_browser_gets_a_page() {
    let (_database, service) = sqlite();
    let response = get(&service.url("/nowhere"), BROWSER);
    assert_eq!(response.status(), 404);
    assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&response, "vary"), "Accept, Accept-Language");
    assert!(response.text().unwrap().contains("Page not found"));
    let response = get(&service.url("/register"), BROWSER);
    assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, "POST, OPTIONS"));
}

fn a_taken_address_is_409(database: &TestDatabase) {
    let service = start(database);
    assert_eq!(post(&service, &registration("zoe@example.org")).status(), 201);
    let response = post(&service, &registration("Zoe@Example.org"));
    assert_eq!(response.status(), 409);
    let problem = problem(response);
    assert_eq!(problem["code"], "already_registered");
    assert_eq!(errors(&problem), ["email: already_registered"]);
}

fn a_missing_column_is_500_without_details(database: &TestDatabase) {
    let service = start(database);
    database.execute("ALTER TABLE students RENAME COLUMN first_name TO forename");
    let response = post(&service, &registration("zoe@example.org"));
    assert_eq!(response.status(), 500);
    let problem = problem(response);
    assert_eq!(problem["code"], "internal_error");
    for secret in ["first_name", "students", "column", "sql", "zoe"] {
        assert!(!problem.to_string().to_lowercase().contains(secret), "{problem}");
    }

    // Logged once, with its cause, and found by the trace id that the client was given.
    let completed = service.wait_for_log(|line| line["body"] == "Request completed");
    assert_eq!(completed["trace_id"], problem["trace_id"]);
    let lines = service.log_lines();
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let errors: Vec<_> = lines.iter().filter(|line| line["severity_text"] == "ERROR").collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0]["trace_id"], problem["trace_id"]);
    let cause = errors[0]["attributes"]["exception.message"].as_str().unwrap();
    assert!(cause.to_lowercase().contains("column"), "{cause}");
}

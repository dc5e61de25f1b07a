//! The cases of public bug reports that are raw requests, each with the statuses that answer it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use libtest_mimic::Trial;
use registration_testkit::{Service, corpus, trials};
use serde_json::Value;

use crate::support::sqlite;

pub(crate) fn trials() -> Vec<Trial> {
    trials![raw_requests_of_bug_reports]
}

fn raw_requests_of_bug_reports() {
    let (_database, service) = sqlite();
    let cases = corpus::reports("http");
    let failed = cases.iter().enumerate().filter_map(|(number, case)| {
        let why = check(&service, number, case).err()?;
        Some(format!("{} {}: {why}", case["id"], case["case"]))
    });
    assert_eq!(failed.collect::<Vec<_>>(), [""; 0]);
    assert!(cases.len() > 30);
}

/// Sends the requests one after another, and compares each answer.
fn check(service: &Service, number: usize, case: &Value) -> Result<(), String> {
    let expected = &case["expect"];
    let statuses = expected["statuses"].as_array().unwrap();
    let requests = case["raw"].as_array().unwrap();
    let mut connection = TcpStream::connect(service.address()).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    for (at, request) in requests.iter().enumerate() {
        let request = filled(request.as_str().unwrap(), &format!("report{number}"));
        connection.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
        let (head, body) = answer(&mut connection)?;
        let status: u64 = head.split(' ').nth(1).unwrap_or_default().parse().unwrap_or_default();
        // One request has one of these statuses; several have them in turn.
        let allowed = if requests.len() == 1 { &statuses[..] } else { &statuses[at..=at] };
        if !allowed.iter().any(|allowed| *allowed == status) {
            return Err(format!("{head}{body}"));
        }
        let has = |name: &str| head.to_lowercase().contains(&format!("\r\n{name}:"));
        if has("connection") && head.to_lowercase().contains("upgrade") {
            return Err(format!("offers another protocol: {head}"));
        }
        if expected["no_header"].as_str().is_some_and(has) {
            return Err(format!("has a header that it must not: {head}"));
        }
        let content_type = expected["content_type"].as_str().unwrap_or_default();
        let content_type = content_type.split(" where ").next().unwrap_or_default();
        if !content_type.is_empty() && !head.contains(&format!("content-type: {content_type}")) {
            return Err(format!("is not {content_type}: {head}"));
        }
        if let Some(continues) = expected["continues_trace"].as_bool() {
            let is_continued = body.contains("12345678901234567890123456789012");
            if is_continued != continues {
                return Err(format!("continues the trace: {is_continued}"));
            }
        }
        if head.contains("connection: close") && expected["or"].is_string() {
            return Ok(());
        }
    }
    Ok(())
}

/// A request with its placeholders filled.
fn filled(request: &str, fresh: &str) -> String {
    let request = request.replace("{fresh}", fresh).replace("{a*70000}", &"a".repeat(70_000));
    let (_head, body) = request.split_once("\r\n\r\n").unwrap();
    // A chunk's data begins after its size and ends before its line end.
    let chunk = body.split("\r\n").nth(1).unwrap_or_default();
    let hexadecimal = format!("{:x}", chunk.len());
    request.replace("{length}", &body.len().to_string()).replace("{hexlength}", &hexadecimal)
}

/// The next answer: its head, and its body as text.
fn answer(connection: &mut TcpStream) -> Result<(String, String), String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        connection.read_exact(&mut byte).map_err(|error| error.to_string())?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let mut body = Vec::new();
    match length.and_then(|length| length.parse().ok()) {
        Some(length) => {
            body.resize(length, 0);
            connection.read_exact(&mut body).map_err(|error| error.to_string())?;
        }
        None if head.starts_with("HTTP/1.1 204 ") => {}
        None => drop(connection.read_to_end(&mut body).map_err(|error| error.to_string())?),
    }
    Ok((head, String::from_utf8_lossy(&body).into_owned()))
}

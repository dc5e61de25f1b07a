//! Thousands of bad requests: none is answered 5xx, none hangs, none makes a handler panic.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use libtest_mimic::Trial;
use registration_testkit::{Service, TestDatabase, on_every_backend};

use crate::support::{builder, get, post, registration};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![bad_requests_are_neither_500_nor_hang]
}

const REQUESTS: usize = 5_000;
const CLIENTS: usize = 64;

fn bad_requests_are_neither_500_nor_hang(database: &TestDatabase) {
    let service = builder(database).env("CLIENT_TIMEOUT", "1").env("KEEP_ALIVE", "1").start();
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (service, answered) = (&service, &answered);
            scope.spawn(move || {
                for number in (client..REQUESTS).step_by(CLIENTS) {
                    let mut random = Random(number as u64);
                    let request = bad_request(&mut random);
                    answered.fetch_add(
                        usize::from(send(service, &request, &mut random)),
                        Ordering::Relaxed,
                    );
                }
            });
        }
    });
    // Most are answered; some are only hung up on, as a truncated request deserves.
    assert!(answered.into_inner() > REQUESTS / 2);

    assert_eq!(post(&service, &registration("good@example.org")).status(), 201);
    let metrics = get(&service.admin_url("/metrics"), "*/*").text().unwrap();
    let failed = |line: &&str| line.contains("status_code=\"5") && !line.ends_with(" 0");
    assert_eq!(metrics.lines().find(failed), None);
    assert!(metrics.lines().any(|line| line == "http_requests_in_flight 0"), "{metrics}");
    let log = service.log_lines();
    let failures: Vec<_> = log.iter().filter(|line| line.contains("\"ERROR\"")).collect();
    assert!(failures.is_empty(), "{} as this: {}", failures.len(), failures[0]);
}

/// Sends a request and reads the answer to its end; says whether there was one.
fn send(service: &Service, request: &[u8], random: &mut Random) -> bool {
    let mut connection = TcpStream::connect(service.address()).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The service may answer and hang up before it has seen all.
    let _ = connection.write_all(request);
    if random.one_in(2) {
        let _ = connection.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    match connection.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("a hang: {error} after {}", String::from_utf8_lossy(request)),
    }
    let answer = String::from_utf8_lossy(&answer);
    assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}\n{}", String::from_utf8_lossy(request));
    !answer.is_empty()
}

fn bad_request(random: &mut Random) -> Vec<u8> {
    let method =
        random.pick(&["POST", "POST", "POST", "GET", "PUT", "BREW", "", "POST POST", "\0", "post"]);
    let path = random.pick(&[
        "/register",
        "/register",
        "/register",
        "/",
        "/students/%ff%00",
        "/students/'",
        "//",
        "/%",
        "/../../etc/passwd",
        "*",
        "",
        "http://x/register",
        "/register?a=b#c",
        "/assets/..%2f",
        "\u{1F393}",
    ]);
    let version =
        random.pick(&["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "", "HTP"]);
    let body = body(random);
    let mut request =
        format!("{method} {path} {version}\r\nhost: x\r\nconnection: close\r\n").into_bytes();
    for _ in 0..random.below(4) {
        request.extend_from_slice(header(random).as_bytes());
    }
    let length = match random.below(6) {
        0 => body.len() + 1 + random.below(50), // slow: the rest never comes
        1 => body.len() / 2,
        2 => usize::MAX,
        _ => body.len(),
    };
    request.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes());
    request.extend_from_slice(&body);
    if random.one_in(8) {
        request.truncate(random.below(request.len()));
    }
    if random.one_in(8) {
        let at = random.below(request.len().max(1));
        if let Some(byte) = request.get_mut(at) {
            *byte = random.byte();
        }
    }
    request
}

fn header(random: &mut Random) -> String {
    let fixed = random.pick(&[
        "content-type: application/json\r\n",
        "content-type: application/json\r\n",
        "content-type: application/json\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "content-type: text/plain\r\n",
        "content-type: ;;;\r\n",
        "content-encoding: gzip\r\n",
        "transfer-encoding: chunked\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "content-length: -1\r\n",
        "accept: text/html;q=7, \"\r\n",
        "accept: text/html\r\n",
        "accept-encoding: gzip;q=x, *\r\n",
        "expect: 100-continue\r\n",
        "expect: 200-maybe\r\n",
        "upgrade: websocket\r\n",
        "host: \r\n",
        "host: y\r\n",
        "traceparent: 00-00-00-00\r\n",
        "traceparent: \u{e9}\r\n",
        "range: bytes=9-1\r\n",
        "x-forwarded-for: '; drop table students\r\n",
        "forwarded: for=\"[\r\n",
        "no colon\r\n",
        ": no name\r\n",
        " folded\r\n",
        "cookie: \0\r\n",
    ]);
    if random.one_in(10) {
        format!("x-long: {}\r\n", "x".repeat(random.below(20_000)))
    } else {
        fixed.to_owned()
    }
}

fn body(random: &mut Random) -> Vec<u8> {
    let fixed: &[u8] = random.pick(&[
        b"",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b"\"",
        b"{\"first_name\":1e999,\"last_name\":{},\"email\":[[[[]]]]}",
        b"{\"first_name\":\"\\u0000\",\"last_name\":\"\\uDFFF\",\"email\":\"@\"}",
        b"{\"first_name\":\"a\",\"last_name\":\"b\",\"email\":\"a@b@c.d\"}",
        b"{\"email\":\"a\",\"email\":\"b\"}",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{}",
        b"first_name=%&last_name=%zz&email=%ff",
        b"first_name=a&first_name=b",
        b"&&&===&&&",
        b"5\r\n{\"a\":\r\n0\r\n\r\n",
        b"fffffffffffffffff\r\n",
    ]);
    match random.below(12) {
        0 => vec![b'['; random.below(20_000)],
        1 => vec![random.byte(); random.below(40_000)],
        2 => (0..random.below(300)).map(|_| random.byte()).collect(),
        3 => format!("{{\"email\":\"{}\"}}", "a".repeat(random.below(17_000))).into_bytes(),
        _ => fixed.to_vec(),
    }
}

/// The `SplitMix64` generator: small, and the same on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }
    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

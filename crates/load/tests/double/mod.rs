//! A double of the service on a free port. `crates/api/tests/api/load.rs` has the real service.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// What the double does with a request.
pub(crate) enum Reply {
    /// Answers with this status, and a `Location` of its own.
    Status(u16),
    /// Answers with this status, and closes the connection without announcing it.
    Last(u16),
    /// Closes the connection.
    HangUp,
    /// Reads the request and never answers.
    Silence,
}

/// Serves until the test program ends. `answer` gets the number of the request, from 0. Requests are
/// answered one at a time: a slow answer delays all others.
pub(crate) fn serve(answer: impl FnMut(usize) -> Reply + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let state = Arc::new(Mutex::new((0.., answer)));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let state = Arc::clone(&state);
            thread::spawn(move || {
                converse(stream.unwrap(), || {
                    let (numbers, answer) = &mut *state.lock().unwrap();
                    answer(numbers.next().unwrap())
                });
            });
        }
    });
    address
}

/// Answers one client until either side closes the connection.
pub(crate) fn converse(stream: TcpStream, mut answer: impl FnMut() -> Reply) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    for number in 0.. {
        if !read(&mut reader).unwrap_or(false) {
            return;
        }
        let reply = answer();
        if let Reply::Status(status) | Reply::Last(status) = reply {
            let headers = format!("location: /students/{number}\r\ncontent-length: 2");
            let answer = format!("HTTP/1.1 {status} X\r\n{headers}\r\n\r\n{{}}");
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
        }
        if matches!(reply, Reply::Last(_) | Reply::HangUp) {
            return;
        }
    }
}

/// Reads a request; `false` at the end of the connection.
fn read(reader: &mut BufReader<TcpStream>) -> io::Result<bool> {
    let (mut line, mut length) = (String::new(), 0);
    if reader.read_line(&mut line)? == 0 {
        return Ok(false);
    }
    assert_eq!(line, "POST /register HTTP/1.1\r\n");
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line)?;
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim_end().parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    Ok(true)
}

/// Blocks for this time, as a service that stalls.
pub(crate) fn stall(duration: Duration) {
    let end = Instant::now() + duration;
    while Instant::now() < end {
        thread::park_timeout(end - Instant::now());
    }
}

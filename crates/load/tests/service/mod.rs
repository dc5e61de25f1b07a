//! A service to send load to: as much HTTP as that takes, on a free port, and answers that a test
//! gives.

use std::{
    collections::HashMap,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// A request, as far as answers depend on it.
pub(crate) struct Request {
    /// 0 for the first that the service had.
    pub(crate) number: usize,
    pub(crate) is_form: bool,
    pub(crate) key: Option<String>,
    /// Of a form, with its `@`.
    pub(crate) email: String,
}

/// What becomes of a request.
#[derive(Clone)]
pub(crate) enum Reply {
    Answer {
        status: u16,
        location: Option<String>,
    },
    /// An answer, after which the connection is closed, without having said so.
    Last(u16),
    /// None, and the connection is closed.
    HangUp,
    /// None at all.
    Silence,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer { status, location: None }
    }
}

/// Serves until the test program ends. Requests are answered one at a time: an answer that takes
/// long keeps all others waiting.
pub(crate) fn serve(answer: impl FnMut(&Request) -> Reply + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || accept(&listener, answer));
    address
}

fn accept(listener: &TcpListener, mut answer: impl FnMut(&Request) -> Reply + Send + 'static) {
    let mut number = 0;
    let answer = Arc::new(Mutex::new(move |mut request: Request| {
        request.number = number;
        number += 1;
        answer(&request)
    }));
    for stream in listener.incoming() {
        let answer = Arc::clone(&answer);
        thread::spawn(move || converse(stream.unwrap(), |request| answer.lock().unwrap()(request)));
    }
}

/// Speaks with one client until either side has enough.
pub(crate) fn converse(stream: TcpStream, mut answer: impl FnMut(Request) -> Reply) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    while let Ok(Some(request)) = read(&mut reader) {
        let reply = answer(request);
        let (status, location) = match &reply {
            Reply::Answer { status, location } => (*status, location.as_ref()),
            Reply::Last(status) => (*status, None),
            Reply::HangUp => return,
            Reply::Silence => continue,
        };
        let location = location.map(|path| format!("location: {path}\r\n")).unwrap_or_default();
        let answer = format!("HTTP/1.1 {status} X\r\n{location}content-length: 2\r\n\r\n{{}}");
        if reader.get_mut().write_all(answer.as_bytes()).is_err() || matches!(reply, Reply::Last(_))
        {
            return;
        }
    }
}

/// The next request; `None` where the client has gone.
fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    assert_eq!(line, "POST /register HTTP/1.1\r\n");
    let mut headers = HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.to_owned()),
            None => break,
        };
    }
    assert!(headers["host"].starts_with("127.0.0.1:"), "{headers:?}");
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    reader.read_exact(&mut body)?;
    let is_form = headers["content-type"] == "application/x-www-form-urlencoded";
    let email = if is_form {
        let body = String::from_utf8(body).unwrap();
        body.rsplit_once("email=").unwrap().1.replace("%40", "@")
    } else {
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        body["email"].as_str().unwrap().to_owned()
    };
    let key = headers.remove("idempotency-key");
    Ok(Some(Request { number: 0, is_form, key, email }))
}

/// Answers as the registration service does.
#[derive(Clone, Default)]
pub(crate) struct Registry(Arc<Mutex<Vec<Student>>>);

struct Student {
    email: String,
    key: Option<String>,
}

impl Registry {
    pub(crate) fn answer(&self, request: &Request) -> Reply {
        let mut students = self.0.lock().unwrap();
        let status = if request.is_form { 303 } else { 201 };
        let found = students.iter().position(|student| student.email == request.email);
        let id = match found {
            _ if !request.email.contains('@') => return Reply::status(422),
            Some(id) if request.key.is_some() && students[id].key == request.key => id,
            Some(_) => return Reply::status(409),
            None => {
                let (email, key) = (request.email.clone(), request.key.clone());
                students.push(Student { email, key });
                students.len() - 1
            }
        };
        Reply::Answer { status, location: Some(format!("/students/{id}")) }
    }

    /// Everybody's address, in the order of registration.
    pub(crate) fn emails(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|student| student.email.clone()).collect()
    }
}

/// Does nothing for so long, as a service that stalls.
pub(crate) fn stall(duration: Duration) {
    let end = Instant::now() + duration;
    while Instant::now() < end {
        thread::park_timeout(end - Instant::now());
    }
}

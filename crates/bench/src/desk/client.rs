//! One connection of a registrar or a program to the office.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

/// The service closes connections that were idle for longer.
const MAX_IDLE: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(60);

/// A client with its credentials. Every answer must come.
pub(crate) struct Client {
    address: String,
    /// A header line.
    credentials: String,
    connection: Option<(BufReader<TcpStream>, Instant)>,
}

/// A file, and the seconds until its first byte and its last.
pub(crate) struct Download {
    pub(crate) body: Vec<u8>,
    pub(crate) first_byte: f64,
    pub(crate) all: f64,
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    head: String,
}

impl Client {
    pub(crate) fn anonymous(address: &str) -> Self {
        Self { address: address.to_owned(), credentials: String::new(), connection: None }
    }

    /// Signed in for pages, and with a token for the API.
    pub(crate) fn signed_in(address: &str, token: &str, cookie: &str) -> Self {
        let credentials = format!("authorization: Bearer {token}\r\ncookie: {cookie}\r\n");
        Self { credentials, ..Self::anonymous(address) }
    }

    pub(crate) fn with_cookie(address: &str, cookie: &str) -> Self {
        let credentials = format!("cookie: {cookie}\r\n");
        Self { credentials, ..Self::anonymous(address) }
    }

    /// Reads JSON, which must be there.
    pub(crate) fn get(&mut self, path: &str) -> Answer {
        let answer = self.send("GET", path, "", "");
        answer.expect_status(200);
        answer
    }

    /// Sends JSON. `headers` are lines.
    pub(crate) fn post(&mut self, path: &str, headers: &str, json: &str) -> Answer {
        self.send("POST", path, &format!("content-type: application/json\r\n{headers}"), json)
    }

    /// Posts a form of the service's own pages.
    pub(crate) fn submit(&mut self, path: &str, form: &str) -> Answer {
        let headers = "content-type: application/x-www-form-urlencoded\r\naccept: text/html\r\n\
                       sec-fetch-site: same-origin\r\n";
        self.send("POST", path, headers, form)
    }

    /// Reads a file on a connection of its own.
    pub(crate) fn download(&self, path: &str) -> Download {
        let begun = Instant::now();
        let mut connection = self.connect();
        let Self { address, credentials, .. } = self;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n{credentials}\r\n");
        connection.get_mut().write_all(request.as_bytes()).unwrap();
        let (status, head) = Answer::read_head(&mut connection);
        assert_eq!(status, 200, "{head}");
        assert!(!connection.fill_buf().unwrap().is_empty(), "an empty file");
        let first_byte = begun.elapsed().as_secs_f64();
        let body = read_chunks(&mut connection);
        Download { body, first_byte, all: begun.elapsed().as_secs_f64() }
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let open = self.connection.take().filter(|(_, used)| used.elapsed() < MAX_IDLE);
        let mut connection = open.map_or_else(|| self.connect(), |(connection, _)| connection);
        let (address, length) = (&self.address, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n{}{headers}\
             \r\n{body}",
            self.credentials
        );
        connection.get_mut().write_all(request.as_bytes()).unwrap();
        let answer = Answer::read(&mut connection);
        self.connection = Some((connection, Instant::now()));
        answer
    }

    fn connect(&self) -> BufReader<TcpStream> {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        BufReader::new(stream)
    }
}

/// A body in chunks (RFC 9112 7.1), to its last.
fn read_chunks(connection: &mut BufReader<TcpStream>) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).unwrap();
        let size = u64::from_str_radix(line.trim_end(), 16).expect("no size of a chunk");
        let read = connection.take(size).read_to_end(&mut body).unwrap();
        assert_eq!(read as u64, size, "the file breaks off");
        connection.read_line(&mut String::new()).unwrap();
        if size == 0 {
            return body;
        }
    }
}

impl Answer {
    /// The status and the whole head.
    fn read_head(connection: &mut BufReader<TcpStream>) -> (u16, String) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = connection.read_line(&mut head).unwrap();
            assert!(read > 0, "the service closed the connection: {head:?}");
        }
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head)
    }

    fn read(connection: &mut BufReader<TcpStream>) -> Self {
        let (status, head) = Self::read_head(connection);
        let mut answer = Self { status, body: String::new(), head };
        // The service knows the length of every answer to a client that accepts no compression.
        let length = answer.header("content-length").map(|length| length.parse::<u64>().unwrap());
        let length = length.unwrap_or_else(|| panic!("no length: {}", answer.head));
        connection.take(length).read_to_string(&mut answer.body).unwrap();
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|one| one.1)
    }

    pub(crate) fn expect_status(&self, status: u16) {
        assert_eq!(self.status, status, "{}{}", self.head, self.body);
    }

    /// The first member of the JSON with this name, a text without escapes.
    pub(crate) fn member(&self, name: &str) -> Option<&str> {
        let (_, value) = self.body.split_once(&format!("\"{name}\":\""))?;
        value.split('"').next()
    }
}

/// `text` as a value of a query.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded() {
        assert_eq!(encoded("Zoë O'N"), "Zo%C3%AB%20O%27N");
    }
}

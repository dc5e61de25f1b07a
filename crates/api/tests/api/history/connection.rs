//! A client's connection to an instance: of plain sockets, so that the nemesis can cut it and the
//! client knows whether an answer was whole.

use std::{
    io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

use super::operation::Request;

/// An open connection, kept alive from request to request.
pub(super) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(super) fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// The socket, for the nemesis.
    pub(super) fn socket(&self) -> io::Result<TcpStream> {
        self.0.get_ref().try_clone()
    }

    /// Sends a registration and reads the whole answer: its status and body. `timeout` is of each read.
    pub(super) fn send(
        &mut self,
        Request { key, applicant }: &Request,
        timeout: Duration,
    ) -> io::Result<(u16, Value)> {
        let body = applicant.json_text();
        let key = key.as_ref().map(|key| format!("idempotency-key: \"{key}\"\r\n"));
        let (key, length) = (key.unwrap_or_default(), body.len());
        let request = format!(
            "POST /register HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{key}\
             content-length: {length}\r\n\r\n{body}"
        );
        self.0.get_ref().set_read_timeout(Some(timeout))?;
        self.0.get_mut().write_all(request.as_bytes())?;
        self.receive()
    }

    fn receive(&mut self) -> io::Result<(u16, Value)> {
        let (mut status, mut length) = (None, None);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest.get(..3).and_then(|digits| digits.parse().ok());
            } else if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().ok();
            } else if line.is_empty() {
                break;
            }
        }
        let (Some(status), Some(length)) = (status, length) else {
            return Err(ErrorKind::InvalidData.into());
        };
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok((status, serde_json::from_slice(&body)?))
    }
}

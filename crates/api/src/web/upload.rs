//! An uploaded file (RFC 7578, `multipart/form-data`).

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    HttpRequest,
    http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE},
    web::Payload,
};
use futures_util::TryStreamExt as _;
use registration_application::desk::imports::MAX_BYTES;
use tokio::time::{Instant, timeout_at};

use super::{body, problem::Problem};
use crate::connection;

const MULTIPART: &str = "multipart/form-data";

/// Minimum rate at which a client sends a file, in bytes a second, beyond the time for any body.
const MIN_BYTES_PER_SECOND: u64 = 32 * 1024;

/// Longest text beside the file, in bytes, and most parts.
const MAX_TEXT: usize = 16 * 1024;
const MAX_PARTS: usize = 20;

/// A file, and the texts beside it.
#[derive(Default)]
pub(crate) struct Upload {
    pub(crate) file_name: String,
    pub(crate) file: Vec<u8>,
    pub(crate) texts: Vec<(String, String)>,
}

impl Upload {
    /// Reads the file that a request uploads as `file`. A slow client may take longer, as long as it
    /// goes on.
    pub(crate) async fn read(
        request: &HttpRequest,
        payload: Payload,
        timeout: Duration,
    ) -> Result<Self, Problem> {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media.and_then(|media| media.split(';').next()).unwrap_or_default();
        if !essence.trim().eq_ignore_ascii_case(MULTIPART) {
            return Err(body::unsupported().with_header(ACCEPT, MULTIPART));
        }
        let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let length: Option<usize> = length.and_then(|length| length.parse().ok());
        if length.is_some_and(|length| length > MAX_BYTES + MAX_PARTS * MAX_TEXT) {
            return Err(body::too_large(MAX_BYTES));
        }
        let clock = Clock { begun: Instant::now(), timeout };
        connection::allow(request, clock.limit(MAX_BYTES));
        let mut parts = Multipart::new(request.headers(), payload);
        let (mut upload, mut received) = (None::<Self>, 0);
        let mut texts = Vec::new();
        for _ in 0..=MAX_PARTS {
            let next = timeout_at(clock.deadline(received), parts.try_next());
            let Some(mut part) = next.await.map_err(|_| body::too_slow())?.map_err(malformed)?
            else {
                let upload = upload.ok_or_else(|| Problem::malformed(|m| m.no_file))?;
                return Ok(Self { texts, ..upload });
            };
            let name = part.name().unwrap_or_default().to_owned();
            if upload.is_some() && name == "file" || texts.iter().any(|(known, _)| *known == name) {
                return Err(Problem::malformed(|m| m.bad_form));
            }
            if name == "file" {
                let disposition = part.content_disposition();
                let file_name = disposition.and_then(|one| one.get_filename()).unwrap_or_default();
                let file_name = file_name.to_owned();
                let file = clock.read(&mut part, &mut received, MAX_BYTES).await?;
                upload = Some(Self { file_name, file, texts: Vec::new() });
            } else {
                let text = clock.read(&mut part, &mut received, MAX_TEXT).await?;
                let text =
                    String::from_utf8(text).map_err(|_| Problem::malformed(|m| m.bad_form))?;
                texts.push((name, text));
            }
        }
        Err(Problem::malformed(|m| m.bad_form))
    }

    /// The value of a text; empty where it is missing.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.texts.iter().find(|(text, _)| text == name);
        found.map_or("", |(_, value)| value)
    }
}

/// When a client is too slow.
struct Clock {
    begun: Instant,
    timeout: Duration,
}

impl Clock {
    fn limit(&self, received: usize) -> Duration {
        self.timeout + Duration::from_secs(received as u64 / MIN_BYTES_PER_SECOND)
    }

    fn deadline(&self, received: usize) -> Instant {
        self.begun + self.limit(received)
    }

    async fn read(
        &self,
        part: &mut Field,
        received: &mut usize,
        max: usize,
    ) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        loop {
            let next = timeout_at(self.deadline(*received), part.try_next());
            let next = next.await.map_err(|_| body::too_slow())?.map_err(malformed)?;
            let Some(chunk) = next else { return Ok(bytes) };
            *received += chunk.len();
            if bytes.len() + chunk.len() > max {
                return Err(body::too_large(max));
            }
            bytes.extend(chunk);
        }
    }
}

fn malformed(_: MultipartError) -> Problem {
    Problem::malformed(|m| m.not_whole)
}

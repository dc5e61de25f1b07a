//! `Idempotency-Key` on requests that create or decide: a repetition has the first answer.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{ContentType, IF_MATCH, LOCATION},
};
use registration_application::desk::{
    access::{Caller, Key},
    once::{Done, Repeatable},
    students::Changed,
};
use registration_domain::{ApiRequest, Fingerprint, KeyHash, Version};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{body::Members, representation::etag};
use crate::web::{idempotency_key, locale::RequestLocale, paths, problem::Problem};

/// The request with its key, and the body of its answer; `None` without a key.
pub(super) fn of<T>(
    request: &HttpRequest,
    caller: &Caller,
    members: &Members,
    body: impl Fn(&T) -> Vec<u8> + Send + 'static,
) -> Result<Option<Repeatable<T>>, Problem> {
    let request = key(request, caller, members)?;
    Ok(request.map(|request| Repeatable { request, body: Box::new(body) }))
}

/// The request with its key; `None` without one.
pub(super) fn key(
    request: &HttpRequest,
    caller: &Caller,
    members: &Members,
) -> Result<Option<ApiRequest>, Problem> {
    let Some(key) = idempotency_key::of(request.headers())? else { return Ok(None) };
    let owner = match &caller.key {
        Key::Session(_) => *caller.staff.id.as_bytes(),
        Key::Token(token) => *token.id.as_bytes(),
    };
    let fingerprint = fingerprint(request, members);
    Ok(Some(ApiRequest { owner, key: KeyHash::of(&key), fingerprint }))
}

/// The answer to a request: its own, or the one before.
pub(super) fn answer(
    mut response: HttpResponseBuilder,
    done: Done<Changed>,
    body: impl Fn(&Changed) -> Vec<u8>,
) -> HttpResponse {
    response.insert_header(etag(done.version())).content_type(ContentType::json());
    response.body(body_of(done, body))
}

/// 201 with the first version of what was made, at this path with its id.
pub(super) fn created<T>(
    done: Done<T>,
    body: impl Fn(&T) -> Vec<u8>,
    path: &str,
    locale: RequestLocale,
) -> HttpResponse {
    let body = body_of(done, body);
    let made: Value = serde_json::from_slice(&body).unwrap_or_default();
    let location = locale.path(&paths::of(path, made["id"].as_str().unwrap_or_default()));
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, location)).insert_header(etag(Version::FIRST));
    response.content_type(ContentType::json()).body(body)
}

fn body_of<T>(done: Done<T>, body: impl Fn(&T) -> Vec<u8>) -> Vec<u8> {
    match done {
        Done::Now(done) => body(&done),
        Done::Before(answer) => answer.body,
    }
}

/// The hash of method, path, precondition and members.
fn fingerprint(request: &HttpRequest, members: &Members) -> Fingerprint {
    let mut hash = Sha256::new();
    let precondition = request.headers().get(IF_MATCH).map_or(&[][..], |value| value.as_bytes());
    let content = members.to_json();
    for part in
        [request.method().as_str().as_bytes(), request.path().as_bytes(), precondition, &content]
    {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Fingerprint::from_bytes(hash.finalize().into())
}

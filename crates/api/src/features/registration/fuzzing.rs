//! Fuzz targets of the request's decoding, beside other decoders of the same formats.

use registration_application::{redaction::redacted_shape, register::RegistrationRequest};
use registration_domain::{Field, RawField};
use serde_json::Value;
use url::form_urlencoded;

use super::request::{from_form, from_json};
use crate::web::problem::Problem;

/// A body as JSON.
pub fn json_body(data: &[u8]) {
    let decoded = check(from_json(data));
    // Values that are nested deeply, or numbers out of range, are refused here.
    let body = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return };
    // Without repeated members, every object is a request.
    let again = from_json(value.to_string().as_bytes()).ok();
    assert_eq!(again.is_some(), value.is_object());
    if decoded.is_some() {
        assert_eq!(decoded, again);
    }
    let Some(request) = again else { return };
    for (name, field) in members(&request) {
        match &value[name] {
            Value::String(text) => assert_eq!(field, &RawField::from(&**text)),
            Value::Null => assert_eq!(field, &RawField::Missing),
            _ => assert_eq!(field, &RawField::NotText),
        }
    }
    assert!(serde_json::from_str::<Value>(&redacted_shape(&request.applicant)).is_ok());
}

/// A body as a form.
pub fn form_body(data: &[u8]) {
    let Some(request) = check(from_form(data)) else { return };
    let mut again = form_urlencoded::Serializer::new(String::new());
    for (name, field) in members(&request) {
        let mut sent = form_urlencoded::parse(data).filter(|(key, _)| key == name);
        let sent = [sent.next(), sent.next()].map(|pair| pair.map(|(_, value)| value.into_owned()));
        assert_eq!(sent, [field.text().map(str::to_owned), None]);
        if let Some(text) = field.text() {
            again.append_pair(name, text);
        }
    }
    assert_eq!(from_form(again.finish().as_bytes()).ok(), Some(request));
}

/// The request; where there is none, the problem is the client's.
fn check(decoded: Result<RegistrationRequest, Problem>) -> Option<RegistrationRequest> {
    decoded
        .map_err(|problem| assert_eq!((problem.status.as_u16(), problem.code), (400, "malformed")))
        .ok()
}

fn members(request: &RegistrationRequest) -> impl Iterator<Item = (&'static str, &RawField)> {
    let fields = Field::ALL.into_iter().map(|field| (field.as_str(), request.applicant.get(field)));
    fields.chain([("idempotency_key", &request.idempotency_key), ("website", &request.honeypot)])
}

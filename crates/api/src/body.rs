//! From a request's body to what was sent: how long, how large, and in which encoding.

use std::{borrow::Cow, fmt, time::Duration};

use actix_web::{
    HttpRequest,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    web::{Bytes, Payload},
};
use mime::Mime;
use percent_encoding::percent_decode_str;
use registration_domain::{RawField, RawRegistration};
use serde::{Deserialize, Deserializer, de};

use crate::problem::{ApiError, Malformed};

/// The largest body, in bytes.
pub(crate) const LIMIT: usize = 16 * 1024;

/// The encodings that a registration may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Form,
}

/// What was sent: a registration, and what a form sends along with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) registration: RawRegistration,
    /// The key that the form was given out with.
    pub(crate) idempotency_key: RawField,
    /// A field that people do not see, and programs that fill whatever they find do.
    pub(crate) website: RawField,
}

/// The body's encoding, by its headers.
pub(crate) fn kind(request: &HttpRequest) -> Result<Kind, ApiError> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let content_type: Option<Mime> = header(CONTENT_TYPE).and_then(|value| value.parse().ok());
    let content_type = content_type.ok_or(ApiError::UnsupportedMediaType)?;
    let utf8 = content_type.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8);
    let plain = request.headers().get(CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    match content_type.essence_str() {
        _ if !utf8 || !plain => Err(ApiError::UnsupportedMediaType),
        "application/json" => Ok(Kind::Json),
        "application/x-www-form-urlencoded" => Ok(Kind::Form),
        _ => Err(ApiError::UnsupportedMediaType),
    }
}

/// The whole body, if it is small enough and comes soon enough.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: Payload,
    limit: Duration,
) -> Result<Bytes, ApiError> {
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > LIMIT) {
        return Err(ApiError::BodyTooLarge);
    }
    match tokio::time::timeout(limit, payload.to_bytes_limited(LIMIT)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(Malformed::NotWhole.into()),
        Ok(Err(_)) => Err(ApiError::BodyTooLarge),
        Err(_) => Err(ApiError::BodyTooSlow),
    }
}

/// Reads a JSON object. Unknown members are ignored; one that stands twice is an error.
pub(crate) fn json(body: &[u8]) -> Result<Sent, ApiError> {
    // A derived structure would take a list as well.
    if !body.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<de::IgnoredAny>(body).is_ok()
    {
        return Err(Malformed::NotAnObject.into());
    }
    let members: JsonBody = serde_json::from_slice(body).map_err(|_| Malformed::Json)?;
    let registration = RawRegistration {
        first_name: members.first_name.0,
        last_name: members.last_name.0,
        email: members.email.0,
    };
    let (idempotency_key, website) = (members.idempotency_key.0, members.website.0);
    Ok(Sent { registration, idempotency_key, website })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JsonBody {
    first_name: JsonField,
    last_name: JsonField,
    email: JsonField,
    idempotency_key: JsonField,
    website: JsonField,
}

#[derive(Default)]
struct JsonField(RawField);

impl<'de> Deserialize<'de> for JsonField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor).map(Self)
    }
}

/// Takes any JSON value, and tells text from everything else.
struct FieldVisitor;

impl<'de> de::Visitor<'de> for FieldVisitor {
    type Value = RawField;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_str<E>(self, text: &str) -> Result<RawField, E> {
        Ok(RawField::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<RawField, E> {
        Ok(RawField::Text(text))
    }
    fn visit_unit<E>(self) -> Result<RawField, E> {
        Ok(RawField::Missing)
    }
    fn visit_bool<E>(self, _: bool) -> Result<RawField, E> {
        Ok(RawField::NotText)
    }
    fn visit_i64<E>(self, _: i64) -> Result<RawField, E> {
        Ok(RawField::NotText)
    }
    fn visit_u64<E>(self, _: u64) -> Result<RawField, E> {
        Ok(RawField::NotText)
    }
    fn visit_f64<E>(self, _: f64) -> Result<RawField, E> {
        Ok(RawField::NotText)
    }
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<RawField, A::Error> {
        while items.next_element::<de::IgnoredAny>()?.is_some() {}
        Ok(RawField::NotText)
    }
    fn visit_map<A: de::MapAccess<'de>>(self, mut members: A) -> Result<RawField, A::Error> {
        while members.next_entry::<de::IgnoredAny, de::IgnoredAny>()?.is_some() {}
        Ok(RawField::NotText)
    }
}

/// Reads form fields (WHATWG URL, `application/x-www-form-urlencoded`), strictly UTF-8. Unknown
/// fields are ignored; one that stands twice is an error.
pub(crate) fn form(body: &[u8]) -> Result<Sent, ApiError> {
    let body = std::str::from_utf8(body).map_err(|_| Malformed::Form)?;
    let mut sent = Sent::default();
    for pair in body.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8().map(Cow::into_owned)
        };
        let name = decode(name).map_err(|_| Malformed::Form)?;
        let value = decode(value).map_err(|_| Malformed::Form)?;
        let field = match name.as_str() {
            "first_name" => &mut sent.registration.first_name,
            "last_name" => &mut sent.registration.last_name,
            "email" => &mut sent.registration.email,
            "idempotency_key" => &mut sent.idempotency_key,
            "website" => &mut sent.website,
            _ => continue,
        };
        if std::mem::replace(field, RawField::Text(value)) != RawField::Missing {
            return Err(Malformed::Form.into());
        }
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> RawField {
        RawField::Text(text.to_owned())
    }

    #[test]
    fn json_tells_text_from_what_is_missing_and_what_is_neither() {
        let raw = json(br#"{"first_name": "Zo\u00eb", "last_name": null, "email": 5, "x": [1]}"#);
        let raw = raw.unwrap().registration;
        assert_eq!(raw.first_name, text("Zoë"));
        assert_eq!(raw.last_name, RawField::Missing);
        assert_eq!(raw.email, RawField::NotText);
        for other in ["true", "-1", "1.5", "[[]]", r#"{"a": {}}"#] {
            let raw = json(format!(r#" {{"email": {other}}}"#).as_bytes()).unwrap().registration;
            assert_eq!(raw.email, RawField::NotText, "{other}");
        }
    }

    #[test]
    fn json_that_is_no_object_or_not_json_is_malformed() {
        let bodies: [&[u8]; 9] = [
            b"",
            b"{",
            b"[\"Jane\", \"Doe\", \"jane@example.org\"]",
            b"\"text\"",
            b"null",
            b"{\"email\": \"a\", \"email\": \"b\"}",
            b"{\"email\": \"\\ud800\"}",
            b"{\"email\": \"\xff\"}",
            b"{} {}",
        ];
        for body in bodies {
            assert!(matches!(json(body), Err(ApiError::Malformed(_))), "{body:?}");
        }
    }

    #[test]
    fn forms_are_decoded_strictly() {
        let body = b"first_name=Zo%C3%AB+M.&last_name=&extra&email=a%2Bb%40example.org&website=x";
        let sent = form(body).unwrap();
        assert_eq!((sent.website, sent.idempotency_key), (text("x"), RawField::Missing));
        let raw = sent.registration;
        assert_eq!(raw.first_name, text("Zoë M."));
        assert_eq!(raw.last_name, text(""));
        assert_eq!(raw.email, text("a+b@example.org"));
        assert_eq!(form(b"").unwrap(), Sent::default());
        for body in [&b"email=%ff"[..], b"email=\xff", b"email=a&email=b"] {
            assert!(matches!(form(body), Err(ApiError::Malformed(_))), "{body:?}");
        }
    }
}

//! From a body to a [`RegistrationRequest`]: JSON, or a form.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use registration_application::register::RegistrationRequest;
use registration_domain::RawField;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::web::problem::Problem;

/// The member of a request with this name; `None` for an unknown name, which is ignored.
fn member<'a>(request: &'a mut RegistrationRequest, name: &str) -> Option<&'a mut RawField> {
    match name {
        "idempotency_key" => Some(&mut request.idempotency_key),
        "website" => Some(&mut request.honeypot),
        name => name.parse().ok().map(|field| request.applicant.get_mut(field)),
    }
}

/// Reads a JSON object. Unknown members are ignored; a known one that is repeated is an error. A byte
/// order mark is skipped (RFC 8259, section 8.1).
pub(super) fn from_json(body: &[u8]) -> Result<RegistrationRequest, Problem> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    if !body.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<IgnoredAny>(body).is_ok()
    {
        return Err(Problem::malformed(|m| m.not_an_object));
    }
    let JsonRequest(request) =
        serde_json::from_slice(body).map_err(|_| Problem::malformed(|m| m.bad_json))?;
    Ok(request)
}

struct JsonRequest(RegistrationRequest);

impl<'de> Deserialize<'de> for JsonRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = JsonRequest;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<JsonRequest, A::Error> {
        let mut request = RegistrationRequest::default();
        // Which members were present, null included: a default alone does not tell.
        let mut present = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            let Some(field) = member(&mut request, &name) else {
                members.next_value::<IgnoredAny>()?;
                continue;
            };
            let value: &RawValue = members.next_value()?;
            *field = match value.get().as_bytes().first() {
                Some(b'"') => serde_json::from_str(value.get()).map(RawField::Text),
                Some(b'n') => Ok(RawField::Missing),
                _ => Ok(RawField::NotText),
            }
            .map_err(A::Error::custom)?;
            if present.contains(&name) {
                return Err(A::Error::custom("repeated member"));
            }
            present.push(name);
        }
        Ok(JsonRequest(request))
    }
}

/// Reads form fields (WHATWG URL, `application/x-www-form-urlencoded`), strictly UTF-8. Unknown
/// fields are ignored; a known one that is repeated is an error.
pub(super) fn from_form(body: &[u8]) -> Result<RegistrationRequest, Problem> {
    let malformed = || Problem::malformed(|m| m.bad_form);
    let body = std::str::from_utf8(body).map_err(|_| malformed())?;
    let mut request = RegistrationRequest::default();
    for pair in body.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8().map(Cow::into_owned)
        };
        let name = decode(name).map_err(|_| malformed())?;
        let value = decode(value).map_err(|_| malformed())?;
        let Some(field) = member(&mut request, &name) else { continue };
        if std::mem::replace(field, RawField::Text(value)) != RawField::Missing {
            return Err(malformed());
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use registration_domain::Field;

    use super::*;

    fn json(body: &str) -> RegistrationRequest {
        from_json(body.as_bytes()).unwrap()
    }

    #[test]
    fn every_field_is_read_from_json_and_from_forms() {
        for field in Field::ALL {
            let mut expected = RegistrationRequest::default();
            *expected.applicant.get_mut(field) = RawField::from("x y");
            assert_eq!(json(&format!(r#"{{"{field}": "x y"}}"#)), expected);
            assert_eq!(from_form(format!("{field}=x+y").as_bytes()).unwrap(), expected);
        }
    }

    #[test]
    fn json_distinguishes_text_from_missing_and_other_values() {
        let applicant =
            json(r#"{"first_name": "Zo\u00eb", "last_name": null, "email": 5, "x": [1]}"#)
                .applicant;
        assert_eq!(applicant.first_name, RawField::from("Zoë"));
        assert_eq!(applicant.last_name, RawField::Missing);
        assert_eq!(applicant.email, RawField::NotText);
        for other in ["true", "-1", "1.5", "[[]]", r#"{"a": {}}"#] {
            let request = json(&format!(r#" {{"email": {other}}}"#));
            assert_eq!(request.applicant.email, RawField::NotText, "{other}");
        }
        let deep = "[".repeat(1000) + &"]".repeat(1000);
        assert_eq!(
            json(&format!(r#"{{"x": {deep}, "email": {deep}}}"#)).applicant.email,
            RawField::NotText
        );
    }

    #[test]
    fn json_behind_a_byte_order_mark_is_read() {
        assert_eq!(json("\u{FEFF}{\"email\": \"a\"}"), json("{\"email\": \"a\"}"));
    }

    #[test]
    fn json_that_is_malformed_or_no_object_is_refused() {
        let bodies: [&[u8]; 12] = [
            b"",
            b"\xEF\xBB\xBF",
            b"\xEF\xBB\xBF\xEF\xBB\xBF{}",
            b"{",
            b"[\"Jane\", \"Doe\", \"jane@example.org\"]",
            b"\"text\"",
            b"null",
            b"{\"email\": \"a\", \"email\": \"b\"}",
            b"{\"email\": null, \"email\": \"b\"}",
            b"{\"email\": \"\\ud800\"}",
            b"{\"email\": \"\xff\"}",
            b"{} {}",
        ];
        for body in bodies {
            assert_eq!(from_json(body).unwrap_err().code, "malformed", "{body:?}");
        }
    }

    #[test]
    fn forms_are_decoded_strictly() {
        let body = b"first_name=Zo%C3%AB+M.&last_name=&extra&email=a%2Bb%40example.org&website=x";
        let request = from_form(body).unwrap();
        assert_eq!(request.honeypot, RawField::from("x"));
        assert_eq!(request.idempotency_key, RawField::Missing);
        assert_eq!(request.applicant.first_name, RawField::from("Zoë M."));
        assert_eq!(request.applicant.last_name, RawField::from(""));
        assert_eq!(request.applicant.email, RawField::from("a+b@example.org"));
        assert_eq!(from_form(b"").unwrap(), RegistrationRequest::default());
        for body in [&b"email=%ff"[..], b"email=\xff", b"email=a&email=b"] {
            assert_eq!(from_form(body).unwrap_err().code, "malformed", "{body:?}");
        }
    }
}

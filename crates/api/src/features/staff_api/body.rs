//! JSON bodies: an object whose every member is known. A mistyped one would silently lose an edit.

use std::{collections::HashSet, time::Duration};

use actix_web::{
    HttpRequest,
    http::{StatusCode, header::CONTENT_TYPE},
    web::Payload,
};
use registration_domain::{Field, PerField, RawField};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, json};

use crate::web::{
    body::{self, BodyFormat},
    door::MAX_BODY,
    problem::Problem,
};

/// The media type of a merge patch (RFC 7396).
const MERGE_PATCH: &str = "application/merge-patch+json";

/// The members of an object, each once.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// The JSON pointer to the object; empty for the body itself.
    pointer: String,
    members: Vec<(String, Value)>,
}

impl Members {
    /// Reads the body of a request as JSON.
    pub(super) async fn read(
        request: &HttpRequest,
        payload: Payload,
        timeout: Duration,
    ) -> Result<Self, Problem> {
        match body::format(request) {
            Ok(BodyFormat::Json) => {}
            Ok(BodyFormat::Form) => return Err(body::not_json()),
            Err(problem) => return Err(problem),
        }
        Self::parse(&body::read_up_to(request, payload, timeout, MAX_BODY).await?)
    }

    /// As [`read`](Self::read); no member where there is no body.
    pub(super) async fn read_optional(
        request: &HttpRequest,
        payload: Payload,
        timeout: Duration,
    ) -> Result<Self, Problem> {
        let body = body::read_up_to(request, payload, timeout, MAX_BODY).await?;
        if body.is_empty() { Ok(Self::default()) } else { Self::parse(&body) }
    }

    /// Reads the body of a request as a merge patch, which may also be sent as plain JSON.
    pub(super) async fn read_patch(
        request: &HttpRequest,
        payload: Payload,
        timeout: Duration,
    ) -> Result<Self, Problem> {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case(MERGE_PATCH) {
            return Self::read(request, payload, timeout).await;
        }
        Self::parse(&body::read_up_to(request, payload, timeout, MAX_BODY).await?)
    }

    pub(super) fn parse(body: &[u8]) -> Result<Self, Problem> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        if !body.trim_ascii_start().starts_with(b"{")
            && serde_json::from_slice::<IgnoredAny>(body).is_ok()
        {
            return Err(Problem::malformed(|m| m.not_an_object));
        }
        let unique = serde_json::from_slice::<Unique>(body);
        let members = unique.and_then(|Unique| serde_json::from_slice(body));
        members.map_err(|_| Problem::malformed(|m| m.bad_json))
    }

    /// The members in their order.
    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.members).unwrap_or_default()
    }

    /// Takes a member out; `None` where it is missing.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.members.iter().position(|(found, _)| found == name)?;
        Some(self.members.swap_remove(place).1)
    }

    /// Takes true or false out; `None` where it is missing.
    pub(super) fn take_flag(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.invalid(name, "type")),
        }
    }

    /// Takes a text out; `None` where it is missing or null.
    pub(super) fn take_text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.invalid(name, "type")),
        }
    }

    /// Takes an object out; `None` where it is missing or null.
    pub(super) fn take_object(&mut self, name: &'static str) -> Result<Option<Self>, Problem> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self {
                pointer: format!("{}/{name}", self.pointer),
                members: members.into_iter().collect(),
            })),
            Some(_) => Err(self.invalid(name, "type")),
        }
    }

    /// The members that are left.
    pub(super) fn into_members(self) -> Vec<(String, Value)> {
        self.members
    }

    /// Takes the fields of an applicant out; `None` for a missing one.
    pub(super) fn take_values(&mut self) -> PerField<Option<RawField>> {
        PerField::from_fn(|field: Field| {
            Some(match self.take(field.as_str())? {
                Value::String(text) => RawField::Text(text),
                Value::Null => RawField::Missing,
                _ => RawField::NotText,
            })
        })
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// A member is left: it is unknown.
    pub(super) fn end(&self) -> Result<(), Problem> {
        match self.members.first() {
            None => Ok(()),
            Some((name, _)) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let name = name.replace('~', "~0").replace('/', "~1");
                let pointer = format!("{}/{name}", self.pointer);
                let errors = json!([{"pointer": pointer, "code": "unknown_field"}]);
                Err(Problem::new(status, "unknown_field", |m| m.unknown_field)
                    .with_member("errors", errors))
            }
        }
    }

    /// The problem of a member with an invalid value.
    pub(super) fn invalid(&self, name: &'static str, code: &'static str) -> Problem {
        let pointer = format!("{}/{name}", self.pointer);
        let errors = json!([{"pointer": pointer, "field": name, "code": code}]);
        Problem::invalid_fields().with_member("errors", errors)
    }
}

/// What stands at a JSON pointer is invalid.
pub(super) fn invalid_at(pointer: &str, code: &'static str) -> Problem {
    let errors = json!([{"pointer": pointer, "code": code}]);
    Problem::invalid_fields().with_member("errors", errors)
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
        let mut members: Vec<(String, Value)> = Vec::new();
        while let Some(member) = access.next_entry::<String, Value>()? {
            members.push(member);
        }
        Ok(Members { pointer: String::new(), members })
    }
}

/// JSON whose objects have each member once.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
        let mut names = HashSet::new();
        while let Some((name, Unique)) = access.next_entry::<String, Unique>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("repeated member"));
            }
        }
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
        while access.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> &'static str {
        let read = Members::parse(body.as_bytes()).and_then(|mut members| {
            members.take_text("note")?;
            members.take_values();
            members.end()
        });
        read.map_or_else(|problem| problem.code, |()| "")
    }

    #[test]
    fn every_member_is_known_and_there_once() {
        assert_eq!(code(r#"{"first_name": "Zoë", "note": null}"#), "");
        assert_eq!(code(r#"{"fist_name": "Zoë"}"#), "unknown_field");
        assert_eq!(code(r#"{"note": 7}"#), "invalid_fields");
        for malformed in [
            "",
            "[]",
            "[{}]",
            "null",
            "7",
            "{",
            r#"{"note": "a", "note": "b"}"#,
            r#"{"do": [{"a": 1, "a": 1}]}"#,
            "{}x",
        ] {
            assert_eq!(code(malformed), "malformed", "{malformed}");
        }
    }

    #[test]
    fn what_a_patch_leaves_out_is_told_from_what_it_removes() {
        let mut members = Members::parse(br#"{"last_name": null, "email": [1]}"#).unwrap();
        let values = members.take_values();
        assert_eq!(values.first_name, None);
        assert_eq!(
            (values.last_name, values.email),
            (Some(RawField::Missing), Some(RawField::NotText))
        );
    }
}

//! Made-up people, and the bodies that register them. A person is a number: the number of the
//! request that registers them first. Nothing here is sent: `client.rs`.

use std::fmt::{self, Write as _};

use bytes::{Bytes, BytesMut};

use crate::mix::Kind;

/// The people of one run, whom no other run makes up.
#[derive(Clone, Debug)]
pub(crate) struct People {
    prefix: String,
}

impl People {
    /// `prefix` must be fit for an address as it is; see [`check_prefix`].
    pub(crate) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    /// A person's address.
    pub(crate) fn email(&self, person: u64) -> impl fmt::Display {
        fmt::from_fn(move |f| write!(f, "n{person}.{}@example.org", self.prefix))
    }

    /// The idempotency key that a person's registration has.
    pub(crate) fn key(&self, person: u64) -> String {
        format!("{}-{person}", self.prefix)
    }

    /// The body of a request, written with what `buffer` has room for.
    pub(crate) fn body(&self, kind: Kind, person: u64, buffer: &mut BytesMut) -> Bytes {
        buffer.reserve(Self::LONGEST_BODY);
        // Writing to memory does not fail.
        let _ = match kind {
            Kind::Form => write!(
                buffer,
                "first_name=Zo%C3%AB&last_name=Bront%C3%AB&email=n{person}.{}%40example.org",
                self.prefix
            ),
            Kind::Invalid => Self::json(buffer, format_args!("n{person}.{}", self.prefix)),
            Kind::New | Kind::Duplicate | Kind::Keyed | Kind::Repeat => {
                Self::json(buffer, self.email(person))
            }
        };
        buffer.split().freeze()
    }

    fn json(buffer: &mut BytesMut, email: impl fmt::Display) -> fmt::Result {
        write!(buffer, r#"{{"first_name":"Zoë","last_name":"Brontë","email":"{email}"}}"#)
    }

    /// Room for each body with the longest prefix and number.
    const LONGEST_BODY: usize = 256;
}

/// The longest prefix: addresses stay well within what the service takes.
const LONGEST_PREFIX: usize = 40;

/// Whether `text` can stand in an address, in JSON and in a form as it is.
pub(crate) fn check_prefix(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=LONGEST_PREFIX).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err(format!("write 1 to {LONGEST_PREFIX} letters, digits and hyphens"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(kind: Kind) -> String {
        let people = People::new("p-1".to_owned());
        let body = people.body(kind, 7, &mut BytesMut::new());
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn bodies_are_what_they_are_called() {
        let json: serde_json::Value = serde_json::from_str(&body(Kind::New)).unwrap();
        assert_eq!(json["email"], "n7.p-1@example.org");
        assert_eq!(json["first_name"], "Zoë");
        let json: serde_json::Value = serde_json::from_str(&body(Kind::Invalid)).unwrap();
        assert_eq!(json["email"], "n7.p-1");
        assert_eq!(body(Kind::Repeat), body(Kind::Keyed));
        let form = "first_name=Zo%C3%AB&last_name=Bront%C3%AB&email=n7.p-1%40example.org";
        assert_eq!(body(Kind::Form), form);
    }

    #[test]
    fn the_longest_body_has_room() {
        let people = People::new("p".repeat(LONGEST_PREFIX));
        for kind in Kind::ALL {
            let body = people.body(kind, u64::MAX, &mut BytesMut::new());
            assert!(body.len() <= People::LONGEST_BODY, "{kind:?}: {}", body.len());
        }
    }

    #[test]
    fn prefixes_are_plain() {
        assert!(check_prefix("Run-2").is_ok());
        for mistake in ["", "a b", "a@b", "a.b", "\"", "é", &"p".repeat(41)] {
            assert!(check_prefix(mistake).is_err(), "{mistake}");
        }
    }
}

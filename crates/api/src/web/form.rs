//! A posted form of the office (WHATWG URL, `application/x-www-form-urlencoded`), strictly UTF-8.

use std::{borrow::Cow, time::Duration};

use actix_web::{HttpRequest, web::Payload};
use percent_encoding::percent_decode_str;

use super::{
    body::{self, BodyFormat},
    problem::Problem,
};

/// The fields of a form, in order.
#[derive(Clone, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the form that a request posts.
    pub(crate) async fn read(
        request: &HttpRequest,
        payload: Payload,
        timeout: Duration,
        max: usize,
    ) -> Result<Self, Problem> {
        let format = body::format(request);
        let body = body::read_up_to(request, payload, timeout, max).await?;
        match format? {
            BodyFormat::Form => Self::parse(&body),
            BodyFormat::Json => Err(body::not_form()),
        }
    }

    /// Reads encoded fields.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Problem> {
        let malformed = || Problem::malformed(|m| m.bad_form);
        let body = str::from_utf8(body).map_err(|_| malformed())?;
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8().map(Cow::into_owned).map_err(|_| malformed())
        };
        let pairs = body.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// The value of a field; empty where it is missing, the first where there are several.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value)
    }

    /// Every value of a field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Every field.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Debug output shows no value: they are personal data.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_in_order_and_may_be_repeated() {
        let form = Form::parse(b"name=Zo%C3%AB+B&scopes=a&scopes=b&&flag").unwrap();
        assert_eq!(form.get("name"), "Zoë B");
        assert_eq!(form.all("scopes").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((form.get("flag"), form.get("missing")), ("", ""));
        assert_eq!(format!("{form:?}"), r#"["name", "scopes", "scopes", "flag"]"#);
        assert!(Form::parse(b"name=%FF").is_err() && Form::parse(&[0xFF]).is_err());
    }
}

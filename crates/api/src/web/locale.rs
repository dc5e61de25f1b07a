//! The language of a response, explicit in the address or negotiated, and the links that keep it.

use std::{convert::Infallible, future};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{AcceptLanguage, Header as _, Quality},
};

use super::base_path::BasePath;
use crate::i18n::{Language, Messages};

/// The language of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestLocale {
    pub(crate) language: Language,
    /// Whether `?lang=` named it: links then carry it from page to page.
    is_explicit: bool,
    base: BasePath,
}

impl RequestLocale {
    /// The language that `?lang=` names, or else the supported language that `Accept-Language`
    /// (RFC 9110, section 12.5.4) prefers.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let parameters = request.query_string().split('&');
        let explicit = parameters
            .filter_map(|parameter| parameter.strip_prefix("lang="))
            .find_map(Language::of_tag);
        let base = BasePath::of(request);
        match explicit {
            Some(language) => Self { language, is_explicit: true, base },
            None => Self { language: preferred_language(request), is_explicit: false, base },
        }
    }

    /// The messages of the language.
    pub(crate) fn messages(self) -> &'static Messages {
        self.language.messages()
    }

    /// A link to `path` that keeps an explicit language.
    pub(crate) fn href(self, path: &str) -> String {
        if self.is_explicit { self.href_in(path, self.language) } else { self.path(path) }
    }

    /// A link to `path` with these parameters, that keeps an explicit language.
    pub(crate) fn href_with(self, path: &str, parameters: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters);
        if self.is_explicit {
            query.append_pair("lang", self.language.tag());
        }
        let query = query.finish();
        let path = self.path(path);
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }

    /// A link to `path` in this language.
    pub(crate) fn href_in(self, path: &str, language: Language) -> String {
        format!("{}?lang={}", self.path(path), language.tag())
    }

    /// A link to `path` without a language.
    pub(crate) fn path(self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

impl FromRequest for RequestLocale {
    type Error = Infallible;
    type Future = future::Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        future::ready(Ok(Self::of(request)))
    }
}

fn preferred_language(request: &HttpRequest) -> Language {
    let accepted = AcceptLanguage::parse(request).map(|accepted| accepted.0).unwrap_or_default();
    let mut best: Option<(Language, Quality)> = None;
    for item in accepted {
        let language = item.item.item().and_then(|tag| Language::of_tag(tag.as_str()));
        let threshold = best.map_or(Quality::ZERO, |(_, quality)| quality);
        if let Some(language) = language
            && item.quality > threshold
        {
            best = Some((language, item.quality));
        }
    }
    best.map_or(Language::ALL[0], |(language, _)| language)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_language_is_explicit_or_negotiated() {
        for (uri, accepted, language) in [
            ("/", "", "en"),
            ("/", "it", "it"),
            ("/", "it-CH, it;q=0.9, en;q=0.8", "it"),
            ("/", "de, en;q=0.5, it;q=0.7", "it"),
            ("/", "it;q=0, en", "en"),
            ("/", "it;q=0", "en"),
            ("/", "fr, *;q=0.5", "en"),
            ("/", "§", "en"),
            ("/?lang=it", "en", "it"),
            ("/?x=1&lang=en", "it", "en"),
            ("/?lang=xx", "it", "it"),
        ] {
            let request = TestRequest::with_uri(uri).insert_header(("Accept-Language", accepted));
            let locale = RequestLocale::of(&request.to_http_request());
            assert_eq!(locale.language.tag(), language, "{uri} {accepted}");
            let explicit = uri.contains("lang=it") || uri.contains("lang=en");
            let href = if explicit { format!("/?lang={language}") } else { "/".to_owned() };
            assert_eq!(locale.href("/"), href, "{uri} {accepted}");
        }
    }
}

//! What kind of answer a client would rather have, and in which language.

use std::{convert::Infallible, future};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{Accept, AcceptLanguage, Header as _, Quality, QualityItem},
};
use mime::Mime;

use crate::words::{Language, Words};

/// What answers depend on, for caches.
pub(crate) const VARY: &str = "Accept, Accept-Language";

/// The kinds of answer that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Representation {
    /// A page, for browsers.
    Html,
    /// JSON, for programs.
    Json,
    /// Neither was asked for by name.
    Other,
}

/// What `Accept` (RFC 9110, section 12.5.1) asks for by name. Wildcards name nothing; a header
/// that is missing or malformed asks for nothing; of equals the first counts.
pub(crate) fn preferred(request: &HttpRequest) -> Representation {
    let Ok(Accept(items)) = Accept::parse(request) else {
        return Representation::Other;
    };
    let mut best: Option<&QualityItem<Mime>> = None;
    for item in &items {
        let better = best.is_none_or(|best| item.quality > best.quality);
        if better && item.quality > Quality::ZERO {
            best = Some(item);
        }
    }
    match best.map(|item| item.item.essence_str()) {
        Some("text/html" | "application/xhtml+xml") => Representation::Html,
        Some("application/json" | "application/problem+json") => Representation::Json,
        _ => Representation::Other,
    }
}

/// The language of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Speech {
    pub(crate) language: Language,
    /// Whether somebody has chosen it on the page: then it goes along from page to page.
    chosen: bool,
}

impl Speech {
    /// The language that `?lang=` names, or else the one of ours that `Accept-Language` (RFC 9110,
    /// section 12.5.4) likes best.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let parameters = request.query_string().split('&');
        let chosen = parameters
            .filter_map(|parameter| parameter.strip_prefix("lang="))
            .find_map(Language::of_tag);
        match chosen {
            Some(language) => Self { language, chosen: true },
            None => Self { language: preferred_language(request), chosen: false },
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        self.language.words()
    }

    /// `path`, in the language that was chosen.
    pub(crate) fn keep(self, path: &str) -> String {
        if self.chosen { Self::choose(path, self.language) } else { path.to_owned() }
    }

    /// `path`, in this language.
    pub(crate) fn choose(path: &str, language: Language) -> String {
        format!("{path}?lang={}", language.tag())
    }
}

impl FromRequest for Speech {
    type Error = Infallible;
    type Future = future::Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        future::ready(Ok(Self::of(request)))
    }
}

fn preferred_language(request: &HttpRequest) -> Language {
    let liked = AcceptLanguage::parse(request).map(|liked| liked.0).unwrap_or_default();
    let mut best: Option<(Language, Quality)> = None;
    for item in liked {
        let language = item.item.item().and_then(|tag| Language::of_tag(tag.as_str()));
        let least = best.map_or(Quality::ZERO, |(_, quality)| quality);
        if let Some(language) = language
            && item.quality > least
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
    fn the_language_is_the_one_chosen_or_the_one_liked_best() {
        for (uri, liked, language) in [
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
            let request = TestRequest::with_uri(uri).insert_header(("Accept-Language", liked));
            let speech = Speech::of(&request.to_http_request());
            assert_eq!(speech.language.tag(), language, "{uri} {liked}");
            let chosen = uri.contains("lang=it") || uri.contains("lang=en");
            let kept = if chosen { format!("/?lang={language}") } else { "/".to_owned() };
            assert_eq!(speech.keep("/"), kept, "{uri} {liked}");
        }
    }
}

//! What kind of answer a client would rather have.

use actix_web::{
    HttpRequest,
    http::header::{Accept, Header as _, QualityItem},
};
use mime::Mime;

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
        if better && item.quality > actix_web::http::header::Quality::ZERO {
            best = Some(item);
        }
    }
    match best.map(|item| item.item.essence_str()) {
        Some("text/html" | "application/xhtml+xml") => Representation::Html,
        Some("application/json" | "application/problem+json") => Representation::Json,
        _ => Representation::Other,
    }
}

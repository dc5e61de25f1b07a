//! Content negotiation by `Accept`.

use actix_web::{
    HttpRequest,
    http::header::{Accept, Header as _, Quality, QualityItem},
};
use mime::Mime;

/// The request headers that responses depend on, for caches.
pub(crate) const VARY: &str = "Accept, Accept-Language";

/// The representation of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Representation {
    /// A page, for browsers.
    Html,
    /// JSON, for programs.
    Json,
    /// Neither was requested by name.
    Other,
}

/// The representation that `Accept` (RFC 9110, section 12.5.1) requests by name. Wildcards name
/// nothing; a missing or malformed header requests nothing; of equal weights the first wins.
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

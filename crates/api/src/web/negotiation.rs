//! Content negotiation by `Accept`.

use actix_web::{HttpRequest, http::header::ACCEPT};

/// The request headers that responses depend on, for caches.
pub(crate) const VARY: &str = "Accept, Accept-Language";

/// The representation of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Representation {
    /// A page, for browsers.
    Html,
    /// JSON, for programs.
    Json,
    /// Plain text, or whatever the endpoint gives to clients that request neither of the two.
    Other,
}

impl Representation {
    /// The media types that request it by name.
    const fn types(self) -> &'static [&'static str] {
        match self {
            Self::Html => &["text/html", "application/xhtml+xml"],
            Self::Json => &["application/json", "application/problem+json"],
            Self::Other => &["text/plain"],
        }
    }
}

/// The best representation that `Accept` (RFC 9110, section 12.5.1) allows, by its weight. Of equal
/// weights one that is named wins over one that a wildcard allows, then the first in the header. A
/// client that allows none of them, or sends no header, gets [`Representation::Other`].
pub(crate) fn preferred(request: &HttpRequest) -> Representation {
    let headers = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let ranges: Vec<_> = headers.flat_map(|value| value.split(',')).filter_map(Range::of).collect();
    let mut best = (Representation::Other, Preference::default());
    for representation in [Representation::Other, Representation::Json, Representation::Html] {
        let preference = Preference::of(representation, &ranges);
        if preference.weight > 0.0 && preference.is_over(&best.1) {
            best = (representation, preference);
        }
    }
    best.0
}

/// An item of `Accept`: a media range and its weight.
struct Range<'a> {
    media: &'a str,
    weight: f32,
}

impl<'a> Range<'a> {
    /// `text/html;q=0.9`; `None` for text that is no range, which is skipped.
    fn of(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().filter(|media| media.contains('/'))?;
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let weight = weight.map_or(Some(1.0), |weight| weight.parse().ok())?;
        (0.0..=1.0).contains(&weight).then_some(Self { media, weight })
    }
}

/// How much a client wants a representation.
#[derive(Default)]
struct Preference {
    weight: f32,
    /// 2 by its name, 1 by a range such as `text/*`, 0 by `*/*`.
    precision: u8,
    /// The position in the header.
    position: usize,
}

impl Preference {
    /// By the most precise range that covers the representation.
    fn of(representation: Representation, ranges: &[Range<'_>]) -> Self {
        let mut found = Self::default();
        for (position, range) in ranges.iter().enumerate() {
            let precision = representation.types().iter().filter_map(|name| {
                let (kind, _) = name.split_once('/')?;
                match range.media.split_once('/')? {
                    ("*", "*") => Some(0),
                    (range, "*") if range.eq_ignore_ascii_case(kind) => Some(1),
                    _ if range.media.eq_ignore_ascii_case(name) => Some(2),
                    _ => None,
                }
            });
            let Some(precision) = precision.max() else { continue };
            let preference = Self { weight: range.weight, precision, position };
            let replaces = precision > found.precision || preference.weight > found.weight;
            if precision >= found.precision && replaces {
                found = preference;
            }
        }
        found
    }

    fn is_over(&self, other: &Self) -> bool {
        let by_rank =
            self.weight.total_cmp(&other.weight).then(self.precision.cmp(&other.precision));
        // A range covers several representations: the first of them stays.
        by_rank.then(other.position.cmp(&self.position)).is_gt()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_best_of_the_available_representations_is_chosen() {
        use Representation::{Html, Json, Other};
        for (accept, representation) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", Html),
            // WebKit until 2010, and the browser of Android until 4.4.
            (
                "application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,\
                 image/png,*/*;q=0.5",
                Html,
            ),
            ("text/x-component, text/html", Html),
            ("image/webp, text/html;q=0.5", Html),
            ("TEXT/HTML ; Q=.5", Html),
            ("text/html;level=1;q=0.9, application/json;q=0.8", Html),
            ("*/*, text/html", Html),
            // Java's HttpURLConnection.
            ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", Html),
            ("application/vnd.api+json, application/json;q=0.9", Json),
            ("application/json, text/html", Json),
            ("application/problem+json", Json),
            ("application/*", Json),
            ("text/plain;q=0, */*", Json),
            ("text/html;q=0.4, text/plain;q=0.5", Other),
            ("text/html;q=0.5, */*", Other),
            ("text/html;q=0, */*", Other),
            ("*/*", Other),
            ("text/*", Other),
            ("image/png", Other),
            ("text/html;q=0", Other),
            ("text/html;q=7", Other),
            ("text/html;q=x", Other),
            ("nonsense", Other),
            ("", Other),
        ] {
            let request = TestRequest::get().insert_header((ACCEPT, accept)).to_http_request();
            assert_eq!(preferred(&request), representation, "{accept}");
        }
        let request = TestRequest::get();
        let request = request.append_header((ACCEPT, "image/png"));
        let request = request.append_header((ACCEPT, "text/html;q=0.1")).to_http_request();
        assert_eq!(preferred(&request), Html);
        assert_eq!(preferred(&TestRequest::get().to_http_request()), Other);
    }
}

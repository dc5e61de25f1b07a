//! `If-Match` (RFC 9110, section 13.1.1): a change names the version that its caller saw.

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{IF_MATCH, IF_NONE_MATCH},
    },
};
use registration_domain::Version;

use crate::web::{header_fields::only, problem::Problem};

/// The version that `If-Match` names: one strong tag. Without one, or with `*`, a change could
/// overwrite what its caller has not seen.
pub(super) fn version(request: &HttpRequest) -> Result<Version, Problem> {
    let required = || {
        Problem::new(StatusCode::PRECONDITION_REQUIRED, "precondition_required", |m| {
            m.precondition_required
        })
    };
    let tag = only(request.headers(), &IF_MATCH).ok_or_else(required)?.trim();
    if tag == "*" {
        return Err(required());
    }
    let number = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    let version = number.and_then(|number| number.parse().ok()).and_then(Version::new);
    let version = version.filter(|version| tag == format!("\"{version}\""));
    // A weak tag, a list or text that is no version matches no student.
    version.ok_or_else(Problem::precondition_failed)
}

/// Whether the caller has this version already (`If-None-Match`).
pub(super) fn is_known(request: &HttpRequest, version: Version) -> bool {
    let Some(tags) = only(request.headers(), &IF_NONE_MATCH) else { return false };
    let tag = format!("\"{version}\"");
    tags.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_change_names_one_version() {
        let code = |values: &[&str]| {
            let mut request = TestRequest::default();
            for value in values {
                request = request.append_header((IF_MATCH, *value));
            }
            match version(&request.to_http_request()) {
                Ok(version) => version.to_string(),
                Err(problem) => problem.code.to_owned(),
            }
        };
        assert_eq!(code(&["\"7\""]), "7");
        for missing in [&[][..], &["*"], &["\"7\"", "\"8\""]] {
            assert_eq!(code(missing), "precondition_required", "{missing:?}");
        }
        for other in ["W/\"7\"", "\"7\", \"8\"", "7", "\"0\"", "\"07\"", "\"+7\"", "\"x\"", ""] {
            assert_eq!(code(&[other]), "precondition_failed", "{other}");
        }
    }

    #[test]
    fn a_known_version_is_recognised() {
        let seven = Version::new(7).unwrap();
        for (tags, known) in [
            ("\"7\"", true),
            ("W/\"7\"", true),
            ("\"6\", \"7\"", true),
            ("*", true),
            ("\"6\"", false),
        ] {
            let request = TestRequest::default().insert_header((IF_NONE_MATCH, tags));
            assert_eq!(is_known(&request.to_http_request(), seven), known, "{tags}");
        }
    }
}

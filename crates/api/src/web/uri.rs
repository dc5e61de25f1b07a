//! The path of a request, changed before it is routed.

use actix_web::{dev::ServiceRequest, http::Uri};

/// Replaces the path of a request, and keeps its query. A text that is no path changes nothing.
pub(crate) fn set_path(request: &mut ServiceRequest, path: &str) {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = format!("{path}{query}").parse().ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}

//! `/api/me`: who asks, and what they may do.

use actix_web::HttpResponse;
use registration_application::desk::access::Key;
use registration_domain::Permission;
use serde_json::json;

use crate::web::door::SignedIn;

pub(crate) async fn get(SignedIn(caller): SignedIn) -> HttpResponse {
    let scopes = Permission::ALL.into_iter().filter(|permission| caller.may(*permission));
    let scopes: Vec<_> = scopes.filter_map(Permission::scope).collect();
    let by = match caller.key {
        Key::Session(_) => "session",
        Key::Token(_) => "token",
    };
    HttpResponse::Ok().json(json!({
        "id": caller.staff.id.to_string(),
        "name": caller.staff.display_name(),
        "email": caller.staff.email.as_str(),
        "role": caller.staff.role.as_str(),
        "by": by,
        "scopes": scopes,
    }))
}

//! `GET /students/{id}`: that a student is registered, and since when. No name or address: the link
//! may be shared, and there is no sign-in.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderValue, VARY},
    web::{Data, Path},
};
use askama::Template;
use chrono::{DateTime, Datelike as _, Utc};
use registration_application::{
    rate_limit::RateLimits,
    students::{FindError, FindStudent},
};
use registration_domain::StudentId;
use serde_json::json;

use crate::web::{
    client_address::{self, TrustedProxies},
    locale::RequestLocale,
    negotiation::{self, Representation, preferred},
    pages::{self, Layout},
    path_id, paths,
    problem::Problem,
    rate_limit,
    reference::SupportReference,
    time::rfc3339,
};

/// What the handler uses.
pub(crate) struct Students {
    pub(crate) find: FindStudent,
    pub(crate) limits: Arc<RateLimits>,
    pub(crate) trusted_proxies: TrustedProxies,
}

pub(crate) async fn student(
    request: HttpRequest,
    id: Path<String>,
    feature: Data<Students>,
    locale: RequestLocale,
) -> Result<HttpResponse, Problem> {
    let id = path_id::parse(&id)?;
    let client = client_address::address(request.head(), feature.trusted_proxies);
    rate_limit::check(&request, feature.limits.check_read(client), |m| m.reads_limited)?;
    let registered_at = registered_at(&feature.find, id).await?;
    let mut response = if preferred(&request) == Representation::Html {
        pages::html(locale, &ConfirmationPage::new(id, registered_at, locale))?
    } else {
        let body = json!({"id": id.to_string(), "created_at": rfc3339(registered_at)});
        HttpResponse::Ok().json(body)
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static(negotiation::VARY));
    Ok(response)
}

#[tracing::instrument(name = "find_student_handler", skip_all)]
async fn registered_at(find: &FindStudent, id: StudentId) -> Result<DateTime<Utc>, Problem> {
    match find.registered_at(id).await {
        Ok(found) => found.ok_or_else(Problem::not_found),
        Err(FindError::TimedOut(error)) => Err(error.into()),
        Err(FindError::Repository(error)) => Err(error.into()),
    }
}

/// The page that confirms a registration.
#[derive(Template)]
#[template(path = "public/confirmation.html")]
struct ConfirmationPage {
    layout: Layout,
    number: SupportReference,
    created_at: String,
    registered_at: String,
}

impl ConfirmationPage {
    fn new(id: StudentId, registered_at: DateTime<Utc>, locale: RequestLocale) -> Self {
        let months = &locale.messages().confirmation.months;
        let month = months.get(registered_at.month0() as usize).copied().unwrap_or_default();
        let (day, rest) = (registered_at.day(), registered_at.format("%Y, %H:%M UTC"));
        Self {
            layout: Layout::new(locale, &paths::student(id)),
            number: SupportReference::of_student(id),
            created_at: rfc3339(registered_at),
            registered_at: format!("{day} {month} {rest}"),
        }
    }
}

//! Renders problems, of handlers and of the framework, and logs the failures of the service.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, ContentType, HeaderValue},
    },
    middleware::Next,
};
use askama::Template as _;
use registration_application::error_chain;

use crate::web::{
    door,
    locale::RequestLocale,
    negotiation::{self, Representation},
    pages::{ErrorPage, Layout},
    paths,
    problem::{Problem, ProblemContext},
    reference::SupportReference,
};

/// The middleware.
pub(crate) async fn render(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    let request = response.request();
    let failed = FailedRequest(request);
    let rendered = match response.response().error() {
        Some(error) => Some(match error.as_error::<Problem>() {
            Some(problem) => failed.log_and_render(problem),
            None => failed.log_and_render(&Problem::of_framework(response.status())),
        }),
        // The compressing middleware answers in plain text.
        None if response.status() == StatusCode::NOT_ACCEPTABLE => {
            let mut rendered = failed.log_and_render(&Problem::not_acceptable());
            let vary = HeaderValue::from_static("Accept-Encoding");
            rendered.headers_mut().append(header::VARY, vary);
            Some(rendered)
        }
        None => None,
    };
    Ok(match rendered {
        Some(rendered) => response.into_response(rendered),
        None => response.map_into_boxed_body(),
    })
}

/// A request that has failed.
struct FailedRequest<'a>(&'a HttpRequest);

impl FailedRequest<'_> {
    fn log_and_render(&self, problem: &Problem) -> HttpResponse {
        log(problem);
        let trace_id = registration_telemetry::current_trace_id();
        let reference =
            trace_id.as_deref().map(|id| SupportReference::of_trace(id).attach_to(self.0));
        self.render(problem, trace_id.as_deref(), reference.as_ref())
    }

    fn render(
        &self,
        problem: &Problem,
        trace_id: Option<&str>,
        reference: Option<&SupportReference>,
    ) -> HttpResponse {
        let locale = RequestLocale::of(self.0);
        let mut response = HttpResponse::build(problem.status);
        response.insert_header((header::VARY, negotiation::VARY));
        response.insert_header((header::CONTENT_LANGUAGE, locale.language.tag()));
        if let Some((name, value)) = &problem.header {
            response.insert_header((name, *value));
        }
        if let Some(challenge) = problem.challenge() {
            response.insert_header((header::WWW_AUTHENTICATE, challenge.clone()));
        }
        if let Some(seconds) = problem.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if problem.closes_connection {
            response.force_close();
        }
        let page = problem.page(reference.cloned()).or_else(|| {
            let wants_page = negotiation::preferred(self.0) == Representation::Html
                && !door::is_api(self.0.path());
            let layout = || Layout::new(locale, paths::HOME);
            let public = || ErrorPage::new(problem, layout(), reference.cloned()).render().ok();
            let page = || door::error_page(self.0, problem, reference.cloned()).or_else(public);
            wants_page.then(page).flatten()
        });
        if let Some(page) = page {
            return response.content_type(ContentType::html()).body(page);
        }
        let path = locale.path(self.0.path());
        let context = ProblemContext { path: &path, trace_id, reference };
        let body = problem.to_json(context, locale.messages());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json")).body(body)
    }
}

/// Records a failure of the service once: on the request's span and in the log, by the names of
/// OpenTelemetry's conventions.
fn log(problem: &Problem) {
    let Some(cause) = problem.cause.as_deref().filter(|_| problem.status.is_server_error()) else {
        return;
    };
    let (kind, message) = (problem.reason, error_chain(cause));
    registration_telemetry::record_exception(kind, &message);
    if problem.status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(exception.type = kind, exception.message = message, "Request failed unexpectedly");
    } else {
        tracing::warn!(exception.type = kind, exception.message = message, "Request could not be served");
    }
}

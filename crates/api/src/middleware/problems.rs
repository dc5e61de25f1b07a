//! Renders whatever went wrong, in a handler or in the framework. The one place where failures of
//! our own are logged.

use actix_web::{
    Error, HttpRequest, HttpResponse, HttpResponseBuilder,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, ContentType},
    },
    middleware::Next,
    web::Data,
};
use askama::Template as _;

use crate::{
    app::App,
    chain::chain,
    negotiation::{self, Representation, Speech},
    observed,
    pages::{ErrorPage, FormPage},
    problem::{ApiError, Failure, Place, Problem},
    reference::Reference,
};

/// The middleware.
pub(crate) async fn render(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    let request = response.request();
    let rendered = match response.response().error() {
        Some(error) => match error.as_error::<Failure>() {
            Some(failure) => Some(Asked(request).log_and_render(failure)),
            None => {
                let failure = ApiError::Framework(response.status()).into();
                Some(Asked(request).log_and_render(&failure))
            }
        },
        None => None,
    };
    Ok(match rendered {
        Some(rendered) => response.into_response(rendered),
        None => response.map_into_boxed_body(),
    })
}

/// A request that has failed.
struct Asked<'a>(&'a HttpRequest);

impl Asked<'_> {
    fn log_and_render(&self, failure: &Failure) -> HttpResponse {
        let error = &failure.error;
        let status = error.status();
        match error {
            // The prober logs that the service is not ready, and asks often; the panic hook has
            // logged a panic.
            ApiError::NotReady { .. } | ApiError::Panicked => {}
            error if status.is_server_error() => log(error, status),
            _ => {}
        }
        let trace_id = registration_telemetry::current_trace_id();
        let reference = trace_id.as_deref().map(|id| Reference::of_trace(id).note(self.0));
        self.render(failure, trace_id.as_deref(), reference.as_ref())
    }

    fn render(
        &self,
        failure: &Failure,
        trace_id: Option<&str>,
        reference: Option<&Reference>,
    ) -> HttpResponse {
        let (error, speech) = (&failure.error, Speech::of(self.0));
        let mut response = HttpResponse::build(error.status());
        response.insert_header((header::VARY, negotiation::VARY));
        response.insert_header((header::CONTENT_LANGUAGE, speech.language.tag()));
        add_headers(&mut response, error);
        if let Some(page) = self.page(failure, speech, reference.cloned()) {
            return response.content_type(ContentType::html()).body(page);
        }
        let place = Place { path: self.0.path(), trace_id, reference };
        let problem = Problem::new(error, place, speech.words());
        let problem = serde_json::to_string(&problem).unwrap_or_default();
        response.insert_header((header::CONTENT_TYPE, "application/problem+json")).body(problem)
    }

    /// The failure as a page, where it is to be one.
    fn page(
        &self,
        failure: &Failure,
        speech: Speech,
        reference: Option<Reference>,
    ) -> Option<String> {
        let error = &failure.error;
        match (&failure.form, self.0.app_data::<Data<App>>()) {
            (Some(sent), Some(app)) => {
                let page = FormPage::again(app, speech, sent, error, reference).ok()?;
                page.render().ok()
            }
            _ if negotiation::preferred(self.0) == Representation::Html => {
                ErrorPage::new(error, speech, reference).render().ok()
            }
            _ => None,
        }
    }
}

/// Records a failure of our own, once: on the request's span and in the log, under the names of
/// OpenTelemetry's conventions.
fn log(error: &ApiError, status: StatusCode) {
    let (kind, message) = (observed::reason(error), chain(error));
    registration_telemetry::record_exception(kind, &message);
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(exception.type = kind, exception.message = message, "Request failed unexpectedly");
    } else {
        tracing::warn!(exception.type = kind, exception.message = message, "Request could not be served");
    }
}

/// The headers that belong to an error rather than to a body.
fn add_headers(response: &mut HttpResponseBuilder, error: &ApiError) {
    match error {
        ApiError::MethodNotAllowed { allow } => {
            response.insert_header((header::ALLOW, *allow));
        }
        // The rest of the body is still on its way, and nobody will read it.
        ApiError::BodyTooLarge | ApiError::BodyTooSlow => {
            response.force_close();
        }
        _ => {}
    }
    if let Some(seconds) = error.retry_after() {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
}

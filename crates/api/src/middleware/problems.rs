//! Renders whatever went wrong, in a handler or in the framework. The one place where failures of
//! our own are logged.

use actix_web::{
    Error, HttpResponse, HttpResponseBuilder,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, ContentType},
    },
    middleware::Next,
};
use askama::Template as _;

use crate::{
    assets,
    chain::chain,
    negotiation::{self, Representation},
    observed,
    pages::{ErrorPage, FormPage},
    problem::{ApiError, Failure, Problem},
};

/// Seconds after which a client may try again what could not be done now.
const RETRY_AFTER_SECONDS: &str = "5";

/// The middleware.
pub(crate) async fn render(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asked = Asked {
        path: request.path().to_owned(),
        representation: negotiation::preferred(request.request()),
    };
    Ok(asked.answer(next.call(request).await?))
}

/// What there is to know about a request when it has failed.
struct Asked {
    path: String,
    representation: Representation,
}

impl Asked {
    /// The response, rendered if it is a failure.
    fn answer(
        &self,
        response: ServiceResponse<impl MessageBody + 'static>,
    ) -> ServiceResponse<BoxBody> {
        let status = response.status();
        let rendered = match response.response().error() {
            Some(error) => match error.as_error::<Failure>() {
                Some(failure) => Some(self.log_and_render(failure)),
                None => Some(self.log_and_render(&ApiError::Framework(status).into())),
            },
            None => None,
        };
        match rendered {
            Some(rendered) => response.into_response(rendered),
            None => response.map_into_boxed_body(),
        }
    }

    fn log_and_render(&self, failure: &Failure) -> HttpResponse {
        let error = &failure.error;
        let status = error.public().status;
        match error {
            // The prober logs that the service is not ready, and asks often; the panic hook has
            // logged a panic.
            ApiError::NotReady { .. } | ApiError::Panicked => {}
            error if status.is_server_error() => log(error, status),
            _ => {}
        }
        self.render(failure)
    }

    fn render(&self, failure: &Failure) -> HttpResponse {
        let error = &failure.error;
        let public = error.public();
        let trace_id = registration_telemetry::current_trace_id();
        let mut response = HttpResponse::build(public.status);
        response.insert_header((header::VARY, "Accept"));
        add_headers(&mut response, error);

        let page = if let Some(typed) = &failure.form {
            let errors = error.field_errors();
            let notice = errors.is_none().then(|| public.detail.to_owned());
            FormPage::new(typed, errors.as_ref(), notice).render().ok()
        } else if self.representation == Representation::Html {
            let (title, detail, status) = (public.title, public.detail, public.status.as_u16());
            let reference = trace_id.clone().unwrap_or_default();
            ErrorPage { assets: assets::paths(), title, detail, status, reference }.render().ok()
        } else {
            None
        };
        match page {
            Some(page) => response.content_type(ContentType::html()).body(page),
            None => {
                response.insert_header((header::CONTENT_TYPE, "application/problem+json")).body(
                    serde_json::to_string(&Problem::new(error, &self.path, trace_id.as_deref()))
                        .unwrap_or_default(),
                )
            }
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
        error if matches!(error.public().status.as_u16(), 503 | 504) => {
            response.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
        }
        _ => {}
    }
}

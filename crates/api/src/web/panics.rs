//! A handler that panics fails its own request, and no other.

use std::panic::{self, AssertUnwindSafe};

use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use futures_util::FutureExt as _;

use super::problem::Problem;

/// Logs where a panic happened, in the trace of its request. Not its message, which may quote
/// personal data.
pub(crate) fn log_locations_only() {
    panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        registration_telemetry::record_exception("panic", &location);
        tracing::error!(exception.type = "panic", exception.message = location, "Panicked");
    }));
}

/// Turns a panic of `handler` into a problem. The panic hook has logged it.
pub(crate) async fn catch<T, E: From<Problem>>(
    handler: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let result = AssertUnwindSafe(handler).catch_unwind().await;
    result.unwrap_or_else(|_| Err(Problem::internal().into()))
}

/// The middleware, for resources: within them the request may be kept while it is handled.
pub(crate) async fn middleware<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let kept = request.request().clone();
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(response) => response.map(ServiceResponse::map_into_left_body),
        Err(_) => {
            let failure = ServiceResponse::from_err(Problem::internal(), kept);
            Ok(failure.map_into_right_body())
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, middleware::from_fn, test, web};

    use super::*;
    use crate::web::middleware::{headers, problems};

    async fn fragile(fails: web::Path<bool>) -> HttpResponse {
        assert!(!*fails, "as it happens");
        HttpResponse::Ok().finish()
    }

    #[test]
    fn a_panic_fails_its_own_request_and_no_other() {
        actix_web::rt::System::new().block_on(async {
            let resource = web::resource("/{fails}").to(fragile).wrap(from_fn(middleware));
            let app = App::new().service(resource);
            let app = app.wrap(from_fn(problems::render)).wrap(headers::security());
            let app = test::init_service(app).await;
            let get =
                |uri| test::call_service(&app, test::TestRequest::get().uri(uri).to_request());

            let response = get("/true").await;
            assert_eq!(response.status(), 500);
            assert!(response.headers().contains_key("content-security-policy"));
            let problem: serde_json::Value = test::read_body_json(response).await;
            assert_eq!(problem["code"], "internal_error");
            assert_eq!(get("/false").await.status(), 200);
        });
    }
}

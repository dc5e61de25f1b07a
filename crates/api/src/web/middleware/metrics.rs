//! Counts and times requests by method, route and status.

use std::{cell::RefCell, collections::HashMap, sync::Arc, time::Instant};

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
};
use metrics::{Counter, Gauge, Histogram, Label, counter, gauge, histogram};

use super::root_span::{RequestStart, method_label};

/// The middleware.
pub(crate) async fn record<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let method = method_label(request.method());
    let endpoint = endpoint(&request);
    let in_flight = InFlight::enter();
    let start = Instant::now();
    let outcome = next.call(request).await;
    drop(in_flight);

    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    Series::with((method, endpoint, status), |series| {
        series.requests.increment(1);
        series.duration.record(start.elapsed());
        if let Some(errors) = &series.errors {
            errors.increment(1);
        }
    });
    outcome
}

/// The route, as the root span has matched it where there is one.
fn endpoint(request: &ServiceRequest) -> Arc<str> {
    let start = request.extensions().get::<RequestStart>().map(|start| start.route.clone());
    let route = start.unwrap_or_else(|| request.match_pattern().map(Arc::from));
    route.unwrap_or_else(|| Arc::from("unmatched"))
}

/// Method, route and status.
type Labels = (&'static str, Arc<str>, StatusCode);

/// The metrics of one set of labels.
struct Series {
    requests: Counter,
    duration: Histogram,
    errors: Option<Counter>,
}

impl Series {
    /// Each worker looks a series up once: looking one up costs more than incrementing it, and there
    /// are only as many as routes and their statuses.
    fn with(labels: Labels, count: impl FnOnce(&Self)) {
        thread_local!(static CACHE: RefCell<HashMap<Labels, Series>> = RefCell::default());
        CACHE.with_borrow_mut(|cache| {
            count(cache.entry(labels).or_insert_with_key(Self::of));
        });
    }

    fn of((method, endpoint, status): &Labels) -> Self {
        let labels = [
            Label::from_static_parts("method", method),
            Label::new("endpoint", endpoint.to_string()),
            Label::new("status_code", status.as_str().to_owned()),
        ];
        let is_error = status.is_client_error() || status.is_server_error();
        Self {
            requests: counter!("http_requests_total", labels.iter()),
            duration: histogram!("http_request_duration_seconds", labels.iter()),
            errors: is_error.then(|| counter!("http_errors_total", labels.iter())),
        }
    }
}

/// Counts a request as in flight until it is dropped, also when its client disconnects.
struct InFlight;

// Looked up once by each worker, as the series above.
thread_local!(static IN_FLIGHT: Gauge = gauge!("http_requests_in_flight"));

impl InFlight {
    fn enter() -> Self {
        IN_FLIGHT.with(|gauge| gauge.increment(1));
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        IN_FLIGHT.with(|gauge| gauge.decrement(1));
    }
}

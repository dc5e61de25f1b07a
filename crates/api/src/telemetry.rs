//! What this service passes to its telemetry: its name, and the registries of its crates, completed
//! by the route table and the fields.

use std::collections::BTreeSet;

use registration_domain::{ErrorCode, Field};
use registration_telemetry::{
    Guard, InitError, Settings,
    registry::{Registry, RegistryError},
};

use crate::{
    config::TelemetryConfig,
    features::{browser_telemetry, registration::metrics::Outcome},
    routes::{Audience, ROUTES, by_path},
    version::VERSION,
};

/// This crate's registry.
pub(crate) const TELEMETRY: &str = include_str!("../telemetry.toml");

/// The label of a request without a route.
pub(crate) const UNMATCHED: &str = "unmatched";

/// Log targets that write nothing unless a filter names them: the HTTP parser logs every malformed
/// request as an error, so that clients could fill the log.
const NOISE: &str = "actix_server=warn,actix_http::h1::dispatcher=off";

/// The service's name, log format and filter.
pub(crate) fn settings(config: &TelemetryConfig) -> Settings {
    Settings {
        service_name: "student-registration-service".to_owned(),
        service_namespace: "student-registration".to_owned(),
        service_version: VERSION.to_owned(),
        relayed_service_name: config.browser.then(|| browser_telemetry::SERVICE.to_owned()),
        trust_traceparent: config.trust_traceparent,
        log_format: config.log_format,
        log_filter: format!("{NOISE},{}", config.log_filter),
    }
}

/// The registries of the service's crates; telemetry adds its own.
///
/// # Errors
///
/// A `telemetry.toml` does not fit the code.
pub(crate) fn registries() -> Result<Vec<Registry>, RegistryError> {
    let served = ROUTES.iter().filter(|route| route.audience == Audience::Public);
    let mut requests: Vec<[String; 3]> = served
        .flat_map(|route| {
            let (method, path) = (route.verb.as_str().to_owned(), route.path.to_owned());
            route.statuses.iter().map(move |s| [method.clone(), path.clone(), s.to_string()])
        })
        .collect();
    requests.push(["GET", UNMATCHED, "404"].map(str::to_owned));
    let (errors, successes) =
        requests.iter().cloned().partition::<Vec<_>, _>(|[_, _, status]| status.as_str() >= "400");
    let codes: BTreeSet<ErrorCode> =
        Field::ALL.into_iter().flat_map(Field::codes).copied().collect();
    let pairs = |filter: fn(ErrorCode) -> bool| {
        let pairs = Field::ALL.into_iter().flat_map(|f| f.codes().iter().map(move |c| (f, *c)));
        pairs
            .filter(move |(_, code)| filter(*code))
            .map(|(field, code)| [field.as_str(), code.as_str()])
    };
    let api = Registry::parse(TELEMETRY)?
        .with_label_values("endpoint", by_path().map(|routes| routes[0].path).chain([UNMATCHED]))?
        .with_label_values("field", Field::ALL.map(Field::as_str))?
        .with_label_values("code", codes.into_iter().map(ErrorCode::as_str))?
        .with_label_values("outcome", Outcome::ALL.map(Outcome::as_str))?
        .with_zero("http_requests_total", requests)?
        .with_zero("http_request_duration_seconds", successes)?
        .with_zero("http_errors_total", errors)?
        .with_zero("registration_validation_failures_total", pairs(|_| true))?
        .with_zero("registration_form_refusals_total", pairs(ErrorCode::is_found_by_script))?;
    let persistence = Registry::parse(registration_persistence::TELEMETRY)?;
    Ok(vec![api, persistence])
}

/// Sets up traces, logs and metrics for this process.
///
/// # Errors
///
/// A registry or the log filter cannot be used, or the process has telemetry already.
pub(crate) fn init(config: &TelemetryConfig) -> Result<Guard, InitError> {
    registration_telemetry::init(&settings(config), registries()?)
}

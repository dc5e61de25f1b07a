//! The OpenTelemetry resource: the attributes that every span and log record carries.

use opentelemetry::KeyValue;
use opentelemetry_sdk::{Resource, resource::TelemetryResourceDetector};

use crate::{environment::Environment, settings::Settings};

const SERVICE_NAME: &str = "service.name";
const ENVIRONMENT: &str = "deployment.environment.name";
/// The value of [`ENVIRONMENT`] where the environment sets none.
const DEFAULT_ENVIRONMENT: &str = "development";

/// The attributes of the resource, by name: the settings', overridden by the environment's.
/// `OTEL_SERVICE_NAME` takes precedence over `OTEL_RESOURCE_ATTRIBUTES`.
pub(crate) fn attributes(settings: &Settings, environment: &Environment) -> Vec<(String, String)> {
    let mut attributes = vec![
        (SERVICE_NAME.to_owned(), settings.service_name.clone()),
        ("service.namespace".to_owned(), settings.service_namespace.clone()),
        ("service.version".to_owned(), settings.service_version.clone()),
        ("service.instance.id".to_owned(), instance_id()),
        (ENVIRONMENT.to_owned(), DEFAULT_ENVIRONMENT.to_owned()),
    ];
    let name = environment.service_name.clone().map(|name| (SERVICE_NAME.to_owned(), name));
    for (key, value) in environment.resource.iter().cloned().chain(name) {
        match attributes.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => attributes.push((key, value)),
        }
    }
    attributes
}

/// The value of `service.name`.
pub(crate) fn service_name(attributes: &[(String, String)]) -> &str {
    let name = attributes.iter().find(|(key, _)| key == SERVICE_NAME);
    name.map(|(_, name)| name.as_str()).unwrap_or_default()
}

/// The `deployment.environment.name` that `OTEL_RESOURCE_ATTRIBUTES` names, or the older
/// `deployment.environment`; readable before `init`. `None` where it names none, although the resource
/// then has a default, and where it is malformed, so that the environment is unknown.
#[must_use]
pub fn deployment_environment() -> Option<String> {
    let Environment { resource, warnings, .. } = Environment::of_process();
    if warnings.iter().any(|warning| warning.variable == "OTEL_RESOURCE_ATTRIBUTES") {
        return None;
    }
    let named = |name| resource.iter().rfind(|(key, _)| key == name).map(|(_, name)| name.clone());
    named(ENVIRONMENT).or_else(|| named("deployment.environment"))
}

/// The SDK's resource, with the attributes `telemetry.sdk.*` added.
pub(crate) fn of(attributes: &[(String, String)]) -> Resource {
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(attributes.iter().cloned().map(|(key, value)| KeyValue::new(key, value)))
        .build()
}

/// The resource of another service in the same deployment.
pub(crate) fn named(attributes: &[(String, String)], service_name: &str) -> Resource {
    let others = attributes.iter().filter(|(key, _)| key != SERVICE_NAME);
    let name = (SERVICE_NAME.to_owned(), service_name.to_owned());
    of(&others.cloned().chain([name]).collect::<Vec<_>>())
}

/// A random UUID (version 4), new with each start. All zeros if the system has no random bytes, rather
/// than a failed start.
fn instance_id() -> String {
    let mut bytes = [0; 16];
    let _ = getrandom::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

//! Who is speaking: the resource that every span and log record carries.

use opentelemetry::KeyValue;
use opentelemetry_sdk::{Resource, resource::TelemetryResourceDetector};

use crate::{Settings, environment::Environment};

/// The attributes of the resource, by name: the settings', overlaid with the environment's.
/// `OTEL_SERVICE_NAME` wins over `OTEL_RESOURCE_ATTRIBUTES`.
pub(crate) fn attributes(settings: &Settings, environment: &Environment) -> Vec<(String, String)> {
    let mut attributes = vec![
        ("service.name".to_owned(), settings.service_name.clone()),
        ("service.namespace".to_owned(), settings.service_namespace.clone()),
        ("service.version".to_owned(), settings.service_version.clone()),
        ("service.instance.id".to_owned(), instance_id()),
        (ENVIRONMENT.to_owned(), DEVELOPMENT.to_owned()),
    ];
    let name = environment.service_name.clone().map(|name| ("service.name".to_owned(), name));
    for (key, value) in environment.resource.iter().cloned().chain(name) {
        match attributes.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => attributes.push((key, value)),
        }
    }
    attributes
}

const ENVIRONMENT: &str = "deployment.environment.name";
/// Where the environment names no other.
const DEVELOPMENT: &str = "development";

/// The resource's `deployment.environment.name`, or the older `deployment.environment`, before telemetry
/// is set up. `None` where `OTEL_RESOURCE_ATTRIBUTES` cannot be read: then nobody knows.
#[must_use]
pub fn deployment_environment() -> Option<String> {
    let Environment { resource, warnings, .. } = Environment::of_process();
    if warnings.iter().any(|warning| warning.variable == "OTEL_RESOURCE_ATTRIBUTES") {
        return None;
    }
    let named = |name| resource.iter().rfind(|(key, _)| key == name).map(|(_, name)| name.clone());
    let older = || named("deployment.environment");
    Some(named(ENVIRONMENT).or_else(older).unwrap_or_else(|| DEVELOPMENT.to_owned()))
}

/// The resource as the SDK takes it, which adds its own name and version.
pub(crate) fn of(attributes: &[(String, String)]) -> Resource {
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(attributes.iter().cloned().map(|(key, value)| KeyValue::new(key, value)))
        .build()
}

/// The resource of another service of the same deployment.
pub(crate) fn named(attributes: &[(String, String)], service_name: &str) -> Resource {
    let others = attributes.iter().filter(|(key, _)| key != "service.name");
    let name = ("service.name".to_owned(), service_name.to_owned());
    of(&others.cloned().chain([name]).collect::<Vec<_>>())
}

/// A random UUID (version 4), new with each start. All zeros where the system gives no randomness:
/// telemetry is not worth failing for.
fn instance_id() -> String {
    let mut bytes = [0; 16];
    let _ = getrandom::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

//! Environments and the configuration that they result in.

use std::{cell::RefCell, collections::BTreeSet, time::Duration};

use super::*;
use crate::registry::{Registry, TELEMETRY, VariableSpec};

fn read(variables: &[(&str, &str)]) -> Environment {
    Environment::read(|name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

fn warned(environment: &Environment) -> Vec<&str> {
    environment.warnings.iter().map(|warning| warning.variable.as_str()).collect()
}

fn endpoints(environment: &Environment) -> [Option<&str>; 2] {
    [&environment.traces, &environment.logs].map(|pipeline| match &pipeline.exporter {
        Exporter::Otlp(endpoint) => Some(endpoint.url.as_str()),
        Exporter::Disabled(_) | Exporter::Console => None,
    })
}

#[test]
fn an_empty_environment_means_the_specifications_defaults_and_no_export() {
    for environment in
        [read(&[]), read(&[("OTEL_TRACES_EXPORTER", ""), ("OTEL_BSP_SCHEDULE_DELAY", " ")])]
    {
        assert_eq!(environment.traces.exporter, Exporter::Disabled(DisabledReason::NoEndpoint));
        assert_eq!(environment.logs.exporter, Exporter::Disabled(DisabledReason::NoEndpoint));
        assert_eq!(environment.sampler, Sampler { parent_based: true, ratio: 1.0 });
        assert!(environment.continue_traces);
        let five_seconds = Duration::from_secs(5);
        assert_eq!(
            environment.traces.batch,
            BatchLimits { queue_capacity: 2048, batch_size: 512, delay: five_seconds }
        );
        assert_eq!(environment.logs.batch.delay, Duration::from_secs(1));
        assert_eq!(warned(&environment), [""; 0]);
    }
}

#[test]
fn a_base_endpoint_gets_the_signals_path_and_a_signals_own_endpoint_stays_as_it_is() {
    let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/x/");
    let own = ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://l:1/logs");
    assert_eq!(
        endpoints(&read(&[base])),
        [Some("http://c:4318/x/v1/traces"), Some("http://c:4318/x/v1/logs")]
    );
    assert_eq!(
        endpoints(&read(&[base, own])),
        [Some("http://c:4318/x/v1/traces"), Some("http://l:1/logs")]
    );
    let query = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/x?key=secret");
    let environment = read(&[query]);
    assert_eq!(endpoints(&environment)[0], Some("http://c:4318/x/v1/traces?key=secret"));
    let Exporter::Otlp(endpoint) = environment.traces.exporter else { panic!("no endpoint") };
    assert_eq!(endpoint.to_string(), "http://c:4318/x/v1/traces (http/protobuf)");
    let grpc = read(&[base, own, ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc")]);
    assert_eq!(endpoints(&grpc), [Some("http://c:4318/x/"), Some("http://l:1/logs")]);
    assert_eq!(endpoints(&read(&[base, ("OTEL_TRACES_EXPORTER", "none")]))[0], None);
    assert_eq!(read(&[("OTEL_TRACES_EXPORTER", "console")]).traces.exporter, Exporter::Console);
}

#[test]
fn an_unusable_value_is_a_warning_and_the_default() {
    let wrong = [
        ("OTEL_CONFIG_FILE", "x.yaml"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zip"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "secret"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "-1"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "99999999999999"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0"),
        ("OTEL_SDK_DISABLED", "1"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=b,c"),
        ("OTEL_PROPAGATORS", "b3,TraceContext"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_SEMCONV_STABILITY_OPT_IN", "HTTP/dup,gen_ai"),
        ("OTEL_LOG_LEVEL", "loud"),
    ];
    let environment = read(&wrong);
    let warned: BTreeSet<_> = warned(&environment).into_iter().collect();
    assert_eq!(warned, wrong.iter().map(|(name, _)| *name).collect());
    assert!(!format!("{:?}", environment.warnings).contains("secret"));
    let batch_size = environment.traces.batch.queue_capacity;
    assert_eq!(environment.traces.batch, BatchLimits { batch_size, ..read(&[]).traces.batch });
    assert_eq!(batch_size, 2048);
    assert!(!environment.disabled);
    assert_eq!(environment.resource, []);
    assert!(environment.continue_traces);
    assert_eq!(environment.sampler, read(&[]).sampler);
    assert!(environment.semconv_compat.http && !environment.semconv_compat.database);
}

#[test]
fn unusable_endpoints_are_refused() {
    for endpoint in [
        "localhost:4318",
        "ftp://c",
        "https://c:4318",
        "http://u:p@ss@c:4318",
        "http://u:p%40c:4318",
    ] {
        let environment = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]);
        assert_eq!(endpoints(&environment), [None, None]);
        assert_eq!(environment.warnings.len(), 1, "{endpoint}");
    }
}

#[test]
fn a_ratio_sampler_takes_its_argument() {
    let sampler = |name, argument| {
        let variables = [("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)];
        let environment = read(&variables);
        (environment.sampler.parent_based, environment.sampler.ratio, environment.warnings.len())
    };
    assert_eq!(sampler("Always_Off", "0.5"), (false, 0.0, 0));
    assert_eq!(sampler("traceidratio", "0.25"), (false, 0.25, 0));
    assert_eq!(sampler("parentbased_traceidratio", "0.1"), (true, 0.1, 0));
    assert_eq!(sampler("parentbased_traceidratio", "10"), (true, 1.0, 1));
    assert_eq!(sampler("parentbased_always_off", ""), (true, 0.0, 0));
}

#[test]
fn resource_attributes_are_percent_decoded() {
    let environment = read(&[("OTEL_RESOURCE_ATTRIBUTES", "a=b%2Cc, d = e ")]);
    let expected = [("a", "b,c"), ("d", "e")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(environment.resource, expected);
}

/// The registry's variables, from which the documentation is generated, are those that are read.
#[test]
fn every_variable_is_documented() {
    let asked = RefCell::new(BTreeSet::new());
    Environment::read(|name| {
        asked.borrow_mut().insert(name.to_owned());
        (name == "OTEL_TRACES_SAMPLER").then(|| "traceidratio".to_owned())
    });
    let registry = Registry::parse(TELEMETRY).unwrap();
    let documented: BTreeSet<_> = registry.variables.iter().flat_map(VariableSpec::names).collect();
    assert_eq!(asked.into_inner(), documented);
}

#[test]
fn headers_that_cannot_be_sent_are_warnings() {
    for (headers, warnings) in
        [("a=b,c-d=e%20f", 0), ("a=b%0a", 1), ("a b=c", 1), ("ключ=c", 1), ("a=%ff", 1), ("a", 1)]
    {
        let environment = read(&[("OTEL_EXPORTER_OTLP_HEADERS", headers)]);
        assert_eq!(environment.warnings.len(), warnings, "{headers}");
    }
}

//! The OpenTelemetry environment: every `OTEL_*` variable that has an effect, read in one place.
//!
//! The SDK reads only some of them. Whatever it would not read, or would fall back on silently, is
//! read here and handed to it, by the rules of the specification: an empty value is an unset one,
//! and one that cannot be used is a [`Warning`] and the default, never an error. Credentials in
//! `OTEL_EXPORTER_OTLP_HEADERS` stay with the exporter, which reads them itself.

use std::{fmt, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;

/// A longer queue would be a leak: a span takes about a kilobyte.
const LONGEST_QUEUE: u64 = 100_000;
/// A day, in milliseconds.
const LONGEST_MILLISECONDS: u64 = 86_400_000;

/// A variable that was not followed, and why. Never repeats a value that may be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The variable's name.
    pub variable: String,
    /// What is wrong, and what is done instead.
    pub reason: String,
}

/// What the environment says.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) disabled: bool,
    pub(crate) service_name: Option<String>,
    pub(crate) resource: Vec<(String, String)>,
    pub(crate) propagators: Vec<Propagator>,
    pub(crate) sampler: Sampler,
    pub(crate) legacy: Legacy,
    pub(crate) traces: Pipeline,
    pub(crate) logs: Pipeline,
    /// The level of the SDK's own log lines; `off`, since export failures are reported anyway.
    pub(crate) sdk_log_level: String,
    pub(crate) warnings: Vec<Warning>,
}

/// What carries a trace from one process to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagator {
    TraceContext,
    Baggage,
}

/// Which traces are recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampler {
    /// Whether a caller's decision counts more than ours.
    pub(crate) parent_based: bool,
    /// The share of traces, from 0 to 1.
    pub(crate) ratio: f64,
}

/// Which older names go beside the stable ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Legacy {
    pub(crate) http: bool,
    pub(crate) database: bool,
}

/// How one signal leaves the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pipeline {
    pub(crate) exporter: Exporter,
    pub(crate) batch: Batch,
}

/// Where a signal goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exporter {
    None,
    Console,
    Otlp(Otlp),
}

/// A receiver of OTLP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Otlp {
    /// With the signal's path, for HTTP.
    pub(crate) endpoint: String,
    pub(crate) protocol: Protocol,
    pub(crate) timeout: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Grpc,
}

/// The limits of a batch processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) queue: usize,
    pub(crate) size: usize,
    pub(crate) delay: Duration,
}

impl fmt::Display for Otlp {
    /// The endpoint without credentials, and how it is spoken to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match self.protocol {
            Protocol::Http => "http/protobuf",
            Protocol::Grpc => "grpc",
        };
        write!(f, "{} ({protocol})", without_credentials(&self.endpoint))
    }
}

/// `text` with what stands between `://` and `@` left out.
pub(crate) fn without_credentials(text: &str) -> String {
    match text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?))) {
        Some((scheme, (_, rest))) => format!("{scheme}://{}", without_credentials(rest)),
        None => text.to_owned(),
    }
}

impl Environment {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub(crate) fn of_process() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads an environment.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let mut reader = Reader { lookup, warnings: Vec::new() };
        reader.mention_what_is_not_supported();
        let (traces, logs) = (reader.pipeline("TRACES", "BSP"), reader.pipeline("LOGS", "BLRP"));
        Self {
            disabled: reader.boolean("OTEL_SDK_DISABLED"),
            service_name: reader.text("OTEL_SERVICE_NAME"),
            resource: reader.resource(),
            propagators: reader.propagators(),
            sampler: reader.sampler(),
            legacy: reader.legacy(),
            traces,
            logs,
            sdk_log_level: reader.sdk_log_level(),
            warnings: reader.warnings,
        }
    }
}

struct Reader<L> {
    lookup: L,
    warnings: Vec<Warning>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    fn text(&self, name: &str) -> Option<String> {
        let text = (self.lookup)(name)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// The more special variable if it is set, the more general one otherwise, and its name.
    fn either(&self, special: &str, general: &str) -> Option<(String, String)> {
        self.given(special).or_else(|| self.given(general))
    }

    fn warn(&mut self, variable: &str, reason: impl Into<String>) {
        self.warnings.push(Warning { variable: variable.to_owned(), reason: reason.into() });
    }

    fn boolean(&mut self, name: &str) -> bool {
        let text = self.text(name).map(|text| text.to_ascii_lowercase());
        if !matches!(text.as_deref(), None | Some("true" | "false")) {
            self.warn(name, "is neither true nor false: taken as false");
        }
        text.as_deref() == Some("true")
    }

    /// A variable's name and its text.
    fn given(&self, name: &str) -> Option<(String, String)> {
        Some((name.to_owned(), self.text(name)?))
    }

    fn number(&mut self, given: Option<(String, String)>, default: u64, most: u64) -> u64 {
        let Some((name, text)) = given else { return default };
        let number = text.parse().ok().filter(|number| (1..=most).contains(number));
        number.unwrap_or_else(|| {
            self.warn(&name, format!("is not a whole number from 1 to {most}: {default} is used"));
            default
        })
    }

    /// One of `known`, or the default.
    fn choice<T: Copy>(
        &mut self,
        given: Option<(String, String)>,
        known: &[(&str, T)],
    ) -> Option<T> {
        let (name, text) = given?;
        let found = known.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
            self.warn(&name, format!("is none of {}: the default is used", words.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    fn mention_what_is_not_supported(&mut self) {
        if self.text("OTEL_CONFIG_FILE").is_some() {
            self.warn("OTEL_CONFIG_FILE", "is not supported: the other variables are followed");
        }
        let metrics = self.text("OTEL_METRICS_EXPORTER");
        if !matches!(metrics.as_deref(), None | Some("none" | "prometheus")) {
            self.warn("OTEL_METRICS_EXPORTER", "is not supported: metrics are served at /metrics");
        }
    }

    fn pipeline(&mut self, signal: &str, batch: &str) -> Pipeline {
        let exporter = self.exporter(signal, batch);
        let option = |option| format!("OTEL_{batch}_{option}");
        let queue = self.number(self.given(&option("MAX_QUEUE_SIZE")), 2048, LONGEST_QUEUE);
        let size = option("MAX_EXPORT_BATCH_SIZE");
        let most = self.number(self.given(&size), 512.min(queue), LONGEST_QUEUE);
        if most > queue {
            self.warn(&size, format!("is more than the queue holds: {queue} is used"));
        }
        let delay = if signal == "TRACES" { 5_000 } else { 1_000 };
        let delay = self.number(self.given(&option("SCHEDULE_DELAY")), delay, LONGEST_MILLISECONDS);
        let size_of = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Pipeline {
            exporter,
            batch: Batch {
                queue: size_of(queue),
                size: size_of(most.min(queue)),
                delay: Duration::from_millis(delay),
            },
        }
    }

    fn exporter(&mut self, signal: &str, batch: &str) -> Exporter {
        #[derive(Clone, Copy)]
        enum Kind {
            Otlp,
            Console,
            None,
        }
        let variable = format!("OTEL_{signal}_EXPORTER");
        let given = self.given(&variable);
        let known = [("otlp", Kind::Otlp), ("console", Kind::Console), ("none", Kind::None)];
        let otlp = self.otlp(signal, batch);
        match self.choice(given, &known).unwrap_or(Kind::Otlp) {
            Kind::None => Exporter::None,
            Kind::Console => Exporter::Console,
            // With no endpoint set nothing is exported, and nothing complains.
            Kind::Otlp => otlp.map_or(Exporter::None, Exporter::Otlp),
        }
    }

    fn otlp(&mut self, signal: &str, batch: &str) -> Option<Otlp> {
        let prefix = "OTEL_EXPORTER_OTLP";
        let either = |reader: &Self, option: &str| {
            reader.either(&format!("{prefix}_{signal}_{option}"), &format!("{prefix}_{option}"))
        };
        let protocols = [("http/protobuf", Protocol::Http), ("grpc", Protocol::Grpc)];
        let protocol = self.choice(either(self, "PROTOCOL"), &protocols).unwrap_or(Protocol::Http);
        let compression = either(self, "COMPRESSION");
        self.choice(compression, &[("gzip", ()), ("none", ())]);
        if let Some((name, headers)) = either(self, "HEADERS")
            && headers.split(',').any(|pair| !pair.contains('='))
        {
            self.warn(&name, "is not a list as in key=value,key=value: what is not is left out");
        }
        let timeout = self.number(either(self, "TIMEOUT"), 10_000, LONGEST_MILLISECONDS);
        let bound = self.given(&format!("OTEL_{batch}_EXPORT_TIMEOUT"));
        let bound = self.number(bound, 30_000, LONGEST_MILLISECONDS);

        let (variable, given) = either(self, "ENDPOINT")?;
        let scheme = given.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match (scheme.as_deref(), protocol) {
            (Some("http"), _) | (None, Protocol::Grpc) => {}
            (Some("https"), _) => {
                self.warn(&variable, "speaks TLS, which this program does not: nothing is exported; use a collector nearby");
                return None;
            }
            _ => {
                self.warn(
                    &variable,
                    "is not a URL as in http://localhost:4318: nothing is exported",
                );
                return None;
            }
        }
        let whole = variable == format!("{prefix}_{signal}_ENDPOINT") || protocol == Protocol::Grpc;
        let endpoint = match whole {
            true if scheme.is_none() => format!("http://{given}"),
            true => given,
            false => {
                format!("{}/v1/{}", given.trim_end_matches('/'), signal.to_ascii_lowercase())
            }
        };
        Some(Otlp { endpoint, protocol, timeout: Duration::from_millis(timeout.min(bound)) })
    }

    fn resource(&mut self) -> Vec<(String, String)> {
        let name = "OTEL_RESOURCE_ATTRIBUTES";
        let Some(text) = self.text(name) else { return Vec::new() };
        let decode =
            |text: &str| Some(percent_decode_str(text.trim()).decode_utf8().ok()?.into_owned());
        let pair = |pair: &str| {
            let (key, value) = pair.split_once('=')?;
            let key = decode(key).filter(|key| !key.is_empty())?;
            Some((key, decode(value)?))
        };
        // The specification: one bad pair, and the whole value is left out.
        let pairs: Option<Vec<_>> = text.split(',').map(pair).collect();
        pairs.unwrap_or_else(|| {
            self.warn(name, "is not a list as in key=value,key=value: it is ignored");
            Vec::new()
        })
    }

    fn propagators(&mut self) -> Vec<Propagator> {
        let name = "OTEL_PROPAGATORS";
        let text = self.text(name).unwrap_or_else(|| "tracecontext,baggage".to_owned());
        let mut propagators = Vec::new();
        for word in text.split(',').map(str::trim) {
            match word {
                "tracecontext" => propagators.push(Propagator::TraceContext),
                "baggage" => propagators.push(Propagator::Baggage),
                "none" => {}
                other => self.warn(name, format!("names {other:?}, which is not supported: only tracecontext, baggage and none are")),
            }
        }
        propagators
    }

    fn sampler(&mut self) -> Sampler {
        let sampler = |parent_based, ratio| Sampler { parent_based, ratio };
        let known = [
            ("always_on", (sampler(false, 1.0), false)),
            ("always_off", (sampler(false, 0.0), false)),
            ("traceidratio", (sampler(false, 1.0), true)),
            ("parentbased_always_on", (sampler(true, 1.0), false)),
            ("parentbased_always_off", (sampler(true, 0.0), false)),
            ("parentbased_traceidratio", (sampler(true, 1.0), true)),
        ];
        let name = "OTEL_TRACES_SAMPLER";
        let given = self.given(name);
        let (sampler, takes_ratio) =
            self.choice(given, &known).unwrap_or((sampler(true, 1.0), false));
        let ratio = if takes_ratio { self.ratio() } else { sampler.ratio };
        Sampler { ratio, ..sampler }
    }

    fn ratio(&mut self) -> f64 {
        let name = "OTEL_TRACES_SAMPLER_ARG";
        let Some(text) = self.text(name) else { return 1.0 };
        let ratio = f64::from_str(&text).ok().filter(|ratio| (0.0..=1.0).contains(ratio));
        ratio.unwrap_or_else(|| {
            self.warn(name, "is not a number from 0 to 1: 1 is used");
            1.0
        })
    }

    fn legacy(&mut self) -> Legacy {
        let name = "OTEL_SEMCONV_STABILITY_OPT_IN";
        let mut legacy = Legacy::default();
        for word in self.text(name).unwrap_or_default().split(',').map(str::trim) {
            match word {
                "http/dup" => legacy.http = true,
                "database/dup" => legacy.database = true,
                // The stable names are there in any case.
                "http" | "database" | "" => {}
                other => {
                    self.warn(name, format!("names {other:?}, which is not known: it is ignored"))
                }
            }
        }
        legacy
    }

    fn sdk_log_level(&mut self) -> String {
        let name = "OTEL_LOG_LEVEL";
        let given = self.given(name);
        let known = ["off", "error", "warn", "info", "debug", "trace"].map(|level| (level, level));
        self.choice(given, &known).unwrap_or("off").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeSet};

    use super::*;

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
            Exporter::Otlp(otlp) => Some(otlp.endpoint.as_str()),
            Exporter::None | Exporter::Console => None,
        })
    }

    #[test]
    fn nothing_set_means_the_specifications_defaults_and_no_export() {
        for environment in
            [read(&[]), read(&[("OTEL_TRACES_EXPORTER", ""), ("OTEL_BSP_SCHEDULE_DELAY", " ")])]
        {
            assert_eq!(environment.traces.exporter, Exporter::None);
            assert_eq!(environment.logs.exporter, Exporter::None);
            assert_eq!(environment.sampler, Sampler { parent_based: true, ratio: 1.0 });
            assert_eq!(environment.propagators, [Propagator::TraceContext, Propagator::Baggage]);
            let five_seconds = Duration::from_secs(5);
            assert_eq!(
                environment.traces.batch,
                Batch { queue: 2048, size: 512, delay: five_seconds }
            );
            assert_eq!(environment.logs.batch.delay, Duration::from_secs(1));
            assert_eq!(warned(&environment), [""; 0]);
        }
    }

    #[test]
    fn the_base_endpoint_gets_the_signals_path_and_a_signals_own_is_taken_as_it_is() {
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
        let grpc = read(&[base, own, ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc")]);
        assert_eq!(endpoints(&grpc), [Some("http://c:4318/x/"), Some("http://l:1/logs")]);
        assert_eq!(endpoints(&read(&[base, ("OTEL_TRACES_EXPORTER", "none")]))[0], None);
        assert_eq!(read(&[("OTEL_TRACES_EXPORTER", "console")]).traces.exporter, Exporter::Console);
    }

    #[test]
    fn what_cannot_be_used_is_a_warning_and_the_default() {
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
            ("OTEL_PROPAGATORS", "b3,tracecontext"),
            ("OTEL_TRACES_SAMPLER", "sometimes"),
            ("OTEL_SEMCONV_STABILITY_OPT_IN", "http/dup,gen_ai"),
            ("OTEL_LOG_LEVEL", "loud"),
        ];
        let environment = read(&wrong);
        let warned: BTreeSet<_> = warned(&environment).into_iter().collect();
        assert_eq!(warned, wrong.iter().map(|(name, _)| *name).collect());
        assert!(!format!("{:?}", environment.warnings).contains("secret"));
        assert_eq!(environment.traces.batch, read(&[]).traces.batch.clone_with_size(2048));
        assert!(!environment.disabled);
        assert_eq!(environment.resource, []);
        assert_eq!(environment.propagators, [Propagator::TraceContext]);
        assert_eq!(environment.sampler, read(&[]).sampler);
        assert!(environment.legacy.http && !environment.legacy.database);
    }

    impl Batch {
        fn clone_with_size(self, size: usize) -> Self {
            Self { size, ..self }
        }
    }

    #[test]
    fn endpoints_that_cannot_be_spoken_to_are_refused() {
        for endpoint in ["localhost:4318", "ftp://c", "https://c:4318"] {
            let environment = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]);
            assert_eq!(endpoints(&environment), [None, None]);
            assert_eq!(environment.warnings.len(), 2, "{endpoint}");
        }
    }

    #[test]
    fn samplers_and_their_argument() {
        let sampler = |name, argument| {
            let variables = [("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)];
            let environment = read(&variables);
            (
                environment.sampler.parent_based,
                environment.sampler.ratio,
                environment.warnings.len(),
            )
        };
        assert_eq!(sampler("always_off", "0.5"), (false, 0.0, 0));
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

    #[test]
    fn credentials_are_not_shown() {
        assert_eq!(without_credentials("see http://u:p@c:4318/x."), "see http://c:4318/x.");
        assert_eq!(without_credentials("http://c:4318"), "http://c:4318");
    }

    /// The registry's switches, from which the documentation is made, are those that are read.
    #[test]
    fn every_variable_is_documented() {
        let asked = RefCell::new(BTreeSet::new());
        Environment::read(|name| {
            asked.borrow_mut().insert(name.to_owned());
            (name == "OTEL_TRACES_SAMPLER").then(|| "traceidratio".to_owned())
        });
        let registry = crate::Registry::parse(crate::TELEMETRY).unwrap();
        let documented: BTreeSet<_> =
            registry.switches.iter().flat_map(crate::registry::Switch::names).collect();
        assert_eq!(asked.into_inner(), documented);
    }
}

//! From variables to what they mean, by the rules of the specification.

use std::{str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;

use super::{Batch, Exporter, Legacy, Otlp, Pipeline, Protocol, Sampler, Silence, Warning};

/// A longer queue would be a leak: a span takes about a kilobyte.
const LONGEST_QUEUE: u64 = 100_000;
/// A day, in milliseconds.
const LONGEST_MILLISECONDS: u64 = 86_400_000;

/// Looks variables up, and gathers warnings.
pub(super) struct Reader<L> {
    lookup: L,
    pub(super) warnings: Vec<Warning>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    pub(super) fn new(lookup: L) -> Self {
        Self { lookup, warnings: Vec::new() }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = (self.lookup)(name)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// The more special variable if it is set, the more general one otherwise, and its name.
    fn either(&self, special: &str, general: &str) -> Option<(String, String)> {
        self.given(special).or_else(|| self.given(general))
    }

    fn warn(&mut self, variable: &str, reason: impl Into<String>) {
        let warning = Warning { variable: variable.to_owned(), reason: reason.into() };
        // A variable of both signals is read twice.
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    pub(super) fn boolean(&mut self, name: &str) -> bool {
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
        let found = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        if found.is_none() {
            let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
            self.warn(&name, format!("is none of {}: the default is used", words.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    pub(super) fn mention_what_is_not_supported(&mut self) {
        if self.text("OTEL_CONFIG_FILE").is_some() {
            self.warn("OTEL_CONFIG_FILE", "is not supported: the other variables are followed");
        }
        let metrics = self.text("OTEL_METRICS_EXPORTER").map(|text| text.to_ascii_lowercase());
        if !matches!(metrics.as_deref(), None | Some("none" | "prometheus")) {
            self.warn("OTEL_METRICS_EXPORTER", "is not supported: metrics are served at /metrics");
        }
    }

    pub(super) fn pipeline(&mut self, signal: &str, batch: &str) -> Pipeline {
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
            Kind::None => Exporter::None(Silence::Chosen),
            Kind::Console => Exporter::Console,
            Kind::Otlp => otlp.map_or_else(Exporter::None, Exporter::Otlp),
        }
    }

    fn otlp(&mut self, signal: &str, batch: &str) -> Result<Otlp, Silence> {
        let prefix = "OTEL_EXPORTER_OTLP";
        let either = |reader: &Self, option: &str| {
            reader.either(&format!("{prefix}_{signal}_{option}"), &format!("{prefix}_{option}"))
        };
        let protocols = [("http/protobuf", Protocol::Http), ("grpc", Protocol::Grpc)];
        let protocol = self.choice(either(self, "PROTOCOL"), &protocols).unwrap_or(Protocol::Http);
        let compression = either(self, "COMPRESSION");
        self.choice(compression, &[("gzip", ()), ("none", ())]);
        if let Some((name, headers)) = either(self, "HEADERS")
            && !headers.split(',').all(is_header)
        {
            self.warn(&name, "is not a list as in key=value,key=value: what is not is left out");
        }
        let timeout = self.number(either(self, "TIMEOUT"), 10_000, LONGEST_MILLISECONDS);
        let bound = self.given(&format!("OTEL_{batch}_EXPORT_TIMEOUT"));
        let bound = self.number(bound, 30_000, LONGEST_MILLISECONDS);

        // With no endpoint set nothing is exported, and nothing complains.
        let (variable, given) = either(self, "ENDPOINT").ok_or(Silence::NoEndpoint)?;
        let scheme = given.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match (scheme.as_deref(), protocol) {
            (Some("http"), _) | (None, Protocol::Grpc) if !holds_credentials(&given) => {}
            (Some("http"), _) | (None, Protocol::Grpc) => {
                let headers = format!("{prefix}_HEADERS");
                self.warn(
                    &variable,
                    format!("holds credentials, which belong into {headers}: nothing is exported"),
                );
                return Err(Silence::EndpointUnusable);
            }
            (Some("https"), _) => {
                self.warn(&variable, "speaks TLS, which this program does not: nothing is exported; use a collector nearby");
                return Err(Silence::EndpointUnusable);
            }
            _ => {
                self.warn(
                    &variable,
                    "is not a URL as in http://localhost:4318: nothing is exported",
                );
                return Err(Silence::EndpointUnusable);
            }
        }
        let whole = variable == format!("{prefix}_{signal}_ENDPOINT") || protocol == Protocol::Grpc;
        let endpoint = match whole {
            true if scheme.is_none() => format!("http://{given}"),
            true => given,
            false => {
                let (path, query) = given.split_at(given.find('?').unwrap_or(given.len()));
                format!("{}/v1/{}{query}", path.trim_end_matches('/'), signal.to_ascii_lowercase())
            }
        };
        Ok(Otlp { endpoint, protocol, timeout: Duration::from_millis(timeout.min(bound)) })
    }

    pub(super) fn resource(&mut self) -> Vec<(String, String)> {
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

    /// Baggage is known, but nothing here has a use for it.
    pub(super) fn continue_traces(&mut self) -> bool {
        let name = "OTEL_PROPAGATORS";
        let text = self.text(name).unwrap_or_else(|| "tracecontext,baggage".to_owned());
        let words: Vec<_> = text.split(',').map(|word| word.trim().to_ascii_lowercase()).collect();
        for word in &words {
            if !["tracecontext", "baggage", "none"].contains(&word.as_str()) {
                self.warn(name, format!("names {word:?}, which is not supported: tracecontext is"));
            }
        }
        words.iter().any(|word| word == "tracecontext")
    }

    pub(super) fn sampler(&mut self) -> Sampler {
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

    pub(super) fn legacy(&mut self) -> Legacy {
        let name = "OTEL_SEMCONV_STABILITY_OPT_IN";
        let mut legacy = Legacy::default();
        for word in
            self.text(name).unwrap_or_default().to_ascii_lowercase().split(',').map(str::trim)
        {
            match word {
                "http/dup" => legacy.http = true,
                "database/dup" => legacy.database = true,
                // The stable names are there in any case.
                "http" | "database" | "" => {}
                other => {
                    self.warn(name, format!("names {other:?}, which is not known: it is ignored"));
                }
            }
        }
        legacy
    }

    pub(super) fn sdk_log_level(&mut self) -> String {
        let name = "OTEL_LOG_LEVEL";
        let given = self.given(name);
        let known = ["off", "error", "warn", "info", "debug", "trace"].map(|level| (level, level));
        self.choice(given, &known).unwrap_or("off").to_owned()
    }
}

/// Whether a pair can be sent as a header: a name of HTTP's, and visible characters.
fn is_header(pair: &str) -> bool {
    let Some((name, value)) = pair.split_once('=') else { return false };
    let name = name.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let value = percent_decode_str(value.trim()).decode_utf8();
    !name.is_empty()
        && name.chars().all(is_name)
        && value.is_ok_and(|value| value.chars().all(|c| !c.is_control()))
}

/// Whether a URL names a user, with or without a password.
fn holds_credentials(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    authority.contains(['@', '%'])
}

//! The OTLP endpoint of a signal.

use std::{fmt, time::Duration};

use percent_encoding::percent_decode_str;

use super::{
    reader::{Reader, Variable},
    signal::Signal,
};

/// A day.
pub(super) const MAX_MILLISECONDS: u64 = 86_400_000;

/// A collector that receives OTLP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OtlpEndpoint {
    /// For HTTP including the signal's path.
    pub(crate) url: String,
    pub(crate) protocol: Protocol,
    /// The time-out of one export.
    pub(crate) timeout: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Grpc,
}

/// Why a signal is not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DisabledReason {
    /// No endpoint is set: the default, without a warning.
    NoEndpoint,
    /// `OTEL_{signal}_EXPORTER` is `none`.
    ExporterIsNone,
    /// The endpoint cannot be used, as a warning says.
    UnusableEndpoint,
}

impl fmt::Display for OtlpEndpoint {
    /// The URL without its query, which may hold a key, and the protocol.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match self.protocol {
            Protocol::Http => "http/protobuf",
            Protocol::Grpc => "grpc",
        };
        let url = self.url.split('?').next().unwrap_or_default();
        write!(f, "{url} ({protocol})")
    }
}

impl OtlpEndpoint {
    pub(super) fn read(reader: &mut Reader<'_>, signal: Signal) -> Result<Self, DisabledReason> {
        let protocols = [("http/protobuf", Protocol::Http), ("grpc", Protocol::Grpc)];
        let protocol = reader.choice(reader.first(signal.otlp("PROTOCOL")), &protocols);
        let protocol = protocol.unwrap_or(Protocol::Http);
        // The exporter reads compression and headers itself, without a warning.
        reader.choice(reader.first(signal.otlp("COMPRESSION")), &[("gzip", ()), ("none", ())]);
        if let Some(headers) = reader.first(signal.otlp("HEADERS"))
            && !headers.text.split(',').all(is_header)
        {
            let reason = "is not a list as in key=value,key=value: what is not is left out";
            reader.warn(&headers.name, reason);
        }
        let timeout = reader.number(reader.first(signal.otlp("TIMEOUT")), 10_000, MAX_MILLISECONDS);
        let batch_timeout = reader.first([signal.batch("EXPORT_TIMEOUT")]);
        let batch_timeout = reader.number(batch_timeout, 30_000, MAX_MILLISECONDS);

        let names = signal.otlp("ENDPOINT");
        let variable = reader.first(names.clone()).ok_or(DisabledReason::NoEndpoint)?;
        if let Err(reason) = check(&variable.text, protocol) {
            reader.warn(&variable.name, format!("{reason}: nothing is exported"));
            return Err(DisabledReason::UnusableEndpoint);
        }
        let is_own = variable.name == names[0];
        Ok(Self {
            url: url(variable, protocol, is_own, signal),
            protocol,
            timeout: Duration::from_millis(timeout.min(batch_timeout)),
        })
    }
}

/// Whether an endpoint can be connected to; gRPC takes one without a scheme.
fn check(endpoint: &str, protocol: Protocol) -> Result<(), &'static str> {
    let scheme = endpoint.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match (scheme.as_deref(), protocol) {
        (Some("http"), _) | (None, Protocol::Grpc) if !has_credentials(endpoint) => Ok(()),
        (Some("http"), _) | (None, Protocol::Grpc) => {
            Err("holds credentials, which belong in OTEL_EXPORTER_OTLP_HEADERS")
        }
        (Some("https"), _) => {
            Err("needs TLS, which is not supported; use a collector on this host or network")
        }
        _ => Err("is not a URL as in http://localhost:4318"),
    }
}

/// The endpoint with a scheme and, for a base endpoint over HTTP, the signal's path.
fn url(endpoint: Variable, protocol: Protocol, is_own: bool, signal: Signal) -> String {
    let text = endpoint.text;
    if protocol == Protocol::Http && !is_own {
        let (base, query) = text.split_at(text.find('?').unwrap_or(text.len()));
        let path = signal.name.to_ascii_lowercase();
        return format!("{}/v1/{path}{query}", base.trim_end_matches('/'));
    }
    if text.contains("://") { text } else { format!("http://{text}") }
}

/// Whether a `key=value` pair is a valid HTTP header: a token, and a value without control characters.
fn is_header(pair: &str) -> bool {
    let Some((name, value)) = pair.split_once('=') else { return false };
    let name = name.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let value = percent_decode_str(value.trim()).decode_utf8();
    !name.is_empty()
        && name.chars().all(is_name)
        && value.is_ok_and(|value| value.chars().all(|c| !c.is_control()))
}

/// Whether a URL's authority has user information, plain or percent-encoded.
fn has_credentials(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    authority.contains(['@', '%'])
}

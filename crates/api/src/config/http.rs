//! The HTTP server: threads, time limits, shutdown, proxies and other origins.

use std::time::Duration;

use clap::Args;

use super::{
    checked::{Checked, ConfigErrors},
    values::{Count, OptionalUrl, Origins, Seconds},
};
use crate::web::{base_path::BasePath, public_url::PublicUrl};

#[derive(Args)]
#[expect(clippy::doc_markdown, rustdoc::bare_urls, reason = "help texts, not Markdown")]
pub(super) struct HttpOptions {
    /// Threads that serve requests; one per processor by default
    #[arg(long, env = "WORKERS", value_name = "COUNT", global = true)]
    workers: Option<Checked<Count<1, 512>>>,

    /// Maximum number of open connections of the application; as many as the limit of open files
    /// allows by default, and at most 4096
    #[arg(long, env = "MAX_CONNECTIONS", value_name = "COUNT", global = true)]
    max_connections: Option<Checked<Count<1, 1_000_000>>>,

    /// How long work on a request may take before it is answered 504
    #[arg(long, env = "REQUEST_TIMEOUT", value_name = "SECONDS", global = true)]
    #[arg(default_value = "10")]
    request_timeout: Checked<Seconds<1>>,

    /// How long a client may take to send a request's head, again its body, and to go on reading a
    /// response
    #[arg(long, env = "CLIENT_TIMEOUT", value_name = "SECONDS", global = true)]
    #[arg(default_value = "5")]
    client_timeout: Checked<Seconds<1000>>,

    /// How long an idle connection stays open for the next request
    #[arg(long, env = "KEEP_ALIVE", value_name = "SECONDS", global = true)]
    #[arg(default_value = "15")]
    keep_alive: Checked<Seconds<0>>,

    /// On SIGTERM, how long to keep accepting while readiness is 503, so that load balancers notice
    #[arg(long, env = "SHUTDOWN_DELAY", value_name = "SECONDS", global = true)]
    #[arg(default_value = "0")]
    shutdown_delay: Checked<Seconds<0>>,

    /// On SIGTERM, how long requests in progress may take to finish; whole seconds
    #[arg(long, env = "SHUTDOWN_TIMEOUT", value_name = "SECONDS", global = true)]
    #[arg(default_value = "30")]
    shutdown_timeout: Checked<Seconds<1000>>,

    /// Number of proxies in front of the service that append the client's address to X-Forwarded-For
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "COUNT", global = true)]
    #[arg(default_value = "0")]
    trusted_proxies: Checked<Count<0, 16>>,

    /// Address at which people reach the service, as in https://school.example: for links that are
    /// sent or shown elsewhere, and for the office's cookie, which is kept to TLS where this is https
    #[arg(long, env = "PUBLIC_URL", value_name = "URL", global = true)]
    public_url: Option<Checked<OptionalUrl>>,

    /// Path below which a proxy serves the application, as in /apply; the proxy may remove it from
    /// requests or not
    #[arg(long, env = "BASE_PATH", value_name = "PATH", global = true, default_value = "")]
    base_path: Checked<BasePath>,

    /// Origins of forms hosted elsewhere whose scripts may send registrations as JSON and read the
    /// answers, separated by commas, as in https://www.school.example
    #[arg(long, env = "ALLOWED_ORIGINS", value_name = "ORIGINS", global = true)]
    #[arg(default_value = "")]
    allowed_origins: Checked<Origins>,
}

/// The HTTP server: threads, time limits, shutdown, proxies and other origins.
#[derive(Clone, Debug)]
pub(crate) struct HttpConfig {
    pub(crate) workers: Option<u32>,
    pub(crate) max_connections: Option<u32>,
    pub(crate) request_timeout: Duration,
    pub(crate) client_timeout: Duration,
    pub(crate) keep_alive: Duration,
    pub(crate) shutdown_delay: Duration,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) trusted_proxies: u32,
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) base_path: BasePath,
    pub(crate) allowed_origins: Vec<String>,
}

impl HttpOptions {
    pub(super) fn check(self, errors: &mut ConfigErrors<'_>) -> HttpConfig {
        HttpConfig {
            workers: self.workers.map(|workers| errors.value_or_record("workers", workers).0),
            max_connections: self
                .max_connections
                .map(|count| errors.value_or_record("max_connections", count).0),
            request_timeout: errors.value_or_record("request_timeout", self.request_timeout).0,
            client_timeout: errors.value_or_record("client_timeout", self.client_timeout).0,
            keep_alive: errors.value_or_record("keep_alive", self.keep_alive).0,
            shutdown_delay: errors.value_or_record("shutdown_delay", self.shutdown_delay).0,
            shutdown_timeout: errors.value_or_record("shutdown_timeout", self.shutdown_timeout).0,
            trusted_proxies: errors.value_or_record("trusted_proxies", self.trusted_proxies).0,
            public_url: self.public_url.and_then(|url| errors.value_or_record("public_url", url).0),
            base_path: errors.value_or_record("base_path", self.base_path),
            allowed_origins: errors.value_or_record("allowed_origins", self.allowed_origins).0,
        }
    }
}

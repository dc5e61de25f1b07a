//! The office: links to operators' tools, and the first administrator.

use clap::Args;
use registration_domain::EmailAddress;

use super::{
    checked::{Checked, ConfigErrors},
    values::{OptionalEmail, OptionalUrl, TraceLink},
};
use crate::web::public_url::PublicUrl;

#[derive(Args)]
#[expect(clippy::doc_markdown, reason = "help texts, not Markdown")]
pub(super) struct DeskOptions {
    /// On start, until someone of the office has set a password, invite this person as administrator
    /// and print the link on standard error.
    #[arg(long, env = "FIRST_ADMIN", value_name = "EMAIL", global = true)]
    first_admin: Option<Checked<OptionalEmail>>,

    /// Address of Grafana, for a link at the foot of administrators' pages
    #[arg(long, env = "GRAFANA_URL", value_name = "URL", global = true)]
    grafana_url: Option<Checked<OptionalUrl>>,

    /// Address of Prometheus, for the same place
    #[arg(long, env = "PROMETHEUS_URL", value_name = "URL", global = true)]
    prometheus_url: Option<Checked<OptionalUrl>>,

    /// Address of a trace, with {trace_id} in it, for a link on a student's page
    #[arg(long, env = "TRACE_URL", value_name = "URL", global = true)]
    trace_url: Option<Checked<TraceLink>>,

    /// Address of a trace's log lines, with {trace_id} in it, for the same place
    #[arg(long, env = "LOGS_URL", value_name = "URL", global = true)]
    logs_url: Option<Checked<TraceLink>>,
}

/// The office: links to operators' tools, and the first administrator.
#[derive(Clone, Debug)]
pub(crate) struct DeskConfig {
    pub(crate) first_admin: Option<EmailAddress>,
    pub(crate) grafana_url: Option<PublicUrl>,
    pub(crate) prometheus_url: Option<PublicUrl>,
    pub(crate) trace_url: Option<String>,
    pub(crate) logs_url: Option<String>,
}

impl DeskOptions {
    pub(super) fn check(self, errors: &mut ConfigErrors<'_>) -> DeskConfig {
        DeskConfig {
            first_admin: self
                .first_admin
                .and_then(|email| errors.value_or_record("first_admin", email).0),
            grafana_url: self
                .grafana_url
                .and_then(|url| errors.value_or_record("grafana_url", url).0),
            prometheus_url: self
                .prometheus_url
                .and_then(|url| errors.value_or_record("prometheus_url", url).0),
            trace_url: self.trace_url.map(|url| errors.value_or_record("trace_url", url).0),
            logs_url: self.logs_url.map(|url| errors.value_or_record("logs_url", url).0),
        }
    }
}

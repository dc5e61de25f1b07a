//! The office's pages: a handler a file, the pages themselves in `pages`.

pub(crate) mod checklist;
pub(crate) mod edit;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod imports;
mod message;
pub(crate) mod new_student;
mod once;
pub(crate) mod operations;
mod pages;
pub(crate) mod print;
pub(crate) mod profile;
mod request;
pub(crate) mod review;
pub(crate) mod roster;
pub(crate) mod sign_in;
pub(crate) mod staff;
pub(crate) mod student;
pub(crate) mod today;
pub(crate) mod tokens;
pub(crate) mod welcome;

use std::{sync::Arc, time::Duration};

use actix_web::web::Data;
use registration_application::desk::{
    Office, checklist::Checklist, exports::Exports, imports::Imports, operations::Operations,
    sign_in::SignIn, staff::ManageStaff, students::DeskStudents, today::Today, tokens::Tokens,
};
use registration_domain::TraceId;

use self::pages::{SupportLinks, ToolLink};
pub(crate) use self::sign_in::DOOR_PAGES;
use crate::{
    config::Config,
    web::{door::Doorway, trace_links::TraceLinks},
};

/// What the handlers use.
pub(crate) struct Desk {
    pub(crate) office: Office,
    pub(crate) students: Arc<DeskStudents>,
    pub(crate) operations: Operations,
    pub(crate) checklist: Arc<Checklist>,
    pub(crate) exports: Arc<Exports>,
    pub(crate) imports: Imports,
    pub(crate) today: Today,
    pub(crate) staff: ManageStaff,
    pub(crate) sign_in: SignIn,
    pub(crate) tokens: Tokens,
    pub(crate) doorway: Data<Doorway>,
    pub(crate) body_timeout: Duration,
    pub(crate) settings: Settings,
}

/// What is configured of the pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    tools: Vec<ToolLink>,
    links: TraceLinks,
    /// Whether the cookie may go without TLS: not in production.
    allows_plain: bool,
}

impl Settings {
    /// The settings of this configuration.
    pub(crate) fn of(config: &Config) -> Self {
        let desk = &config.desk;
        let tools = [("Grafana", &desk.grafana_url), ("Prometheus", &desk.prometheus_url)];
        let tools = tools.into_iter().filter_map(|(name, url)| {
            Some(ToolLink { name: name.to_owned(), href: url.as_ref()?.to_string() })
        });
        let environment = registration_telemetry::deployment_environment();
        Self {
            tools: tools.collect(),
            links: TraceLinks::new(desk),
            allows_plain: environment.as_deref() != Some("production"),
        }
    }

    /// Where the trace of a registration and its log lines are shown.
    fn links(&self, trace_id: Option<TraceId>) -> SupportLinks {
        SupportLinks { trace: self.links.trace(trace_id), logs: self.links.logs(trace_id) }
    }
}

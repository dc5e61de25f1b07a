//! Paths for demonstrations, which are refused in production.

use clap::Args;
use registration_application::fault_injection;

use super::{
    checked::{Checked, ConfigErrors},
    values::{Bool, OptionalUrl},
};
use crate::web::public_url::PublicUrl;

#[derive(Args)]
pub(super) struct DemoOptions {
    /// Serve paths for demonstrations, such as /users and /todos; not in production
    #[arg(long, env = "DEMO_ENDPOINTS", value_name = "BOOL", global = true)]
    #[arg(num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "false", default_missing_value = "true")]
    demo_endpoints: Checked<Bool>,

    /// Address that /api/process and /api/transform call; the service itself unless set
    #[arg(long, env = "DEMO_OUTBOUND_URL", value_name = "URL", global = true)]
    demo_outbound_url: Option<Checked<OptionalUrl>>,
}

/// Paths for demonstrations.
#[derive(Clone, Debug)]
pub(crate) struct DemoConfig {
    pub(crate) is_enabled: bool,
    pub(crate) outbound_url: Option<PublicUrl>,
}

impl DemoOptions {
    pub(super) fn check(self, errors: &mut ConfigErrors<'_>) -> DemoConfig {
        let config = DemoConfig {
            is_enabled: errors.value_or_record("demo_endpoints", self.demo_endpoints).0,
            outbound_url: self
                .demo_outbound_url
                .and_then(|url| errors.value_or_record("demo_outbound_url", url).0),
        };
        if config.is_enabled {
            let environment = registration_telemetry::deployment_environment();
            if let Err(why) = fault_injection::allowed_in(environment.as_deref()) {
                errors.record("demo_endpoints", why);
            }
        }
        if config.outbound_url.as_ref().is_some_and(PublicUrl::is_https) {
            errors.record(
                "demo_outbound_url",
                "is https: the demonstration speaks http alone".to_owned(),
            );
        }
        config
    }
}

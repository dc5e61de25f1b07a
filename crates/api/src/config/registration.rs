//! Registrations: rate limits, bot check, drills.

use std::time::Duration;

use clap::Args;
use registration_application::{
    fault_injection::{self, FaultPlan},
    rate_limit::Quotas,
};

use super::{
    checked::{Checked, ConfigErrors},
    secret::{FromFile, Secret},
    values::{DEFAULT_RATE_LIMITS, RateLimit, Seconds},
};

#[derive(Args)]
#[expect(clippy::doc_markdown, reason = "help texts, not Markdown")]
pub(super) struct RegistrationOptions {
    /// How often one client (an IPv4 address, or an IPv6 /64) may send a registration, look up a
    /// student and try to sign in, how often one person or token of the office may ask, how often one
    /// e-mail address may be reported as registered, and how often one client may get that answer
    /// about any address: COUNT/SECONDS each; off turns all off
    #[arg(long, env = "RATE_LIMIT", value_name = "LIMITS", global = true)]
    #[arg(default_value = DEFAULT_RATE_LIMITS)]
    rate_limit: Checked<RateLimit>,

    /// Secret that signs form tokens, 16 random characters or more: the same for every instance behind
    /// one address; random at start unless set; the flag shows it to other users and will be removed
    #[arg(long, env = "FORM_SECRET", value_name = "TEXT", global = true, hide_env_values = true)]
    form_secret: Option<Checked<Secret>>,

    /// File that holds the secret instead of FORM_SECRET
    #[arg(long, env = "FORM_SECRET_FILE", value_name = "PATH", global = true)]
    form_secret_file: Option<Checked<FromFile<Secret>>>,

    /// Minimum time between serving a form and accepting it; sooner, the applicant is asked to submit
    /// it again
    #[arg(long, env = "MINIMUM_FILL_TIME", value_name = "SECONDS", global = true)]
    #[arg(default_value = "2")]
    minimum_fill_time: Checked<Seconds<0>>,

    /// Inject faults into a percentage of requests, for drills, as in
    /// latency=500ms@20%,error=10%,database=1%: delayed registrations, 500s, and 503s as from an
    /// unreachable database; refused unless OTEL_RESOURCE_ATTRIBUTES names the
    /// deployment.environment.name development, test or staging
    #[arg(long, env = "FAULTS", value_name = "FAULTS", global = true, default_value = "")]
    faults: Checked<FaultPlan>,
}

/// Registrations: rate limits, bot check, drills.
#[derive(Clone, Debug)]
pub(crate) struct RegistrationConfig {
    pub(crate) quotas: Quotas,
    pub(crate) form_secret: Option<Secret>,
    pub(crate) minimum_fill_time: Duration,
    pub(crate) faults: FaultPlan,
}

impl RegistrationOptions {
    pub(super) fn check(self, errors: &mut ConfigErrors<'_>) -> RegistrationConfig {
        let config = RegistrationConfig {
            quotas: errors.value_or_record("rate_limit", self.rate_limit).0,
            form_secret: errors.value_or_file(
                "form_secret",
                self.form_secret,
                self.form_secret_file,
            ),
            minimum_fill_time: errors
                .value_or_record("minimum_fill_time", self.minimum_fill_time)
                .0,
            faults: errors.value_or_record("faults", self.faults),
        };
        if config.faults.any() {
            let environment = registration_telemetry::deployment_environment();
            if let Err(why) = fault_injection::allowed_in(environment.as_deref()) {
                errors.record("faults", why);
            }
        }
        config
    }
}

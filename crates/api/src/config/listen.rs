//! The listeners and what they serve.

use clap::Args;

use super::{
    checked::{Checked, ConfigErrors},
    values::{Address, Bool, OptionalAddress},
};

#[derive(Args)]
pub(super) struct ListenOptions {
    /// Address of the application: form, API, health
    #[arg(long, env = "LISTEN_ADDR", value_name = "HOST:PORT", global = true)]
    #[arg(default_value = "127.0.0.1:5000")]
    listen: Checked<Address>,

    /// Address of the admin listener: metrics, health, version; empty turns it off
    #[arg(long, env = "ADMIN_LISTEN_ADDR", value_name = "HOST:PORT", global = true)]
    #[arg(default_value = "127.0.0.1:8000")]
    admin_listen: Checked<OptionalAddress>,

    /// Serve /metrics on the admin listener only
    #[arg(long, env = "NO_PUBLIC_METRICS", value_name = "BOOL", global = true)]
    #[arg(num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "false", default_missing_value = "true")]
    no_public_metrics: Checked<Bool>,
}

/// The listeners and what they serve.
#[derive(Clone, Debug)]
pub(crate) struct ListenConfig {
    pub(crate) application: Address,
    pub(crate) admin: Option<Address>,
    /// Whether the application serves `/metrics`.
    pub(crate) public_metrics: bool,
}

impl ListenOptions {
    pub(super) fn check(self, errors: &mut ConfigErrors<'_>) -> ListenConfig {
        let Self { listen, admin_listen, no_public_metrics } = self;
        ListenConfig {
            application: errors.value_or_record("listen", listen),
            admin: errors.value_or_record("admin_listen", admin_listen).0,
            public_metrics: !errors.value_or_record("no_public_metrics", no_public_metrics).0,
        }
    }
}

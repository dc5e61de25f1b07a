//! Paths for demonstrations of traces (`DEMO_ENDPOINTS`): other names of the office's API, nested spans,
//! errors, and a chain of calls.

pub(crate) mod aliases;
pub(crate) mod chain;
pub(crate) mod operations;

use registration_application::desk::Office;

use crate::web::public_url::PublicUrl;

/// What the handlers use.
pub(crate) struct Demo {
    pub(crate) office: Office,
    /// What the chain calls; the service itself where there is none.
    pub(crate) outbound: Option<PublicUrl>,
    pub(crate) client: reqwest::Client,
}

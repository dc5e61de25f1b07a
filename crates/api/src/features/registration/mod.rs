//! The form and the registration: `GET /` and `POST /register`.

mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod handler;
mod home;
mod key;
pub(crate) mod metrics;
mod page;
mod request;
mod response;

use std::{net::IpAddr, sync::Arc, time::Duration};

use actix_web::HttpRequest;
use registration_application::{
    desk::failures::FailureCounter,
    rate_limit::RateLimits,
    register::{FormSecret, RegisterStudent},
};

pub(crate) use self::{handler::post, home::home};
use crate::{
    clock,
    web::{
        client_address::{self, TrustedProxies},
        problem::Problem,
    },
};

/// What the handlers use.
pub(crate) struct Registration {
    pub(crate) register: RegisterStudent,
    pub(crate) limits: Arc<RateLimits>,
    pub(crate) trusted_proxies: TrustedProxies,
    /// How long a client may take to send a body.
    pub(crate) body_timeout: Duration,
    pub(crate) form: FormSettings,
    pub(crate) failures: FailureCounter,
    /// The service's name in `GET /` as JSON.
    pub(crate) service_name: String,
}

/// What the form is rendered with.
#[derive(Clone)]
pub(crate) struct FormSettings {
    pub(crate) secret: FormSecret,
    pub(crate) minimum_fill_time: Duration,
    /// Whether the page sends spans.
    pub(crate) browser_telemetry: bool,
}

impl Registration {
    fn client_address(&self, request: &HttpRequest) -> Option<IpAddr> {
        client_address::address(request.head(), self.trusted_proxies)
    }
}

impl FormSettings {
    /// A token for a form issued now.
    fn issue_token(&self) -> Result<String, Problem> {
        let random = clock::random().map_err(Problem::unexpected)?;
        Ok(self.secret.issue(clock::now(), random))
    }
}

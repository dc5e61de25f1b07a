//! The wiring: from a configuration and stores to what each feature and middleware uses.

use std::{
    io,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use actix_web::web::{Data, ServiceConfig};
use registration_application::{
    desk::failures::FailureCounter,
    fault_injection::FaultInjector,
    rate_limit::RateLimits,
    readiness::ReadinessCache,
    register::{FormSecret, IdempotencyLocks, RegisterStudent},
    students::FindStudent,
};
use registration_domain::{Readiness, RegistrationStore, StudentRepository};
use registration_telemetry::{Guard, MetricsHandle};
use reqwest::redirect::Policy;

use crate::{
    clock,
    config::Config,
    features::{
        browser_telemetry::BrowserTelemetry,
        demo::Demo,
        health::Health,
        registration::{FormSettings, Registration},
        students::Students,
    },
    office::{DeskStores, OfficeWiring},
    routes,
    web::{client_address::TrustedProxies, middleware::root_span::RootSpanSettings},
};

/// The implementations of the domain's ports that the service runs on.
pub struct Stores {
    /// Stores registrations.
    pub registrations: Arc<dyn RegistrationStore>,
    /// Finds students.
    pub students: Arc<dyn StudentRepository>,
    /// Reports whether the store can serve.
    pub readiness: Arc<dyn Readiness>,
    /// What the office works on; without it, the office's pages and API are not served.
    pub desk: Option<DeskStores>,
}

/// Everything that requests share. Handlers and middleware see their own part alone.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) registrations: Arc<dyn RegistrationStore>,
    pub(crate) readiness: Arc<dyn Readiness>,
    pub(crate) limits: Arc<RateLimits>,
    pub(crate) shutting_down: Arc<AtomicBool>,
    pub(crate) office: Option<OfficeWiring>,
    pub(crate) demo: Option<Data<Demo>>,
    registration: Data<Registration>,
    students: Data<Students>,
    browser_telemetry: Data<BrowserTelemetry>,
    health: Data<Health>,
    metrics: Data<MetricsHandle>,
    root_spans: Data<RootSpanSettings>,
}

impl AppState {
    /// Wires the features.
    ///
    /// # Errors
    ///
    /// The operating system has no random bytes, or cannot start a thread.
    pub(crate) fn new(config: &Config, stores: Stores, telemetry: &Guard) -> io::Result<Self> {
        let Stores { registrations, students, readiness, desk } = stores;
        let faults = config.registration.faults;
        let registrations: Arc<dyn RegistrationStore> = if faults.any() {
            Arc::new(FaultInjector::new(registrations, faults))
        } else {
            registrations
        };
        let limits = Arc::new(RateLimits::new(config.registration.quotas));
        let trusted_proxies = TrustedProxies(config.http.trusted_proxies);
        let (body_timeout, timeout) = (config.http.client_timeout, config.http.request_timeout);
        let service_name = telemetry.service_name().to_owned();
        let shutting_down = Arc::new(AtomicBool::new(false));
        let secret = match &config.registration.form_secret {
            Some(secret) => FormSecret::new(secret.as_bytes()),
            None => FormSecret::new(&clock::random::<32>().map_err(io::Error::other)?),
        };
        let minimum_fill_time = config.registration.minimum_fill_time;
        let register = RegisterStudent {
            store: Arc::clone(&registrations),
            locks: Arc::new(IdempotencyLocks::default()),
            limits: Arc::clone(&limits),
            form_secret: secret.clone(),
            minimum_fill_time,
            timeout,
        };
        let form =
            FormSettings { secret, minimum_fill_time, browser_telemetry: config.telemetry.browser };
        let failures = FailureCounter::default();
        let office = desk.map(|desk| OfficeWiring::new(config, desk, &limits, failures.clone()));
        let office = office.transpose()?;
        let demo = office.as_ref().filter(|_| config.demo.is_enabled).map(|office| {
            let client =
                reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(timeout);
            let outbound = config.demo.outbound_url.clone();
            let client = client.build().map_err(io::Error::other)?;
            Ok::<_, io::Error>(Data::new(Demo { office: office.office(), outbound, client }))
        });
        let demo = demo.transpose()?;
        Ok(Self {
            office,
            demo,
            registration: Data::new(Registration {
                register,
                limits: Arc::clone(&limits),
                trusted_proxies,
                body_timeout,
                form,
                failures,
                service_name: service_name.clone(),
            }),
            students: Data::new(Students {
                find: FindStudent { students, timeout },
                limits: Arc::clone(&limits),
                trusted_proxies,
            }),
            browser_telemetry: Data::new(BrowserTelemetry {
                is_enabled: config.telemetry.browser,
                limits: Arc::clone(&limits),
                trusted_proxies,
                body_timeout,
                relay: telemetry.relay(),
            }),
            health: Data::new(Health {
                // The pool bounds the wait for a connection; a query may take longer.
                store: ReadinessCache::new(
                    Arc::clone(&readiness),
                    config.database.pool_timeout + Duration::from_secs(1),
                ),
                shutting_down: Arc::clone(&shutting_down),
                started: Instant::now(),
                service_name,
            }),
            metrics: Data::new(telemetry.metrics()),
            root_spans: Data::new(RootSpanSettings {
                untraced: routes::paths_where(|route| !route.is_traced),
                exports_traces: telemetry.exports_traces(),
                trusted_proxies,
            }),
            registrations,
            readiness,
            limits,
            shutting_down,
        })
    }

    /// Gives each feature of the application's listener its part.
    pub(crate) fn provide(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.registration.clone())
            .app_data(self.students.clone())
            .app_data(self.browser_telemetry.clone())
            .app_data(self.root_spans.clone());
        if let Some(office) = &self.office {
            office.provide(config);
        }
        if let Some(demo) = &self.demo {
            config.app_data(demo.clone());
        }
        self.provide_probes(config);
    }

    /// Gives the features of the admin listener their part.
    pub(crate) fn provide_probes(&self, config: &mut ServiceConfig) {
        config.app_data(self.health.clone()).app_data(self.metrics.clone());
    }
}

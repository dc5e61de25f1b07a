//! What the service does over HTTP, one folder a feature. A feature imports `web`, `i18n` and the
//! layers below, never another feature.

pub(crate) mod assets;
pub(crate) mod browser_telemetry;
pub(crate) mod demo;
pub(crate) mod desk;
pub(crate) mod health;
pub(crate) mod registration;
pub(crate) mod staff_api;
pub(crate) mod students;

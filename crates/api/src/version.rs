//! What this program was built from.

/// The package's version.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The git revision, or `unknown`.
pub(crate) const REVISION: &str = env!("GIT_REVISION");
/// The compiler.
pub(crate) const RUSTC: &str = env!("RUSTC_VERSION");
/// What `--version` prints behind the name.
pub(crate) const LONG: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("GIT_REVISION"),
    ", ",
    env!("RUSTC_VERSION"),
    ")"
);

/// Sets the metric that says what is running.
pub(crate) fn record() {
    let labels = [("version", VERSION), ("revision", REVISION), ("rustc", RUSTC)];
    metrics::gauge!("build_info", &labels).set(1);
}

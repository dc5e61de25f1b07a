//! Progress, on standard error.

/// Prints a step.
pub(crate) fn progress(step: &str) {
    eprintln!("bench: {step}");
}

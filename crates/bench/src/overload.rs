//! Ten times the clients that saturate the service, each retrying at once: refusals must not slow the
//! registrations that are accepted.

use crate::{
    options::ReportOptions,
    progress::progress,
    rounds::{MAIN, once},
    sample::Samples,
    subject::SHORT_QUEUE,
};

/// [`MAIN`] saturates the service.
pub(crate) const OVERLOAD: u32 = 10 * MAIN;

/// The service at [`MAIN`] and at [`OVERLOAD`] connections, one sample of both per round.
pub(crate) struct Overload {
    pub(crate) busy: Samples,
    pub(crate) overloaded: Samples,
}

impl Overload {
    pub(crate) fn measure(options: &ReportOptions) -> Self {
        let (mut busy, mut overloaded) = (Samples::default(), Samples::default());
        for round in 1..=options.rounds {
            progress(&format!("round {round} of {}: overload", options.rounds));
            busy.0.push(once(SHORT_QUEUE, MAIN, options.seconds_each));
            overloaded.0.push(once(SHORT_QUEUE, OVERLOAD, options.seconds_each));
        }
        Self { busy, overloaded }
    }
}

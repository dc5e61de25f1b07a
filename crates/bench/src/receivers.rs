//! Full telemetry to receivers that fail: they must not slow registrations or fill the memory.

use crate::{
    options::ReportOptions,
    progress::progress,
    rounds::{MAIN, once},
    sample::Samples,
    subject::{FAILING_RECEIVERS, Subject},
};

/// Each failing receiver, one sample per round.
pub(crate) struct Receivers(pub(crate) Vec<(Subject, Samples)>);

impl Receivers {
    pub(crate) fn measure(options: &ReportOptions) -> Self {
        let mut cases = FAILING_RECEIVERS.map(|subject| (subject, Samples::default()));
        for round in 1..=options.rounds {
            for (subject, samples) in &mut cases {
                progress(&format!("round {round} of {}: {}", options.rounds, subject.name));
                samples.0.push(once(*subject, MAIN, options.seconds_each));
            }
        }
        Self(cases.into())
    }
}

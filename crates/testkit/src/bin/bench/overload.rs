//! Ten times as many clients as keep the service busy, all at once and again without a pause: what
//! it refuses must not keep it from its work.

use crate::{
    arguments::Arguments,
    rounds::{MAIN, once},
    sample::Samples,
    say,
    subject::SHORT_QUEUE,
};

/// Of [`MAIN`], which keep it busy.
pub(crate) const OVERLOAD: u32 = 10 * MAIN;

/// The same service with as many clients as keep it busy and with ten times as many, one sample a
/// round.
pub(crate) struct Overload {
    pub(crate) busy: Samples,
    pub(crate) overloaded: Samples,
}

impl Overload {
    pub(crate) fn run(arguments: &Arguments) -> Self {
        let (mut busy, mut overloaded) = (Samples::default(), Samples::default());
        for round in 1..=arguments.rounds {
            say(&format!("round {round} of {}: overload", arguments.rounds));
            busy.0.push(once(SHORT_QUEUE, MAIN, arguments.seconds_each));
            overloaded.0.push(once(SHORT_QUEUE, OVERLOAD, arguments.seconds_each));
        }
        Self { busy, overloaded }
    }
}

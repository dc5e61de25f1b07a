//! One request at a time, with nobody beside it: the shared commit must not keep it waiting.

use registration_testkit::{Backend, TestDatabase};

use crate::{
    running::Running,
    sample::Samples,
    say,
    subject::{COMMIT_EACH, MARIADB},
};

/// How often each of the two is measured, in turn, and for how many seconds.
const TURNS: u32 = 5;
const SECONDS: f64 = 2.0;

/// With the shared commit and with a commit each, one of both a turn.
pub(crate) struct Idle {
    pub(crate) shared: Samples,
    pub(crate) each: Samples,
}

impl Idle {
    pub(crate) fn run() -> Self {
        let databases = [TestDatabase::new(Backend::Mysql), TestDatabase::new(Backend::Mysql)];
        let mut shared = Running::start(MARIADB, &databases[0]);
        let mut each = Running::start(COMMIT_EACH, &databases[1]);
        let mut idle = Self { shared: Samples::default(), each: Samples::default() };
        shared.warm_up(1);
        each.warm_up(1);
        for turn in 1..=TURNS {
            say(&format!("one request at a time: {turn} of {TURNS}"));
            idle.shared.0.push(shared.measure(1, SECONDS));
            idle.each.0.push(each.measure(1, SECONDS));
        }
        shared.stop();
        each.stop();
        idle
    }
}

//! One request at a time: the shared commit must not delay a request that is alone.

use registration_testkit::{Backend, TestDatabase};

use crate::{
    progress::progress,
    running::Running,
    sample::Samples,
    subject::{COMMIT_EACH, MARIADB},
};

/// Both are measured in turn, this number of times and seconds.
const TURNS: u32 = 5;
const SECONDS: f64 = 2.0;

/// With shared commits and with a commit each, one sample of both per turn.
pub(crate) struct Sequential {
    pub(crate) shared: Samples,
    pub(crate) each: Samples,
}

impl Sequential {
    pub(crate) fn measure() -> Self {
        let databases = [TestDatabase::new(Backend::Mysql), TestDatabase::new(Backend::Mysql)];
        let mut shared = Running::start(MARIADB, &databases[0]);
        let mut each = Running::start(COMMIT_EACH, &databases[1]);
        let mut result = Self { shared: Samples::default(), each: Samples::default() };
        shared.warm_up(1);
        each.warm_up(1);
        for turn in 1..=TURNS {
            progress(&format!("one request at a time: {turn} of {TURNS}"));
            result.shared.0.push(shared.measure(1, SECONDS));
            result.each.0.push(each.measure(1, SECONDS));
        }
        shared.stop();
        each.stop();
        result
    }
}

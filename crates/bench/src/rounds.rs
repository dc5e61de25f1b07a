//! The rounds: each measures everything once, in turn, so that a slow change of the machine affects
//! all figures.

use registration_testkit::{Backend, TestDatabase};

use crate::{
    limits::{LIMITS, Limit},
    options::ReportOptions,
    progress::progress,
    running::Running,
    sample::{Sample, Samples, median},
    subject::{ALL, EVERYWHERE, Subject},
};

/// The number of connections at which everything is measured.
pub(crate) const MAIN: u32 = 64;

/// A subject at a number of connections, one sample per round.
pub(crate) struct Case {
    pub(crate) subject: Subject,
    pub(crate) connections: u32,
    pub(crate) samples: Samples,
}

/// The result of all rounds.
pub(crate) struct Rounds {
    pub(crate) cases: Vec<Case>,
    /// Rows per second of the database alone, one per round.
    pub(crate) limits: Vec<(Limit, Vec<f64>)>,
}

impl Rounds {
    pub(crate) fn measure(options: &ReportOptions) -> Self {
        let (mut cases, seconds) = (cases(options), options.seconds_each);
        let mut limits = LIMITS.map(|limit| (limit, Vec::new())).to_vec();
        for round in 0..options.rounds {
            // Each measurement inherits caches and pending writes from the one before: each round
            // begins with another.
            let first = round as usize * cases.len() / options.rounds as usize;
            for index in 0..cases.len() {
                let index = (first + index) % cases.len();
                let Case { subject, connections, samples } = &mut cases[index];
                let place = format!("round {} of {}", round + 1, options.rounds);
                progress(&format!("{place}: {}, {connections} connections", subject.name));
                samples.0.push(once(*subject, *connections, seconds));
            }
            for (limit, rates) in &mut limits {
                progress(&format!("round {} of {}: {limit}", round + 1, options.rounds));
                rates.push(limit.measure(seconds));
            }
        }
        Self { cases, limits }
    }

    pub(crate) fn of(&self, subject: Subject, connections: u32) -> &Samples {
        let mut cases = self.cases.iter();
        let is_it = |case: &&Case| case.subject == subject && case.connections == connections;
        &cases.find(is_it).expect("everything is measured at MAIN").samples
    }

    /// The fastest way to write this number of rows per transaction.
    pub(crate) fn limit(&self, rows_per_transaction: u64) -> &[f64] {
        let ways = self.limits.iter();
        let ways = ways.filter(|(limit, _)| limit.rows_per_transaction == rows_per_transaction);
        let best = ways.max_by(|(_, a), (_, b)| median(a).total_cmp(&median(b)));
        &best.expect("there are ways for 1 and for 100").1
    }
}

fn cases(options: &ReportOptions) -> Vec<Case> {
    let mut connections = options.connections.clone();
    connections.push(MAIN);
    connections.sort_unstable();
    connections.dedup();
    let case = |subject, connections| Case { subject, connections, samples: Samples::default() };
    let subjects = |connections| if connections == MAIN { &ALL[..] } else { &EVERYWHERE[..] };
    let cases = |connections| subjects(connections).iter().map(move |one| case(*one, connections));
    connections.into_iter().flat_map(cases).collect()
}

/// One measurement, by a new process on a new database.
pub(crate) fn once(subject: Subject, connections: u32, seconds: f64) -> Sample {
    let database = TestDatabase::new(subject.backend.unwrap_or(Backend::Sqlite));
    let mut running = Running::start(subject, &database);
    running.warm_up(connections);
    let sample = running.measure(connections, seconds);
    running.stop();
    sample
}

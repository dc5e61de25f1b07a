//! The rounds: everything once in each, in turn, so that what changes on the machine meanwhile
//! changes all of it.

use registration_testkit::{Backend, TestDatabase};

use crate::{
    arguments::Arguments,
    limits::{LIMITS, Limit},
    running::Running,
    sample::{Sample, Samples, median},
    say,
    subject::{ALL, EVERYWHERE, Subject},
};

/// Connections at which everything is measured.
pub(crate) const MAIN: u32 = 64;

/// A subject at so many connections, and what was measured, one sample a round.
pub(crate) struct Case {
    pub(crate) subject: Subject,
    pub(crate) connections: u32,
    pub(crate) samples: Samples,
}

/// What the rounds have measured.
pub(crate) struct Rounds {
    pub(crate) cases: Vec<Case>,
    /// The database alone: rows a second, one a round.
    pub(crate) limits: Vec<(Limit, Vec<f64>)>,
}

impl Rounds {
    pub(crate) fn run(arguments: &Arguments) -> Self {
        let (mut cases, seconds) = (cases(arguments), arguments.seconds_each);
        let mut limits = LIMITS.map(|limit| (limit, Vec::new())).to_vec();
        for round in 0..arguments.rounds {
            // Whoever comes after another has what that one left on the disk and in the caches:
            // each round begins elsewhere.
            let first = round as usize * cases.len() / arguments.rounds as usize;
            for index in 0..cases.len() {
                let index = (first + index) % cases.len();
                let Case { subject, connections, samples } = &mut cases[index];
                let place = format!("round {} of {}", round + 1, arguments.rounds);
                say(&format!("{place}: {}, {connections} connections", subject.name));
                samples.0.push(once(*subject, *connections, seconds));
            }
            for (limit, rates) in &mut limits {
                say(&format!("round {} of {}: {limit}", round + 1, arguments.rounds));
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

    /// The better of those ways that write so many rows a transaction.
    pub(crate) fn limit(&self, rows_per_transaction: u32) -> &[f64] {
        let ways = self.limits.iter();
        let ways = ways.filter(|(limit, _)| limit.rows_per_transaction == rows_per_transaction);
        let best = ways.max_by(|(_, a), (_, b)| median(a).total_cmp(&median(b)));
        &best.expect("there are ways for 1 and for 100").1
    }
}

fn cases(arguments: &Arguments) -> Vec<Case> {
    let mut connections = arguments.connections.clone();
    connections.push(MAIN);
    connections.sort_unstable();
    connections.dedup();
    let case = |subject, connections| Case { subject, connections, samples: Samples::default() };
    let subjects = |connections| if connections == MAIN { &ALL[..] } else { &EVERYWHERE[..] };
    let cases = |connections| subjects(connections).iter().map(move |one| case(*one, connections));
    connections.into_iter().flat_map(cases).collect()
}

/// One measurement, by a process and on a database that are new.
pub(crate) fn once(subject: Subject, connections: u32, seconds: f64) -> Sample {
    let database = TestDatabase::new(subject.backend.unwrap_or(Backend::Sqlite));
    let mut running = Running::start(subject, &database);
    running.warm_up(connections);
    let sample = running.measure(connections, seconds);
    running.stop();
    sample
}

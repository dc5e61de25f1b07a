//! Two builds of the service in alternated pairs: before and after, after and before, and so on. Both
//! of a pair run within seconds of each other, so that their ratio is free of slow changes of the
//! machine.

use std::{fmt, path::Path};

use registration_testkit::{Backend, TestDatabase};

use crate::{
    machine::Machine,
    options::PairsOptions,
    process::{absolute, sibling},
    progress::progress,
    ratio::Ratios,
    rounds::MAIN,
    running::Running,
    sample::{Sample, Samples},
    subject::{MARIADB, MARIADB_FULL, Subject},
};

/// A configuration of both builds, one sample of each per pair.
struct Case {
    subject: Subject,
    before: Samples,
    after: Samples,
}

/// The result of all pairs.
pub(crate) struct Pairs {
    machine: Machine,
    seconds_each: f64,
    cases: Vec<Case>,
}

impl Pairs {
    pub(crate) fn measure(options: &PairsOptions) -> Self {
        let before = absolute(&options.before);
        let after = absolute(options.after.as_deref().unwrap_or(&sibling("student-registration")));
        let machine = Machine::examine();
        let empty = Samples::default;
        let case = |subject| Case { subject, before: empty(), after: empty() };
        let mut cases: Vec<_> = [MARIADB, MARIADB_FULL].into_iter().map(case).collect();
        for pair in 0..options.pairs {
            for Case { subject, before: before_samples, after: after_samples } in &mut cases {
                progress(&format!("pair {} of {}: {}", pair + 1, options.pairs, subject.name));
                let mut builds = [(&before, before_samples), (&after, after_samples)];
                if pair % 2 == 1 {
                    builds.reverse();
                }
                for (program, samples) in builds {
                    samples.0.push(once(program, *subject, options.seconds_each));
                }
            }
        }
        Self { machine, seconds_each: options.seconds_each, cases }
    }
}

/// One measurement, by a new process on a new database.
fn once(program: &Path, subject: Subject, seconds: f64) -> Sample {
    let database = TestDatabase::new(Backend::Mysql);
    let mut running = Running::start_program(program, subject, &database);
    running.warm_up(MAIN);
    let sample = running.measure(MAIN, seconds);
    running.stop();
    sample
}

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine, seconds_each, cases } = self;
        let pairs = cases[0].before.0.len();
        writeln!(f, "{machine}")?;
        writeln!(f, "{MAIN} connections, {pairs} pairs, {seconds_each} s each. Medians.\n")?;
        writeln!(
            f,
            "| | registrations/s, after ÷ before | pairs | before | after | CPU µs each, before \
             | after | the server's, before | after | errors, before | after | dropped, before | after |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
        )?;
        cases.iter().try_for_each(|case| write!(f, "{case}"))
    }
}

/// A row of the table.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, before, after } = self;
        write!(f, "| {} | {} ", subject.name, Ratios::new(&after.rates(), &before.rates()))?;
        let medians =
            [|one: &Sample| one.rate, |one: &Sample| one.cpu, |one: &Sample| one.server_cpu];
        for value in medians {
            write!(f, "| {:.0} | {:.0} ", before.median(value), after.median(value))?;
        }
        for value in [|sample: &Sample| sample.errors, |sample: &Sample| sample.dropped] {
            write!(f, "| {:.0} | {:.0} ", before.sum(value), after.sum(value))?;
        }
        writeln!(f, "|")
    }
}

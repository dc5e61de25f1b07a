//! Histories: clients register while a seeded nemesis kills, freezes and cuts; afterwards everything
//! they were answered is compared with what is stored.
//!
//! A seed gives the choices, not the schedule of threads: a violation may need several runs to appear
//! again. `make history SEEDS=7-7 SECONDS=10` runs one seed for longer.
//!
//! - `client.rs`: what is sent, and what is sent again.
//! - `nemesis.rs`: the faults.
//! - `operation.rs`, `table.rs`: what is recorded, and what is stored.
//! - `checker.rs`: the rules, each with a case in `checker_cases.rs`.
//! - `kill_run.rs`: many registrations through many kills, `make kill-run`.
#![expect(clippy::print_stdout, reason = "the summaries of make history and make kill-run")]

mod checker;
mod checker_cases;
mod client;
mod connection;
mod kill_run;
mod nemesis;
mod operation;
mod random;
mod run;
mod table;

use std::{ops::RangeInclusive, thread, time::Duration};

use libtest_mimic::Trial;
use registration_testkit::{DatabaseServer, TestDatabase, WireProxy, mariadb_trial};

use self::{client::Client, nemesis::Nemesis, run::Run};
use crate::support::builder;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![
        mariadb_trial("histories_of_one_instance_are_consistent", || check_seeds(1)),
        mariadb_trial("histories_of_two_instances_are_consistent", || check_seeds(2)),
    ];
    trials.extend(checker_cases::trials());
    trials.extend(kill_run::trials());
    trials
}

const CLIENTS: usize = 12;

/// `HISTORY_SEEDS`: a number of seeds, or the first and the last.
fn seeds() -> RangeInclusive<u64> {
    let text = variable("HISTORY_SEEDS").unwrap_or_else(|| "3".to_owned());
    let (first, last) = text.split_once('-').unwrap_or(("1", &text));
    first.parse().unwrap()..=last.parse().unwrap()
}

/// `HISTORY_SECONDS`: for how long each seed strikes.
fn duration() -> Duration {
    let seconds = variable("HISTORY_SECONDS").unwrap_or_else(|| "3".to_owned());
    Duration::from_secs_f64(seconds.parse().unwrap())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the parameters of targets that make test leaves out"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn check_seeds(instances: usize) {
    let mut server = DatabaseServer::start();
    let (mut operations, mut failures) = (0, Vec::new());
    let seeds = seeds();
    for seed in seeds.clone() {
        let (count, violations) = check(&mut server, instances, seed);
        operations += count;
        failures.extend(violations);
    }
    let violations = failures.len();
    println!(
        "{instances} instance(s), seeds {seeds:?}: {operations} operations, {violations} violations"
    );
    assert!(failures.is_empty(), "{}", failures[..failures.len().min(5)].join("\n"));
}

/// Runs one history. Returns the number of operations, and what is wrong with it.
fn check(server: &mut DatabaseServer, instances: usize, seed: u64) -> (usize, Vec<String>) {
    let database = TestDatabase::on(server);
    // A request never outlasts a patient client, and an outage is soon over.
    let wire = WireProxy::start(&database);
    let service = || {
        let service = builder(&database).env("DATABASE_URL", &wire.url(&database));
        let service = service.env("DATABASE_STATEMENT_TIMEOUT", "2");
        service.env("DATABASE_POOL_TIMEOUT", "0.3").env("REQUEST_TIMEOUT", "0.5")
    };
    let run = Run::new(instances, CLIENTS);
    let nemesis = Nemesis::start(&run, server, &wire, &service, seed);
    let (services, faults) = thread::scope(|scope| {
        for number in 0..CLIENTS {
            let client = Client::new(&run, number, seed);
            scope.spawn(|| client.work());
        }
        let struck = nemesis.strike_for(duration());
        run.end();
        struck
    });
    drop(services);
    let history = run.into_history();
    let violations = checker::violations(&history, &table::read(&database, &history));
    let context = |violation| {
        let faults = faults.join("\n  ");
        format!("seed {seed}, {instances} instance(s): {violation}faults:\n  {faults}")
    };
    (history.len(), violations.into_iter().map(context).collect())
}

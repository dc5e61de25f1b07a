//! Load generator: sends registrations to a running service and measures its answers.
//!
//! The program `registration-load` is [`run`] with [`Options`] from the command line; benchmarks and
//! tests call [`run`] and read the [`Report`]. It shares the processor with what it measures.
//!
//! - `options.rs`: the command line; `mix.rs`: kinds of requests and their shares.
//! - `schedule.rs`: when each request is due; `planned_request.rs`: which applicant it registers.
//! - `worker.rs`, `client.rs`: one connection, its requests and answers.
//! - `counters.rs`, `report.rs`: what is counted, and the result.
//!
//! To add a kind of request, add a variant to `mix::RequestKind` and its body in `worker.rs`. A new
//! field of a registration is a field of [`registration_applicants::Applicant`].

mod client;
mod counters;
mod mix;
mod options;
mod planned_request;
mod report;
mod schedule;
mod worker;

use std::{
    error::Error,
    sync::{Arc, Mutex},
};

use tokio::{runtime, task::JoinSet};

use crate::{client::Client, counters::Counters, schedule::Schedule, worker::Run};
pub use crate::{
    counters::KindCount,
    mix::RequestKind,
    options::Options,
    report::{Latency, Report},
};

type Failed = Box<dyn Error>;

/// Sends until the stop condition of `options` is met or `interrupt` completes. A request in flight
/// at the interrupt is not counted.
///
/// # Errors
///
/// If the first connection cannot be opened.
pub fn run(options: &Options, interrupt: impl Future<Output = ()>) -> Result<Report, Failed> {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(send(options, interrupt))
}

async fn send(options: &Options, interrupt: impl Future<Output = ()>) -> Result<Report, Failed> {
    let target = options.target()?;
    let mut first = Client::new(target.clone());
    let unreachable = |error| format!("cannot reach {}: {error}", options.host());
    first.connect().await.map_err(unreachable)?;
    let run = Arc::new(Run {
        schedule: Schedule::new(options.interval(), options.stop_condition()),
        mix: options.mix.clone(),
        series: unique_series(),
        counters: Mutex::new(Counters::new()?),
    });
    let mut running = JoinSet::new();
    for _ in 1..options.workers() {
        running.spawn(Arc::clone(&run).work(Client::new(target.clone())));
    }
    running.spawn(Arc::clone(&run).work(first));
    tokio::pin!(interrupt);
    loop {
        tokio::select! {
            () = &mut interrupt => break running.shutdown().await,
            ended = running.join_next() => match ended {
                Some(worker) => worker?,
                None => break,
            },
        }
    }
    let seconds = run.schedule.begun.elapsed().as_secs_f64();
    Ok(Report::new(options, &run.series, seconds, &run.counters()))
}

/// Part of each address: unique to the run by time and process.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the time of day")]
fn unique_series() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!("{:x}-{:x}", now.unwrap_or_default().as_micros(), std::process::id())
}
